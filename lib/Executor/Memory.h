//===- Memory.h - The host memory behind a program's memories -*- C++ -*-===//
#ifndef HYBRIDC_LIB_EXECUTOR_MEMORY_H
#define HYBRIDC_LIB_EXECUTOR_MEMORY_H

#include "hybridc/Stream/Program.h"
#include "hybridc/Support/Result.h"

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

namespace hybridc::exec {

/// Zeroed pages, given by the system when they are first touched.
class Pages {
public:
  Pages() = default;
  static Result<Pages> create(size_t bytes);
  Pages(Pages &&other) noexcept;
  Pages &operator=(Pages &&other) noexcept;
  ~Pages();
  std::byte *data() const { return base; }

private:
  std::byte *base = nullptr;
  size_t size = 0;
};

/// DRAM segments and the scratchpad. Constant segments are the blobs
/// themselves, read where they are mapped.
class Memory {
public:
  static Result<Memory> create(const stream::Program &program);

  /// The host address of element (0, …) of `view` with all loop counters at
  /// zero, after checking that every element of every iteration lies in one
  /// memory range. `trips`: iterations of the enclosing loops, outermost
  /// first. Constant memory must not be written (`write`).
  Result<std::byte *> resolve(const stream::View &view,
                              std::span<const uint64_t> trips,
                              bool write) const;

  /// Whether the view lies in memory that is never written.
  bool isConstant(const stream::View &view) const;

private:
  struct Range {
    uint64_t begin, end;
    std::byte *host;
    bool writable;
  };
  std::vector<Range> dram; ///< by address
  Range sram{};
  Pages pages;
  std::vector<std::shared_ptr<const void>> owners;
};

} // namespace hybridc::exec

#endif // HYBRIDC_LIB_EXECUTOR_MEMORY_H
