//===- Runs.h - The contiguous byte ranges of a view ----------*- C++ -*-===//
#ifndef HYBRIDC_LIB_STREAM_RUNS_H
#define HYBRIDC_LIB_STREAM_RUNS_H

#include "hybridc/Stream/Program.h"

#include <array>
#include <cstdint>
#include <vector>

namespace hybridc::stream::hazards {

/// The bytes of a view as runs of equal length. Dimensions are ordered by
/// stride, not as the view has them: a transposed dense tensor is one run.
class Runs {
public:
  explicit Runs(const View &view);

  bool empty() const { return length == 0; }

  /// Calls `visit(first, last)` for each run [first, last), for the view moved
  /// by `offset` bytes, until it returns false. Returns whether none did.
  template <typename F> bool forEach(int64_t offset, F visit) const {
    if (empty())
      return true;
    std::array<int64_t, 16> index{};
    // Wraps like the offsets do; the sum is a valid address (S12).
    uint64_t at = start + static_cast<uint64_t>(offset);
    while (true) {
      if (!visit(at, at + length))
        return false;
      size_t d = 0;
      for (; d < outer.size(); ++d) {
        at += outer[d].stride;
        if (++index[d] < outer[d].extent)
          break;
        at -= outer[d].stride * static_cast<uint64_t>(outer[d].extent);
        index[d] = 0;
      }
      if (d == outer.size())
        return true;
    }
  }

  uint64_t first(int64_t offset) const {
    return start + static_cast<uint64_t>(offset);
  }
  /// Past the last byte of the last run.
  uint64_t last(int64_t offset) const { return first(offset) + reach; }

private:
  struct Dim {
    uint64_t stride; ///< bytes
    int64_t extent;
  };
  uint64_t start = 0, length = 0, reach = 0;
  std::vector<Dim> outer; ///< ascending by stride
};

/// Whether two views, moved by their offsets, have a byte in common.
bool overlap(const Runs &a, int64_t aOffset, const Runs &b, int64_t bOffset);

} // namespace hybridc::stream::hazards

#endif // HYBRIDC_LIB_STREAM_RUNS_H
