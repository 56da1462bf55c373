//===- Mvm.cpp - Products with converters and cells ---------------------===//
#include "Mvm.h"

#include <algorithm>
#include <cmath>

namespace hybridc::exec {
namespace {

class AnalogKernel final : public Kernel {
public:
  AnalogKernel(Arrays &arrays, const Command &command, Product product,
               uint64_t number, unsigned threads, std::string engine,
               double expectedCells);
  Status run(const std::byte *const *ins, std::byte *const *outs,
             std::byte *scratch) override;

private:
  void gather(const float *x, float *rows, int64_t first, int64_t count) const;
  std::vector<float> rangesOf(const float *x, float *buffer);
  /// The arrays as they are now.
  Status look();
  void scatter(const float *rows, float *y, int64_t first, int64_t count) const;

  Arrays &arrays;
  Product p;
  View x, y;
  uint64_t number, runs = 0, generation = 0;
  unsigned threads;
  bool accumulate;
  float inputRange;
  int64_t rows = 0, chunk = 0;
  // Rows of a plain product, or pixels of a convolution.
  Nest batch; ///< operands x, y, elements
  int64_t taps = 1, xBlock = 0, yBlock = 0;
  std::vector<int64_t> kernel, strides, pads, dilations, in, out;
  std::vector<MvmScratch> scratches;
  std::vector<const AnalogArray *> readers; ///< of p.arrays
  CellEnergy cells;                         ///< of one run
  std::vector<double> energies;             ///< of each row, in pJ
};

AnalogKernel::AnalogKernel(Arrays &owner, const Command &command,
                           Product product, uint64_t number, unsigned threads,
                           std::string engine, double expectedCells)
    : arrays(owner), p(std::move(product)), x(command.ins[0]),
      y(command.outs[0]), number(number), threads(threads),
      accumulate(command.intOr("accumulate", 0) != 0),
      inputRange(static_cast<float>(command.floatOr("input_range", 0))),
      scratches(threads) {
  cells = {command.origin, std::move(engine), 0, expectedCells};
  if (p.conv) {
    xBlock = command.intOr("x_block", 0);
    yBlock = command.intOr("y_block", 0);
    kernel = command.ints("kernel");
    strides = command.ints("strides");
    dilations = command.ints("dilations");
    pads = command.ints("pads");
    rows = x.shape[0];
    for (size_t d = 0; d < kernel.size(); ++d) {
      in.push_back(x.shape[2 + d]);
      out.push_back(y.shape[2 + d]);
      rows *= out.back();
      taps *= kernel[d];
    }
  } else {
    std::vector<int64_t> extents(x.shape.begin(), x.shape.end() - 1);
    batch = makeNest(extents, {{x.strides.begin(), x.strides.end() - 1},
                               {y.strides.begin(), y.strides.end() - 1}});
    rows = batch.total();
  }
  chunk = std::clamp<int64_t>((1 << 18) / (p.k + p.n), 8, 256);
  chunk = std::min(chunk, std::max<int64_t>(1, (rows + threads - 1) / threads));
  scratchSize = alignUp(chunk * (p.k + p.n) * 4) * threads;
}

/// Input vectors [first, first + count) as rows of K.
void AnalogKernel::gather(const float *from, float *to, int64_t first,
                          int64_t count) const {
  if (!p.conv) {
    Odometer at;
    at.seek(batch, batch.rank(), first);
    int64_t stride = x.strides.back();
    for (int64_t r = 0; r < count; ++r, to += p.k) {
      const float *row = from + at.offset[0];
      for (int64_t k = 0; k < p.k; ++k)
        to[k] = row[k * stride];
      at.next(batch, batch.rank());
    }
    return;
  }
  size_t spatial = kernel.size();
  int64_t channels = p.k / taps;
  for (int64_t r = first; r < first + count; ++r, to += p.k) {
    int64_t at[3], rest = r;
    for (size_t d = spatial; d-- > 0; rest /= out[d])
      at[d] = rest % out[d];
    const float *image = from + rest * x.strides[0];
    for (int64_t tap = 0; tap < taps; ++tap) {
      int64_t left = tap, offset = 0;
      bool inside = true;
      for (size_t d = spatial; d-- > 0; left /= kernel[d]) {
        int64_t i =
            at[d] * strides[d] + left % kernel[d] * dilations[d] - pads[d];
        inside &= i >= 0 && i < in[d];
        offset += i * x.strides[2 + d];
      }
      float *column = to + tap;
      if (!inside) {
        for (int64_t c = 0; c < channels; ++c)
          column[c * taps] = 0;
      } else if (xBlock == 0) {
        for (int64_t c = 0; c < channels; ++c)
          column[c * taps] = image[offset + c * x.strides[1]];
      } else {
        int64_t inner = x.strides.back();
        for (int64_t c = 0; c < channels; c += xBlock) {
          const float *block = image + offset + c / xBlock * x.strides[1];
          for (int64_t i = 0; i < xBlock; ++i)
            column[(c + i) * taps] = block[i * inner];
        }
      }
    }
  }
}

void AnalogKernel::scatter(const float *from, float *to, int64_t first,
                           int64_t count) const {
  auto put = [&](float &element, float value) {
    element = accumulate ? element + value : value;
  };
  if (!p.conv) {
    Odometer at;
    at.seek(batch, batch.rank(), first);
    int64_t stride = y.strides.back();
    for (int64_t r = 0; r < count; ++r, from += p.n) {
      float *row = to + at.offset[1];
      for (int64_t n = 0; n < p.n; ++n)
        put(row[n * stride], from[n]);
      at.next(batch, batch.rank());
    }
    return;
  }
  size_t spatial = kernel.size();
  int64_t block = std::max<int64_t>(1, yBlock);
  int64_t inner = yBlock ? y.strides.back() : 0;
  for (int64_t r = first; r < first + count; ++r, from += p.n) {
    int64_t rest = r, offset = 0;
    for (size_t d = spatial; d-- > 0; rest /= out[d])
      offset += rest % out[d] * y.strides[2 + d];
    float *pixel = to + rest * y.strides[0] + offset;
    for (int64_t n = 0; n < p.n; ++n)
      put(pixel[n / block * y.strides[1] + n % block * inner], from[n]);
  }
}

/// Per array the full scale of its DACs, where it is that of a whole product;
/// 0 where the array finds its own. `buffer` holds one chunk per thread.
std::vector<float> AnalogKernel::rangesOf(const float *from, float *buffer) {
  std::vector<float> ranges(p.arrays.size(), inputRange);
  auto isAverage = [&](size_t t) {
    return inputRange == 0 && readers[t]->config().periphery.noiseManagement ==
                                  NoiseManagement::AverageAbsMax;
  };
  for (size_t t = 0; t < ranges.size(); ++t) {
    if (!isAverage(t))
      continue;
    // In order of the rows, whatever the number of threads.
    double sum = 0;
    for (int64_t first = 0; first < rows; first += chunk) {
      int64_t count = std::min(chunk, rows - first);
      gather(from, buffer, first, count);
      AnalogArray::addAbsMax(buffer + p.kOffsets[t], p.k,
                             readers[t]->usedRows(), count, sum);
    }
    ranges[t] = static_cast<float>(sum / double(rows));
  }
  return ranges;
}

Status AnalogKernel::look() {
  readers.clear();
  for (int64_t array : p.arrays) {
    auto reader = arrays.readerOf(array, p.transposed);
    if (!reader)
      return reader.error();
    readers.push_back(*reader);
  }
  return {};
}

Status AnalogKernel::run(const std::byte *const *ins, std::byte *const *outs,
                         std::byte *scratch) {
  if (generation != arrays.generationNumber()) {
    generation = arrays.generationNumber();
    runs = 0;
  }
  // A number of its own for each run of each command.
  uint64_t command = (number << 36) + runs++;
  if (Status s = look(); !s)
    return s;
  energies.assign(cells.expected_pj > 0 ? rows : 0, 0.0);
  int64_t pieces = (rows + chunk - 1) / chunk;
  size_t threadBytes = alignUp(chunk * (p.k + p.n) * 4);
  std::vector<float> ranges = rangesOf(reinterpret_cast<const float *>(ins[0]),
                                       reinterpret_cast<float *>(scratch));
  parallelFor(pieces, 1, threads, [&](int64_t b, int64_t e) {
    int thread = omp_get_thread_num();
    float *inputs = reinterpret_cast<float *>(scratch + thread * threadBytes);
    float *results = inputs + chunk * p.k;
    for (int64_t i = b; i < e; ++i) {
      int64_t first = i * chunk, count = std::min(chunk, rows - first);
      gather(reinterpret_cast<const float *>(ins[0]), inputs, first, count);
      std::fill_n(results, count * p.n, 0.0f);
      for (size_t t = 0; t < p.arrays.size(); ++t) {
        MvmOptions options;
        options.noise = arrays.noisy();
        options.command = command;
        options.firstRow = static_cast<uint64_t>(first);
        options.inputRange = ranges[t];
        options.accumulate = true;
        options.energies_pj = energies.empty() ? nullptr : &energies[first];
        readers[t]->mvm(inputs + p.kOffsets[t], p.k, results + p.nOffsets[t],
                        p.n, count, options, scratches[thread]);
      }
      scatter(results, reinterpret_cast<float *>(outs[0]), first, count);
    }
  });
  if (energies.empty())
    return {};
  cells.energy_pj = 0;
  // In order of the rows, whatever the number of threads; what drives no
  // definite voltage has no definite energy.
  for (double energy : energies)
    cells.energy_pj += std::isfinite(energy) ? energy : 0;
  arrays.addCells(cells);
  return {};
}

} // namespace

std::unique_ptr<Kernel> makeAnalogMvm(Arrays &arrays, const Command &command,
                                      Product product, uint64_t number,
                                      unsigned threads, std::string engine,
                                      double expectedCells) {
  return std::make_unique<AnalogKernel>(arrays, command, std::move(product),
                                        number, threads, std::move(engine),
                                        expectedCells);
}

} // namespace hybridc::exec
