//===- analog_mvm.cpp - What the analog product costs ---------------------===//
//
// A 512 × 512 layer on four 256 × 256 PCM arrays, 64 vectors, one thread,
// standard periphery; beside oneDNN's sgemm of that size. Columns: time of one
// product, and its ratio to the sgemm measured in the same run.
//
//===----------------------------------------------------------------------===//

#include "hybridc/Executor/devices/AnalogArray.h"

#include <benchmark/benchmark.h>
#include <dnnl.h>
#include <omp.h>

#include <chrono>
#include <vector>

using namespace hybridc::exec;

namespace {

constexpr size_t size = 512, half = 256, batch = 64;

std::vector<float> normals(size_t n, uint64_t stream) {
  std::vector<float> v(n);
  gaussians({1, stream}, 0, v.data(), n);
  return v;
}

struct Layer {
  std::vector<float> w = normals(size * size, 1), x = normals(batch * size, 2),
                     y = std::vector<float>(batch * size);
  std::vector<AnalogArray> arrays;
  MvmScratch scratch;

  Layer() {
    for (uint64_t i = 0; i < 4; ++i) {
      auto array = AnalogArray::create({});
      ProgramOptions options;
      options.arrayId = i;
      if (!array ||
          !array->program(w.data() + (i / 2) * half * size + (i % 2) * half,
                          size, half, half, options))
        std::abort();
      arrays.push_back(std::move(*array));
    }
  }

  void set(ArrayMode mode) {
    for (AnalogArray &a : arrays)
      a.compute(mode);
  }

  void sgemm() {
    dnnl_sgemm('N', 'N', batch, size, size, 1.0f, x.data(), size, w.data(),
               size, 0.0f, y.data(), size);
  }

  /// Arrays 0 and 1 hold the upper half of K; the others add to them.
  void product() {
    for (size_t i = 0; i < 4; ++i) {
      MvmOptions options;
      options.accumulate = i >= 2;
      arrays[i].mvm(x.data() + (i / 2) * half, size, y.data() + (i % 2) * half,
                    size, batch, options, scratch);
    }
  }
};

/// Seconds of the fastest of several sgemms: the yardstick of every row.
double yardstick(Layer &layer) {
  double best = 1;
  for (int i = 0; i < 200; ++i) {
    auto start = std::chrono::steady_clock::now();
    layer.sgemm();
    std::chrono::duration<double> taken =
        std::chrono::steady_clock::now() - start;
    best = std::min(best, taken.count());
  }
  return best;
}

void sgemm(benchmark::State &state) {
  omp_set_num_threads(1);
  Layer layer;
  for (auto _ : state)
    layer.sgemm();
}

void product(benchmark::State &state, ArrayMode mode) {
  omp_set_num_threads(1);
  Layer layer;
  layer.set(mode);
  double best = 1;
  for (auto _ : state) {
    auto start = std::chrono::steady_clock::now();
    layer.product();
    std::chrono::duration<double> taken =
        std::chrono::steady_clock::now() - start;
    best = std::min(best, taken.count());
  }
  state.counters["ratio_to_sgemm"] = best / yardstick(layer);
}

void noise(benchmark::State &state) {
  std::vector<float> z(1 << 16);
  uint64_t at = 0;
  for (auto _ : state) {
    gaussians({1, 3}, at, z.data(), z.size());
    at += z.size();
  }
  state.SetItemsProcessed(state.iterations() * int64_t(z.size()));
}

void ageing(benchmark::State &state) {
  Layer layer;
  uint64_t epoch = 0;
  for (auto _ : state)
    for (AnalogArray &a : layer.arrays)
      a.age(86400, ++epoch, Compensation::Global);
  state.SetItemsProcessed(state.iterations() * int64_t(size * size));
}

BENCHMARK(sgemm)->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(product, exact, ArrayMode::Exact)
    ->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(product, quantised, ArrayMode::Quantised)
    ->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(product, noisy, ArrayMode::Noisy)
    ->Unit(benchmark::kMicrosecond);
BENCHMARK(noise)->Unit(benchmark::kMicrosecond);
BENCHMARK(ageing)->Unit(benchmark::kMillisecond);

} // namespace

BENCHMARK_MAIN();
