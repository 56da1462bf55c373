//===- DeviceRngTest.cpp - Noise: the right law, in any order -------------===//

#include "../../../lib/Devices/Vectorize.h"
#include "hybridc/Devices/Rng.h"

#include <Random123/philox.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <vector>

using namespace hybridc::exec;

namespace {

TEST(DeviceRng, PhiloxIsRandom123s) {
  // The cipher itself, against the authors' own implementation.
  for (uint64_t i = 0; i < 1000; ++i) {
    Key key{0x9E3779B97F4A7C15u * i, 0xD1B54A32D192ED03u * (i + 7)};
    uint64_t counter = i * 0x2545F4914F6CDD1Du;
    r123::Philox4x32 cipher;
    auto want = cipher({{uint32_t(counter), uint32_t(counter >> 32),
                         uint32_t(key.stream), uint32_t(key.stream >> 32)}},
                       {{uint32_t(key.seed), uint32_t(key.seed >> 32)}});
    PhiloxWords got = philox(key, counter);
    for (int w = 0; w < 4; ++w)
      ASSERT_EQ(got.word[w], want[w]) << "counter " << counter;
  }
}

/// Box and Muller in double, from Random123's words.
std::vector<double> referenceBlock(Key key, uint64_t block) {
  std::vector<double> out(gaussianBlock);
  for (size_t c = 0; c < 16; ++c) {
    PhiloxWords w = philox(key, block * 16 + c);
    size_t p = 2 * (c % 8) + c / 8;
    for (int half = 0; half < 2; ++half) {
      double u = (double(w.word[2 * half] >> 1) + 0.5) / 0x1p31;
      double radius = std::sqrt(-2 * std::log(u));
      double angle = 2 * M_PI * w.word[2 * half + 1] / 0x1p32;
      out[(2 * half) * 16 + p] = radius * std::cos(angle);
      out[(2 * half + 1) * 16 + p] = radius * std::sin(angle);
    }
  }
  return out;
}

TEST(DeviceRng, GaussiansAreBoxMullerOfThoseWords) {
  Key key{12345, 678};
  double worst = 0;
  for (uint64_t block = 0; block < 2000; ++block) {
    float got[gaussianBlock];
    gaussians(key, block * gaussianBlock, got, gaussianBlock);
    auto want = referenceBlock(key, block);
    for (size_t i = 0; i < gaussianBlock; ++i)
      worst = std::max(worst, std::fabs(got[i] - want[i]));
  }
  // u is rounded to single precision, which moves samples near zero: there
  // √(-2 ln u) has an infinite slope.
  EXPECT_LT(worst, 3e-4);
}

TEST(DeviceRng, MomentsAndTails) {
  constexpr size_t n = 1 << 22;
  std::vector<float> z(n);
  gaussians({2026, 1}, 0, z.data(), n);
  double m1 = 0, m2 = 0, m3 = 0, m4 = 0;
  size_t beyond3 = 0, beyond4 = 0;
  for (double v : z) {
    m1 += v;
    m2 += v * v;
    m3 += v * v * v;
    m4 += v * v * v * v;
    beyond3 += std::fabs(v) > 3;
    beyond4 += std::fabs(v) > 4;
  }
  // Four standard errors of each estimate.
  double se = 4 / std::sqrt(double(n));
  EXPECT_NEAR(m1 / n, 0, se);
  EXPECT_NEAR(m2 / n, 1, se * std::sqrt(2.0));
  EXPECT_NEAR(m3 / n, 0, se * std::sqrt(15.0));
  EXPECT_NEAR(m4 / n, 3, se * std::sqrt(96.0));
  for (auto [count, limit] : {std::pair{beyond3, 3.0}, {beyond4, 4.0}}) {
    double expected = n * std::erfc(limit / std::sqrt(2.0));
    EXPECT_NEAR(double(count), expected, 4 * std::sqrt(expected));
  }
}

TEST(DeviceRng, KolmogorovSmirnov) {
  constexpr size_t n = 1 << 18;
  std::vector<float> z(n), u(n);
  gaussians({1, 99}, 5, z.data(), n);
  uniforms({1, 99}, 5, u.data(), n);
  auto distance = [&](std::vector<float> &v, auto cdf) {
    std::sort(v.begin(), v.end());
    double most = 0;
    for (size_t i = 0; i < n; ++i)
      most = std::max({most, std::fabs(cdf(v[i]) - double(i) / n),
                       std::fabs(cdf(v[i]) - double(i + 1) / n)});
    return most * std::sqrt(double(n));
  };
  // 1.95 is exceeded by chance once in a thousand seeds.
  EXPECT_LT(distance(z, [](double v) { return .5 * std::erfc(-v / M_SQRT2); }),
            1.95);
  EXPECT_LT(distance(u, [](double v) { return v; }), 1.95);
  EXPECT_GT(u.front(), 0.0f);
  EXPECT_LT(u.back(), 1.0f);
}

TEST(DeviceRng, NeighboursAndStreamsAreIndependent) {
  constexpr size_t n = 1 << 20;
  std::vector<float> a(n), b(n);
  auto correlation = [&](size_t lag) {
    double sum = 0;
    for (size_t i = 0; i + lag < n; ++i)
      sum += double(a[i]) * b[i + lag];
    return sum / std::sqrt(double(n - lag));
  };
  gaussians({3, 4}, 0, a.data(), n);
  b = a;
  for (size_t lag : {1, 2, 8, 16, 32, 48, 64, 256})
    EXPECT_LT(std::fabs(correlation(lag)), 4.5) << "lag " << lag;
  gaussians(subKey({3, 4}, 1), 0, a.data(), n);
  gaussians(subKey({3, 4}, 2), 0, b.data(), n);
  EXPECT_LT(std::fabs(correlation(0)), 4.5);
  gaussians({4, 4}, 0, b.data(), n);
  EXPECT_LT(std::fabs(correlation(0)), 4.5);
}

TEST(DeviceRng, AnyCutGivesTheSameSamples) {
  constexpr size_t n = 1000;
  std::vector<float> whole(n), part(n);
  for (auto *draw : {&gaussians, &uniforms}) {
    draw({8, 9}, 1000003, whole.data(), n);
    for (size_t step : {1, 7, 63, 64, 65, 333}) {
      for (size_t at = 0; at < n; at += step)
        draw({8, 9}, 1000003 + at, part.data() + at, std::min(step, n - at));
      ASSERT_EQ(0, std::memcmp(whole.data(), part.data(), n * sizeof(float)))
          << "step " << step;
    }
  }
}

TEST(DeviceRng, EveryMachineGivesTheSameBits) {
  using detail::VectorLevel;
  VectorLevel best = detail::vectorLevel();
  constexpr size_t n = 1 << 16;
  std::vector<float> want(n), got(n);
  detail::setVectorLevel(VectorLevel::Base);
  gaussians({5, 6}, 0, want.data(), n);
  for (VectorLevel level : {VectorLevel::V3, VectorLevel::V4}) {
    if (level > best)
      continue;
    ASSERT_EQ(detail::setVectorLevel(level), level);
    gaussians({5, 6}, 0, got.data(), n);
    EXPECT_EQ(0, std::memcmp(want.data(), got.data(), n * sizeof(float)))
        << "level " << int(level);
  }
  detail::setVectorLevel(best);
}

} // namespace
