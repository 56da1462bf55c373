//===- analog_mvm.cpp - What the analog product costs ---------------------===//
//
// A 512 × 512 layer, 64 vectors, one thread, standard periphery, on one PCM
// array or on four of 256 × 256; beside oneDNN's sgemm of that size. Columns:
// time of one product, and its ratio to the sgemm: the fastest of each, taken
// in turns, so that a machine that is busy for a while slows both.
//
//===----------------------------------------------------------------------===//

#include "hybridc/Devices/AnalogArray.h"

#include <benchmark/benchmark.h>
#include <dnnl.h>
#include <omp.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <vector>

using namespace hybridc::exec;

namespace {

constexpr size_t size = 512, batch = 64;

std::vector<float> normals(size_t n, uint64_t stream) {
  std::vector<float> v(n);
  gaussians({1, stream}, 0, v.data(), n);
  return v;
}

struct Layer {
  size_t tile; ///< rows and columns of an array
  std::vector<float> w = normals(size * size, 1), x = normals(batch * size, 2),
                     y = std::vector<float>(batch * size);
  std::vector<AnalogArray> arrays;
  MvmScratch scratch;

  explicit Layer(size_t tile) : tile(tile) {
    size_t across = size / tile;
    for (uint64_t i = 0; i < across * across; ++i) {
      ArrayConfig config;
      config.rows = config.cols = static_cast<uint32_t>(tile);
      auto array = AnalogArray::create(config);
      ProgramOptions options;
      options.arrayId = i;
      const float *corner =
          w.data() + (i / across) * tile * size + (i % across) * tile;
      if (!array || !array->program(corner, size, tile, tile, options))
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

  /// The arrays of the upper rows set y; those below add to it.
  void product() {
    size_t across = size / tile;
    for (size_t i = 0; i < arrays.size(); ++i) {
      size_t k = i / across * tile, n = i % across * tile;
      MvmOptions options;
      options.accumulate = k > 0;
      arrays[i].mvm(x.data() + k, size, y.data() + n, size, batch, options,
                    scratch);
    }
  }
};

template <typename F> double secondsOf(F work) {
  auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start)
      .count();
}

void sgemm(benchmark::State &state) {
  omp_set_num_threads(1);
  Layer layer(size);
  for (auto _ : state)
    layer.sgemm();
}

void product(benchmark::State &state, ArrayMode mode, size_t tile) {
  omp_set_num_threads(1);
  Layer layer(tile);
  layer.set(mode);
  double product = 1, sgemm = 1;
  for (auto _ : state) {
    double seconds = secondsOf([&] { layer.product(); });
    state.SetIterationTime(seconds);
    product = std::min(product, seconds);
    sgemm = std::min(sgemm, secondsOf([&] { layer.sgemm(); }));
  }
  state.counters["best_us"] = product * 1e6;
  state.counters["ratio_to_sgemm"] = product / sgemm;
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
  Layer layer(size);
  uint64_t epoch = 0;
  for (auto _ : state)
    for (AnalogArray &a : layer.arrays)
      a.age(86400, ++epoch, Compensation::Global);
  state.SetItemsProcessed(state.iterations() * int64_t(size * size));
}

BENCHMARK(sgemm)->Unit(benchmark::kMicrosecond);
#define PRODUCT(name, mode, tile)                                              \
  BENCHMARK_CAPTURE(product, name, ArrayMode::mode, tile)                      \
      ->Unit(benchmark::kMicrosecond)                                          \
      ->UseManualTime()
PRODUCT(exact_512, Exact, 512);
PRODUCT(exact_256, Exact, 256);
PRODUCT(quantised_512, Quantised, 512);
PRODUCT(quantised_256, Quantised, 256);
PRODUCT(noisy_512, Noisy, 512);
PRODUCT(noisy_256, Noisy, 256);
BENCHMARK(noise)->Unit(benchmark::kMicrosecond);
BENCHMARK(ageing)->Unit(benchmark::kMillisecond);

} // namespace

BENCHMARK_MAIN();
