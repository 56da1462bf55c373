//===- Rng.cpp - Philox 4x32-10 and its Gaussians -------------------------===//
//
// Sample i of a stream: block i / 64 of 16 counters, four words each; within a
// block, sample w·16 + p comes from word w of the counter at position p. So one
// AVX-512 register holds the same word of 16 counters, stored without shuffle.
//
//===----------------------------------------------------------------------===//

#include "Vectorize.h"

#include "VecMath.h"
#include "hybridc/Devices/Rng.h"

#include <cstring>
#ifdef HYBRIDC_MULTI_TARGET
#include <immintrin.h>
#endif

namespace hybridc::exec {
namespace {

using namespace detail;

constexpr size_t counters = 16;
constexpr size_t blockSize = gaussianBlock;
static_assert(blockSize == 4 * counters);

constexpr uint32_t multiplier0 = 0xD2511F53u, multiplier1 = 0xCD9E8D57u;
constexpr uint32_t weyl0 = 0x9E3779B9u; // the golden ratio
constexpr uint32_t weyl1 = 0xBB67AE85u; // √3 − 1

PhiloxWords philoxOne(Key key, uint64_t counter) {
  uint32_t c0 = static_cast<uint32_t>(counter);
  uint32_t c1 = static_cast<uint32_t>(counter >> 32);
  uint32_t c2 = static_cast<uint32_t>(key.stream);
  uint32_t c3 = static_cast<uint32_t>(key.stream >> 32);
  uint32_t k0 = static_cast<uint32_t>(key.seed);
  uint32_t k1 = static_cast<uint32_t>(key.seed >> 32);
  for (int round = 0; round < 10; ++round) {
    uint64_t p0 = static_cast<uint64_t>(c0) * multiplier0;
    uint64_t p1 = static_cast<uint64_t>(c2) * multiplier1;
    c0 = static_cast<uint32_t>(p1 >> 32) ^ c1 ^ k0;
    c2 = static_cast<uint32_t>(p0 >> 32) ^ c3 ^ k1;
    c1 = static_cast<uint32_t>(p1);
    c3 = static_cast<uint32_t>(p0);
    k0 += weyl0;
    k1 += weyl1;
  }
  return {{c0, c1, c2, c3}};
}

/// The words of one block: word w of its counter p at [w][position(p)].
struct alignas(64) BlockWords {
  uint32_t word[4][counters];
};

// Counter c < 8 and its partner c + 8 stand side by side: the vector code works
// on 64-bit lanes, of which one half becomes free for the partner at the end.
#ifdef HYBRIDC_MULTI_TARGET
constexpr uint64_t laneNumbers[8] = {0, 1, 2, 3, 4, 5, 6, 7};

/// BYTES wide, with MUL the 32 × 32 → 64 bit product of the lanes' lower
/// halves; compilers make a full 64-bit product of the portable way to say it.
/// The upper halves may hold anything meanwhile: MUL does not look at them.
#define HYBRIDC_PHILOX_BLOCKS(NAME, TARGET, BYTES, MUL)                        \
  TARGET static void NAME(Key key, uint64_t first, BlockWords *out,            \
                          size_t blocks) {                                     \
    typedef uint64_t V __attribute__((vector_size(BYTES)));                    \
    constexpr size_t lanes = (BYTES) / 8;                                      \
    const V zero = {};                                                         \
    const V m0 = zero + uint64_t(multiplier0),                                 \
            m1 = zero + uint64_t(multiplier1);                                 \
    V lane;                                                                    \
    std::memcpy(&lane, laneNumbers, sizeof lane);                              \
    for (size_t step = 0; step < blocks * (counters / 2); step += lanes) {     \
      size_t part = step % (counters / 2);                                     \
      size_t block = step / (counters / 2);                                    \
      uint64_t start = first + block * counters + part;                        \
      V c[2][4];                                                               \
      for (size_t i = 0; i < 2; ++i) {                                         \
        c[i][0] = lane + uint64_t(start + i * (counters / 2));                 \
        c[i][1] = c[i][0] >> 32;                                               \
        c[i][2] = zero + key.stream;                                           \
        c[i][3] = zero + (key.stream >> 32);                                   \
      }                                                                        \
      uint32_t k0 = static_cast<uint32_t>(key.seed);                           \
      uint32_t k1 = static_cast<uint32_t>(key.seed >> 32);                     \
      for (int round = 0; round < 10; ++round) {                               \
        for (size_t i = 0; i < 2; ++i) {                                       \
          V p0 = MUL(c[i][0], m0), p1 = MUL(c[i][2], m1);                      \
          c[i][0] = (p1 >> 32) ^ c[i][1] ^ (zero + uint64_t(k0));              \
          c[i][2] = (p0 >> 32) ^ c[i][3] ^ (zero + uint64_t(k1));              \
          c[i][1] = p1;                                                        \
          c[i][3] = p0;                                                        \
        }                                                                      \
        k0 += weyl0;                                                           \
        k1 += weyl1;                                                           \
      }                                                                        \
      for (size_t w = 0; w < 4; ++w) {                                         \
        V both = (c[0][w] & 0xffffffffu) | (c[1][w] << 32);                    \
        std::memcpy(&out[block].word[w][2 * part], &both, sizeof both);        \
      }                                                                        \
    }                                                                          \
  }
#define HYBRIDC_MUL_V4(A, B)                                                   \
  (V) _mm512_maskz_mul_epu32(0xff, (__m512i)(A), (__m512i)(B))
#define HYBRIDC_MUL_V3(A, B) (V) _mm256_mul_epu32((__m256i)(A), (__m256i)(B))
#define HYBRIDC_MUL_BASE(A, B) (V) _mm_mul_epu32((__m128i)(A), (__m128i)(B))
HYBRIDC_PHILOX_BLOCKS(philoxBlocksV4, HYBRIDC_TARGET_V4, 64, HYBRIDC_MUL_V4)
HYBRIDC_PHILOX_BLOCKS(philoxBlocksV3, HYBRIDC_TARGET_V3, 32, HYBRIDC_MUL_V3)
HYBRIDC_PHILOX_BLOCKS(philoxBlocksBase, , 16, HYBRIDC_MUL_BASE)

void philoxBlocks(Key key, uint64_t first, BlockWords *out, size_t blocks) {
  switch (vectorLevel()) {
  case VectorLevel::V4:
    return philoxBlocksV4(key, first, out, blocks);
  case VectorLevel::V3:
    return philoxBlocksV3(key, first, out, blocks);
  default:
    return philoxBlocksBase(key, first, out, blocks);
  }
}
#else
void philoxBlocks(Key key, uint64_t first, BlockWords *out, size_t blocks) {
  for (size_t i = 0; i < blocks * counters; ++i) {
    PhiloxWords w = philoxOne(key, first + i);
    size_t c = i % counters;
    size_t position = 2 * (c % (counters / 2)) + c / (counters / 2);
    for (size_t k = 0; k < 4; ++k)
      out[i / counters].word[k][position] = w.word[k];
  }
}
#endif

/// One pair of Gaussians from two words: radius √(-2 ln u), angle a full turn.
/// Each step is accurate to about 5e-6, far below what any statistics see.
HYBRIDC_INLINE void boxMuller(uint32_t a, uint32_t b, float &first,
                              float &second) {
  // 31 bits converted as a signed integer (unsigned conversion is not in
  // AVX2), centred so that 0 never occurs: the smallest u is 2^-32.
  float u = fusedAdd(static_cast<float>(static_cast<int32_t>(a >> 1)), 0x1p-31f,
                     0x1p-32f);
  // -2 ln u >= 0, as logOf in VecMath.h finds it but with less precision.
  int32_t bits = std::bit_cast<int32_t>(u) - 0x3f3504f3;
  float exponent = static_cast<float>(bits >> 23);
  float m = std::bit_cast<float>((bits & 0x007fffff) + 0x3f3504f3);
  float z = (m - 1.0f) / (m + 1.0f);
  float z2 = z * z;
  float series = fusedAdd(z2, -4.0f / 7, -4.0f / 5);
  series = fusedAdd(series, z2, -4.0f / 3);
  series = fusedAdd(series, z2, -4.0f);
  float square = fusedAdd(exponent, -1.3862943611f, series * z);
  float inverse = std::bit_cast<float>(0x5f3759dfu -
                                       (std::bit_cast<uint32_t>(square) >> 1));
  float half = -0.5f * square;
  inverse *= fusedAdd(half * inverse, inverse, 1.5f);
  inverse *= fusedAdd(half * inverse, inverse, 1.5f);
  float radius = square * inverse;

  // Angle in quarter turns plus a rest within ±1/8 turn, in integers.
  uint32_t quarter = (b + 0x20000000u) >> 30;
  int32_t rest = static_cast<int32_t>(b - (quarter << 30));
  float t = static_cast<float>(rest) * 1.4629180792671596e-09f; // 2π / 2^32
  float t2 = t * t;
  float s = fusedAdd(t2, -1.0f / 5040, 1.0f / 120);
  s = fusedAdd(s, t2, -1.0f / 6);
  s = fusedAdd(s, t2, 1.0f);
  s *= t;
  float c = fusedAdd(t2, 1.0f / 40320, -1.0f / 720);
  c = fusedAdd(c, t2, 1.0f / 24);
  c = fusedAdd(c, t2, -0.5f);
  c = fusedAdd(c, t2, 1.0f);
  bool odd = (quarter & 1) != 0;
  float sine = odd ? c : s;
  float cosine = odd ? s : c;
  uint32_t sineSign = (quarter & 2) << 30;
  uint32_t cosineSign = ((quarter + 1) & 2) << 30;
  sine = std::bit_cast<float>(std::bit_cast<uint32_t>(sine) ^ sineSign);
  cosine = std::bit_cast<float>(std::bit_cast<uint32_t>(cosine) ^ cosineSign);
  first = radius * cosine;
  second = radius * sine;
}

HYBRIDC_INLINE void toGaussiansBody(const BlockWords *words, float *out,
                                    size_t blocks) {
  for (size_t block = 0; block < blocks; ++block) {
    const BlockWords &from = words[block];
    float *__restrict to = out + block * blockSize;
    for (size_t p = 0; p < counters; ++p) {
      float z0, z1, z2, z3;
      boxMuller(from.word[0][p], from.word[1][p], z0, z1);
      boxMuller(from.word[2][p], from.word[3][p], z2, z3);
      to[p] = z0;
      to[counters + p] = z1;
      to[2 * counters + p] = z2;
      to[3 * counters + p] = z3;
    }
  }
}
HYBRIDC_VECTOR_FUNCTION(void, toGaussians, toGaussiansBody,
                        (const BlockWords *words, float *out, size_t blocks),
                        (words, out, blocks))

/// Blocks whose words are made before they are used.
constexpr size_t batchBlocks = 16;

void gaussianBlocks(Key key, uint64_t firstBlock, float *out, size_t blocks) {
  BlockWords words[batchBlocks];
  for (size_t at = 0; at < blocks; at += batchBlocks) {
    size_t count = blocks - at < batchBlocks ? blocks - at : batchBlocks;
    philoxBlocks(key, (firstBlock + at) * counters, words, count);
    toGaussians(words, out + at * blockSize, count);
  }
}

void uniformBlocks(Key key, uint64_t firstBlock, float *out, size_t blocks) {
  BlockWords words;
  for (size_t block = 0; block < blocks; ++block) {
    philoxBlocks(key, (firstBlock + block) * counters, &words, 1);
    // 23 bits and a half step: the largest value is 1 − 2^-24.
    for (size_t i = 0; i < blockSize; ++i) {
      int32_t top = static_cast<int32_t>((&words.word[0][0])[i] >> 9);
      out[block * blockSize + i] =
          static_cast<float>(top) * 0x1p-23f + 0x1p-24f;
    }
  }
}

/// Cuts an arbitrary range into whole blocks and the two ends.
template <typename MakeBlocks>
void fillRange(Key key, uint64_t first, float *out, size_t n,
               MakeBlocks makeBlocks) {
  float edge[blockSize];
  size_t skip = first % blockSize;
  if (skip != 0 && n != 0) {
    size_t take = blockSize - skip < n ? blockSize - skip : n;
    makeBlocks(key, first / blockSize, edge, 1);
    std::memcpy(out, edge + skip, take * sizeof(float));
    first += take;
    out += take;
    n -= take;
  }
  size_t whole = n / blockSize;
  makeBlocks(key, first / blockSize, out, whole);
  size_t rest = n - whole * blockSize;
  if (rest != 0) {
    makeBlocks(key, first / blockSize + whole, edge, 1);
    std::memcpy(out + whole * blockSize, edge, rest * sizeof(float));
  }
}

} // namespace

Key subKey(Key parent, uint64_t tag) {
  // The tag is enciphered as a counter of the parent's stream; the complement
  // of the seed keeps it apart from the samples themselves.
  PhiloxWords w = philoxOne({~parent.seed, parent.stream}, tag);
  return {parent.seed, (static_cast<uint64_t>(w.word[1]) << 32) | w.word[0]};
}

PhiloxWords philox(Key key, uint64_t counter) {
  return philoxOne(key, counter);
}

void gaussians(Key key, uint64_t firstIndex, float *out, size_t n) {
  fillRange(key, firstIndex, out, n, gaussianBlocks);
}

void uniforms(Key key, uint64_t firstIndex, float *out, size_t n) {
  fillRange(key, firstIndex, out, n, uniformBlocks);
}

} // namespace hybridc::exec
