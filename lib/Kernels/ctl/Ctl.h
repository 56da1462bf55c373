//===- Ctl.h - What the control core's kernels share ----------*- C++ -*-===//
//
// Kernels whose access pattern depends on data or on long attribute lists.
// They are written for any strides: an accessor computes the address of each
// row, the innermost loops are typed.
//
//===----------------------------------------------------------------------===//
#ifndef HYBRIDC_LIB_KERNELS_CTL_CTL_H
#define HYBRIDC_LIB_KERNELS_CTL_CTL_H

#include "hybridc/Kernels/Common.h"
#include "hybridc/Kernels/KernelTable.h"

namespace hybridc::exec::ctl {

// One per file: adds the rows of the kernels in it.
void addTopK(std::vector<KernelSpec> &rows);
void addScatter(std::vector<KernelSpec> &rows);
void addGatherNd(std::vector<KernelSpec> &rows);
void addResize(std::vector<KernelSpec> &rows);
void addPad(std::vector<KernelSpec> &rows);
void addPoolIndices(std::vector<KernelSpec> &rows);
void addSequence(std::vector<KernelSpec> &rows);
void addObserve(std::vector<KernelSpec> &rows);
void addRefuse(std::vector<KernelSpec> &rows);

constexpr stream::AttrKind kInts = stream::AttrKind::Ints;
constexpr stream::AttrKind kFloats = stream::AttrKind::Floats;
constexpr stream::AttrKind kText = stream::AttrKind::Text;

/// "" when attribute `axis` names a dimension of `view`.
std::string checkAxis(const Command &command, const View &view,
                      std::string_view name = "axis");
/// "" when attribute `name` is absent or one of `values`.
std::string checkText(const Command &command, std::string_view name,
                      std::initializer_list<std::string_view> values);
/// "" when both have one type and shape.
std::string checkSame(const View &a, const View &b, std::string_view what);
std::string checkIndex(const View &index);
/// "" when the indices exceed the data along `axis` at most; equal ranks.
std::string checkIndexExtents(const Command &command, const View &index,
                              const View &data);

/// A signed element of an I32 or I64 view.
inline int64_t indexAt(DType type, const std::byte *p) {
  return type == DType::I64 ? loadAs<int64_t>(p) : loadAs<int32_t>(p);
}

/// Calls f(size_t dims…) for each row along `axis`: byte offsets of its first
/// element in each operand, which have equal extents in all other dimensions.
struct Rows {
  Nest nest;
  explicit Rows(const std::vector<const View *> &views, size_t axis);
};

} // namespace hybridc::exec::ctl

#endif // HYBRIDC_LIB_KERNELS_CTL_CTL_H
