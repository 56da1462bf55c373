//===- SeededRaces.cpp - Races that ThreadSanitizer must report -----------===//
// `hybridc-seeded-races NAME` runs one small program that divides work as the
// executor does; without a name it prints the names. Those called clean-… have
// no race: a report about them is a false one, and so would others be. The
// rest have one each: without a report, silence elsewhere means nothing.
//===----------------------------------------------------------------------===//
#include "hybridc/Kernels/Common.h"

#include <cstdio>
#include <cstring>
#include <numeric>
#include <thread>
#include <vector>

#include <oneapi/dnnl/dnnl.hpp>

using hybridc::exec::parallelFor;

namespace {

constexpr int kThreads = 4;
constexpr int64_t kSize = 4096;
using Values = std::vector<float>;

// Loops that hand over to each other: region to region, loop to loop across
// the barrier between them, and to the caller.
float cleanLoops() {
  Values a(kSize), b(kSize);
  float sum = 0;
  parallelFor(kSize, 1, kThreads, [&](int64_t begin, int64_t end) {
    std::iota(a.begin() + begin, a.begin() + end, float(begin));
  });
  parallelFor(kSize, 1, kThreads - 1, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i)
      b[i] = a[kSize - 1 - i];
  });
#pragma omp parallel num_threads(kThreads)
  {
    float own = 0;
#pragma omp for schedule(dynamic, 16)
    for (int64_t i = 0; i < kSize; ++i)
      a[i] = b[i];
#pragma omp for schedule(static)
    for (int64_t i = 0; i < kSize; ++i)
      own += a[kSize - 1 - i];
#pragma omp critical
    sum += own;
  }
  return sum + std::accumulate(a.begin(), a.end(), 0.f);
}

// oneDNN is not instrumented: what its threads do must neither hide our order
// nor look like a race.
float cleanDnnl() {
  constexpr int64_t n = 192;
  Values a(n * n), b(n * n), c(n * n);
  float sum = 0;
  for (int round = 0; round < 3; ++round) {
    parallelFor(n * n, 1, kThreads, [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i)
        a[i] = b[i] = c[i] + float(i % 7);
    });
    dnnl::sgemm('N', 'N', n, n, n, 1, a.data(), n, b.data(), n, 0, c.data(), n);
    parallelFor(n * n, 1, kThreads, [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i)
        c[i] = c[i] / float(n * n);
    });
  }
  for (float value : c)
    sum += value;
  return sum;
}

// Neighbouring pieces share an element.
float piecesThatOverlap() {
  Values a(kSize + 1);
  parallelFor(kSize, 1, kThreads, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i <= end; ++i)
      a[i] += 1;
  });
  return a[kSize / 2];
}

// All threads use one scratch.
float sharedScratch() {
  Values scratch(64), out(kSize);
  parallelFor(kSize, 1, kThreads, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      scratch[i % 64] = float(i);
      out[i] = scratch[i % 64];
    }
  });
  return out[1];
}

float sumOfAll() {
  float sum = 0;
#pragma omp parallel for num_threads(kThreads) schedule(static)
  for (int64_t i = 0; i < kSize; ++i)
    sum += float(i);
  return sum;
}

float loopThatDoesNotWait() {
  Values a(kSize), b(kSize);
#pragma omp parallel num_threads(kThreads)
  {
#pragma omp for schedule(static) nowait
    for (int64_t i = 0; i < kSize; ++i)
      a[i] = float(i);
#pragma omp for schedule(static)
    for (int64_t i = 0; i < kSize; ++i)
      b[i] = a[kSize - 1 - i];
  }
  return b[1];
}

float threadsWithoutLock() {
  int count = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t)
    threads.emplace_back([&] { ++count; });
  for (std::thread &thread : threads)
    thread.join();
  return float(count);
}

constexpr struct {
  const char *name;
  float (*run)();
} kPrograms[] = {
    {"clean-loops", cleanLoops},
    {"clean-onednn", cleanDnnl},
    {"pieces-that-overlap", piecesThatOverlap},
    {"shared-scratch", sharedScratch},
    {"sum-of-all", sumOfAll},
    {"loop-that-does-not-wait", loopThatDoesNotWait},
    {"threads-without-lock", threadsWithoutLock},
};

} // namespace

int main(int argc, char **argv) {
  for (const auto &program : kPrograms) {
    if (argc < 2)
      std::printf("%s\n", program.name);
    else if (std::strcmp(argv[1], program.name) == 0)
      // Printed, so that no loop is left out.
      return std::printf("%g\n", double(program.run())) < 0;
  }
  return argc < 2 ? 0 : 2;
}
