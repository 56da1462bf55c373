//===- OneDnn.h - What the kernels need of oneDNN -------------*- C++ -*-===//
//
// Primitives are made when a command is prepared, with scratchpad memory given
// by the caller, so that running one allocates nothing of ours. oneDNN's
// exceptions are caught where it is called.
//
//===----------------------------------------------------------------------===//
#ifndef HYBRIDC_KERNELS_ONEDNN_H
#define HYBRIDC_KERNELS_ONEDNN_H

#include "hybridc/Kernels/Common.h"

#include <dnnl.hpp>

namespace hybridc::exec {

const dnnl::engine &dnnlEngine();

/// One primitive with its memory objects, whose addresses are set before each
/// execution.
class DnnlPrimitive {
public:
  DnnlPrimitive() = default;
  /// Throws dnnl::error.
  DnnlPrimitive(const dnnl::primitive_desc_base &desc, dnnl::primitive made,
                std::vector<std::pair<int, dnnl::memory::desc>> args);

  size_t scratchBytes() const { return scratchpad; }
  /// `addresses`: one for each argument of the constructor, in its order.
  Status execute(const void *const *addresses, std::byte *scratch);
  explicit operator bool() const { return !args.empty(); }

private:
  dnnl::primitive primitive;
  std::vector<dnnl::memory> memories;
  std::vector<dnnl_exec_arg_t> args;
  size_t scratchpad = 0;
};

/// Attributes with caller-given scratchpad; `accumulate` adds onto the result.
dnnl::primitive_attr dnnlAttr(bool accumulate);

/// Copies a view of any strides into dense memory of f32 (from f16 and bf16)
/// or of its own type; and back.
class Packer {
public:
  Packer() = default;
  /// `order`: dimensions of the dense form, outermost first; empty = as is.
  Packer(const View &view, unsigned threads, bool widen,
         std::vector<size_t> order = {});
  size_t bytes() const { return denseBytes; }
  void pack(const std::byte *view, std::byte *dense) const;
  void unpack(const std::byte *dense, std::byte *view) const;

private:
  Nest nest;
  DType type = DType::F32;
  bool widen = false;
  size_t denseBytes = 0;
  unsigned threads = 1;
  std::shared_ptr<Kernel> in, out; // when no type changes
};

/// Whether oneDNN's int8 products are exact here: with VNNI or AMX, not with
/// the saturating 16-bit steps of older machines.
bool dnnlInt8IsExact();

} // namespace hybridc::exec

#endif // HYBRIDC_KERNELS_ONEDNN_H
