//===- Vectorize.cpp - What this machine can run --------------------------===//

#include "Vectorize.h"

#include <atomic>

namespace hybridc::exec::detail {

static VectorLevel detectLevel() {
#ifdef HYBRIDC_MULTI_TARGET
  __builtin_cpu_init();
  bool v3 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
            __builtin_cpu_supports("bmi") && __builtin_cpu_supports("bmi2");
  bool v4 = v3 && __builtin_cpu_supports("avx512f") &&
            __builtin_cpu_supports("avx512bw") &&
            __builtin_cpu_supports("avx512cd") &&
            __builtin_cpu_supports("avx512dq") &&
            __builtin_cpu_supports("avx512vl");
  if (v4)
    return VectorLevel::V4;
  if (v3)
    return VectorLevel::V3;
#endif
  return VectorLevel::Base;
}

static std::atomic<int> &currentLevel() {
  static std::atomic<int> level{static_cast<int>(detectLevel())};
  return level;
}

VectorLevel vectorLevel() {
  return static_cast<VectorLevel>(
      currentLevel().load(std::memory_order_relaxed));
}

VectorLevel setVectorLevel(VectorLevel level) {
  VectorLevel best = detectLevel();
  VectorLevel chosen = level < best ? level : best;
  currentLevel().store(static_cast<int>(chosen), std::memory_order_relaxed);
  return chosen;
}

} // namespace hybridc::exec::detail
