//===- Rng.h - Counter-based noise ----------------------------*- C++ -*-===//
//
// Philox 4x32-10 (Salmon et al., SC 2011) turned into Gaussians and uniforms
// that can be drawn in any order: sample i of a stream is a pure function of
// (key, i). Values therefore do not depend on the number of threads, on how a
// range is cut, or on the machine (no fused multiply-add, no libm).
//
//===----------------------------------------------------------------------===//
#ifndef HYBRIDC_DEVICES_RNG_H
#define HYBRIDC_DEVICES_RNG_H

#include <cstddef>
#include <cstdint>

namespace hybridc::exec {

/// Names one endless stream of samples.
struct Key {
  uint64_t seed = 0;   ///< what the user chose (--seed): the cipher's key
  uint64_t stream = 0; ///< which stream of that seed: half of the counter

  bool operator==(const Key &) const = default;
};

/// A stream of its own under `parent`, for (array, command, purpose …).
/// Distinct tags give distinct streams except with probability 2^-64.
Key subKey(Key parent, uint64_t tag);

/// The four words of Philox 4x32-10 for one 64-bit counter.
struct PhiloxWords {
  uint32_t word[4];
};
PhiloxWords philox(Key key, uint64_t counter);

/// out[j] = sample firstIndex + j of the standard normal distribution, by
/// Box and Muller's transform of 32-bit uniforms (|sample| < 6.67).
/// Fastest when firstIndex and n are multiples of gaussianBlock.
void gaussians(Key key, uint64_t firstIndex, float *out, size_t n);

/// out[j] = sample firstIndex + j of U(0, 1): 24 bits, never 0 nor 1.
void uniforms(Key key, uint64_t firstIndex, float *out, size_t n);

/// Samples that one call of the vectorised core makes.
inline constexpr size_t gaussianBlock = 64;

} // namespace hybridc::exec

#endif // HYBRIDC_DEVICES_RNG_H
