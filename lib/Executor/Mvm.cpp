//===- Mvm.cpp - The kernels of program_array and mvm ---------------------===//
#include "Arrays.h"
#include "hybridc/Kernels/Common.h"
#include "hybridc/Kernels/OneDnn.h"

#include <cmath>
#include <fmt/format.h>

namespace hybridc::exec {
namespace {

class ProgramKernel final : public Kernel {
public:
  ProgramKernel(Arrays &arrays, const Command &command, unsigned threads)
      : arrays(arrays), array(command.intOr("array", 0)),
        k(command.ins[0].shape[0]), n(command.ins[0].shape[1]),
        scale(command.floats("scale").begin(), command.floats("scale").end()),
        packer(command.ins[0], threads, false) {
    packs = !isDense(command.ins[0]);
    scratchSize = packs ? packer.bytes() : 0;
  }

  Status run(const std::byte *const *ins, std::byte *const *,
             std::byte *scratch) override {
    const std::byte *w = ins[0];
    if (packs) {
      packer.pack(w, scratch);
      w = scratch;
    }
    return arrays.program(array, reinterpret_cast<const float *>(w), n, k, n,
                          scale);
  }

private:
  Arrays &arrays;
  size_t array;
  int64_t k, n;
  std::vector<float> scale; ///< one, or one a column
  Packer packer;
  bool packs = false;
};

/// read_array and set_gain: no operands, all of it is the array's own.
class CalibrationKernel final : public Kernel {
public:
  CalibrationKernel(Arrays &arrays, const Command &command)
      : arrays(arrays), array(command.intOr("array", 0)),
        reads(command.intOr("reads", 16)),
        isRead(command.op == stream::Op::ReadArray),
        perColumn(command.textOr("kind", "") == "column") {}

  Status run(const std::byte *const *, std::byte *const *,
             std::byte *) override {
    return isRead ? arrays.readArray(array, reads)
                  : arrays.setGain(array, perColumn);
  }

private:
  Arrays &arrays;
  size_t array;
  unsigned reads;
  bool isRead, perColumn;
};

/// The extents and tiles of a product.
struct Product {
  int64_t k = 0, n = 0; ///< of what is driven and what is read
  bool conv = false, transposed = false;
  std::vector<int64_t> arrays, kOffsets, nOffsets;

  /// Lines of a tile that are driven, and that are read.
  std::pair<int64_t, int64_t> sizeOf(const Arrays::Tile &tile) const {
    auto rows = static_cast<int64_t>(tile.rows);
    auto cols = static_cast<int64_t>(tile.cols);
    return transposed ? std::pair(cols, rows) : std::pair(rows, cols);
  }
};

Result<Product> productOf(Arrays &arrays, const Command &command) {
  Product p;
  const View &x = command.ins[0], &y = command.outs[0];
  p.conv = command.find("kernel") != nullptr;
  if (p.conv) {
    p.k = x.shape[1] * std::max<int64_t>(1, command.intOr("x_block", 0));
    for (int64_t tap : command.ints("kernel"))
      p.k *= tap;
    p.n = y.shape[1] * std::max<int64_t>(1, command.intOr("y_block", 0));
  } else {
    p.k = x.shape.back();
    p.n = y.shape.back();
  }
  if (static_cast<double>(p.k) * static_cast<double>(p.n) > 4e9)
    return doesNotFit(fmt::format("a product with {} x {} weights", p.k, p.n));
  p.arrays = command.ints("arrays");
  p.kOffsets = command.ints("k_offsets");
  p.nOffsets = command.ints("n_offsets");
  p.transposed = command.intOr("transposed", 0) != 0;
  if (p.transposed)
    std::swap(p.kOffsets, p.nOffsets);
  for (size_t t = 0; t < p.arrays.size(); ++t) {
    const Arrays::Tile &tile = arrays.tile(p.arrays[t]);
    auto [rows, cols] = p.sizeOf(tile);
    if (p.transposed && !tile.training && command.intOr("ideal", 0) == 0)
      return unsupported(fmt::format(
          "array {} is for inference and is driven from its rows alone; arrays "
          "for training are driven from both sides",
          p.arrays[t]));
    if (p.kOffsets[t] + rows > p.k || p.nOffsets[t] + cols > p.n)
      return invalidInput(
          fmt::format("array {} at row {}, column {} reaches past W of {} x {}",
                      p.arrays[t], p.kOffsets[t], p.nOffsets[t], p.k, p.n));
  }
  return p;
}

//===----------------------------------------------------------------------===//
// Ideal
//===----------------------------------------------------------------------===//

class IdealKernel final : public Kernel {
public:
  Status prepare(Arrays &owner, const Command &command, Product product,
                 unsigned threads);
  Status run(const std::byte *const *ins, std::byte *const *outs,
             std::byte *scratch) override;

private:
  void assemble();

  Arrays *arrays = nullptr;
  Product p;
  std::unique_ptr<Kernel> digital;
  std::vector<int64_t> filterTaps;
  int64_t xBlock = 0, yBlock = 0;
  std::vector<float> weights; ///< in the digital command's layout
  std::vector<uint64_t> versions;
};

Status IdealKernel::prepare(Arrays &owner, const Command &command,
                            Product product, unsigned threads) {
  arrays = &owner;
  p = std::move(product);
  Command digitalCommand;
  digitalCommand.op = p.conv ? stream::Op::Conv : stream::Op::Matmul;
  digitalCommand.outs = command.outs;
  View x = command.ins[0], w;
  w.type = DType::F32;
  auto copyAttr = [&](const char *name) {
    if (const stream::Attr *attr = command.find(name))
      digitalCommand.attrs.push_back(*attr);
  };
  copyAttr("accumulate");
  if (p.conv) {
    copyAttr("dilations");
    copyAttr("pads");
    copyAttr("strides");
    copyAttr("x_block");
    copyAttr("y_block");
    filterTaps = command.ints("kernel");
    xBlock = command.intOr("x_block", 0);
    yBlock = command.intOr("y_block", 0);
    int64_t taps = 1;
    for (int64_t t : filterTaps)
      taps *= t;
    int64_t channels = p.k / taps;
    if (yBlock == 0 && xBlock == 0)
      w.shape = {p.n, channels};
    else if (xBlock == yBlock)
      w.shape = {p.n / yBlock, channels / xBlock};
    else if (xBlock == 0)
      w.shape = {p.n / yBlock};
    else
      return unsupported(fmt::format(
          "an ideal product with x_block {} and y_block {}", xBlock, yBlock));
    w.shape.insert(w.shape.end(), filterTaps.begin(), filterTaps.end());
    if (yBlock != 0)
      w.shape.insert(w.shape.end(), {xBlock == 0 ? channels : xBlock, yBlock});
  } else {
    // A vector is one row.
    if (x.shape.size() == 1) {
      x.shape.insert(x.shape.begin(), 1);
      x.strides.insert(x.strides.begin(), x.shape.back());
      View &y = digitalCommand.outs[0];
      y.shape.insert(y.shape.begin(), 1);
      y.strides.insert(y.strides.begin(), y.shape.back());
    }
    w.shape.assign(x.shape.begin(), x.shape.end() - 2);
    w.shape.insert(w.shape.end(), {p.k, p.n});
  }
  w.strides = stream::rowMajorStrides(w.shape);
  size_t broadcast = p.conv ? 0 : x.shape.size() - 2;
  for (size_t d = 0; d < broadcast; ++d)
    w.strides[d] = 0;
  digitalCommand.ins = {x, w};
  // Assembled on the first run: only then is it known what was programmed.
  PrepareOptions options;
  options.threads = threads;
  Result<std::unique_ptr<Kernel>> made = prepareKernel(digitalCommand, options);
  if (!made)
    return made.error();
  digital = std::move(*made);
  scratchSize = digital->scratchBytes();
  return {};
}

void IdealKernel::assemble() {
  std::vector<uint64_t> now;
  for (int64_t array : p.arrays)
    now.push_back(arrays->tile(array).version);
  if (now == versions && !weights.empty())
    return;
  versions = now;
  weights.assign(p.k * p.n, 0.0f);
  int64_t taps = 1;
  for (int64_t t : filterTaps)
    taps *= t;
  // Where W[k][n] lies in the digital command's weights.
  auto place = [&](int64_t k, int64_t n) -> int64_t {
    if (!p.conv)
      return k * p.n + n;
    int64_t c = k / taps, tap = k % taps, channels = p.k / taps;
    if (yBlock == 0)
      return n * p.k + k;
    int64_t nb = n / yBlock, ni = n % yBlock;
    if (xBlock == 0)
      return ((nb * taps + tap) * channels + c) * yBlock + ni;
    int64_t cb = c / xBlock, ci = c % xBlock;
    return (((nb * (channels / xBlock) + cb) * taps + tap) * xBlock + ci) *
               yBlock +
           ni;
  };
  for (size_t t = 0; t < p.arrays.size(); ++t) {
    std::span<const float> held = arrays->weightsOf(p.arrays[t]);
    if (held.empty())
      continue; // never programmed: holds zeros
    auto [rows, cols] = p.sizeOf(arrays->tile(p.arrays[t]));
    for (int64_t i = 0; i < rows; ++i)
      for (int64_t j = 0; j < cols; ++j)
        weights[place(p.kOffsets[t] + i, p.nOffsets[t] + j)] +=
            held[p.transposed ? j * rows + i : i * cols + j];
  }
}

Status IdealKernel::run(const std::byte *const *ins, std::byte *const *outs,
                        std::byte *scratch) {
  assemble();
  const std::byte *operands[2] = {
      ins[0], reinterpret_cast<const std::byte *>(weights.data())};
  return digital->run(operands, outs, scratch);
}

//===----------------------------------------------------------------------===//
// With converters and cells
//===----------------------------------------------------------------------===//

class AnalogKernel final : public Kernel {
public:
  /// `expectedCells` pJ of one run; 0: what they take is not computed.
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

Result<std::unique_ptr<Kernel>>
Arrays::prepare(const Command &command, uint64_t number, unsigned threads,
                const stream::Program &program) {
  if (std::string error = stream::checkCommand(command); !error.empty())
    return invalidInput(error);
  auto exists = [&](int64_t array) {
    return array >= 0 && array < static_cast<int64_t>(tiles.size());
  };
  if (command.op == stream::Op::ProgramArray) {
    if (!exists(command.intOr("array", -1)))
      return invalidInput("programs an array that does not exist");
    return std::unique_ptr<Kernel>(
        std::make_unique<ProgramKernel>(*this, command, threads));
  }
  if (command.op == stream::Op::ReadArray ||
      command.op == stream::Op::SetGain) {
    if (!exists(command.intOr("array", -1)))
      return invalidInput("calibrates an array that does not exist");
    return std::unique_ptr<Kernel>(
        std::make_unique<CalibrationKernel>(*this, command));
  }
  if (command.op == stream::Op::RefreshPairs) {
    if (!exists(command.intOr("array", -1)))
      return invalidInput("refreshes an array that does not exist");
    return prepareRefresh(command);
  }
  for (int64_t array : command.ints("arrays"))
    if (!exists(array))
      return invalidInput(fmt::format("array {} does not exist", array));
  if (command.op == stream::Op::PulsedUpdate)
    return prepareUpdate(command, threads);
  if (command.op == stream::Op::ReadWeights)
    return prepareRead(command, number);
  Result<Product> product = productOf(*this, command);
  if (!product)
    return product.error();
  if (command.intOr("ideal", 0) == 0) {
    std::string engine;
    if (!product->arrays.empty())
      engine = places[product->arrays[0]].engine;
    return std::unique_ptr<Kernel>(std::make_unique<AnalogKernel>(
        *this, command, std::move(*product), number, threads, std::move(engine),
        expectedCells(command, program)));
  }
  auto kernel = std::make_unique<IdealKernel>();
  if (Status s = kernel->prepare(*this, command, std::move(*product), threads);
      !s)
    return s.error();
  return std::unique_ptr<Kernel>(std::move(kernel));
}

} // namespace hybridc::exec
