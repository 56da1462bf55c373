//===- Saturate.h - Counts that a hostile stream cannot wrap --*- C++ -*-===//
#ifndef HYBRIDC_LIB_CLOCK_SATURATE_H
#define HYBRIDC_LIB_CLOCK_SATURATE_H

#include <cstdint>

namespace hybridc::exec::clock {

/// Counts and bytes saturate here: beyond any chip, and sums of a few still
/// fit.
constexpr uint64_t kMost = uint64_t(1) << 60;

inline uint64_t times(uint64_t a, uint64_t b) {
  uint64_t product = 0;
  return __builtin_mul_overflow(a, b, &product) || product > kMost ? kMost
                                                                   : product;
}

inline uint64_t magnitude(int64_t value) {
  return value < 0 ? uint64_t(-(value + 1)) + 1 : uint64_t(value);
}

} // namespace hybridc::exec::clock

#endif // HYBRIDC_LIB_CLOCK_SATURATE_H
