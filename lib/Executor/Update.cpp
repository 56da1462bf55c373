//===- Update.cpp - The kernels of pulsed_update and read_weights ---------===//
#include "Arrays.h"
#include "hybridc/Kernels/Common.h"
#include "hybridc/Kernels/OneDnn.h"

#include <cmath>
#include <fmt/format.h>

namespace hybridc::exec {
namespace {

using stream::Command;

/// The tiles of W and where they lie in it.
struct Group {
  std::vector<int64_t> arrays, kOffsets, nOffsets;

  explicit Group(const Command &command)
      : arrays(command.ints("arrays")), kOffsets(command.ints("k_offsets")),
        nOffsets(command.ints("n_offsets")) {}

  /// W of K × N holds every tile.
  Status check(Arrays &owner, int64_t k, int64_t n) const {
    for (size_t t = 0; t < arrays.size(); ++t) {
      const Arrays::Tile &tile = owner.tile(arrays[t]);
      if (kOffsets[t] + static_cast<int64_t>(tile.rows) > k ||
          nOffsets[t] + static_cast<int64_t>(tile.cols) > n)
        return invalidInput(fmt::format(
            "array {} at row {}, column {} reaches past W of {} x {}",
            arrays[t], kOffsets[t], nOffsets[t], k, n));
    }
    return {};
  }
};

/// An operand that is dense or is made so.
struct DenseInput {
  Packer packer;
  bool packs = false;
  size_t at = 0; ///< in the scratch

  DenseInput(const View &view, unsigned threads, size_t &scratch)
      : packer(view, threads, false), packs(!isDense(view)), at(scratch) {
    if (packs)
      scratch += alignUp(packer.bytes());
  }
  const float *of(const std::byte *view, std::byte *scratch) const {
    if (packs) {
      packer.pack(view, scratch + at);
      view = scratch + at;
    }
    return reinterpret_cast<const float *>(view);
  }
};

class UpdateKernel final : public Kernel {
public:
  UpdateKernel(Arrays &arrays, const Command &command, unsigned threads)
      : arrays(arrays), group(command), k(command.ins[0].shape.back()),
        n(command.ins[1].shape.back()),
        batch(stream::numElements(command.ins[0]) / k), threads(threads),
        lr(static_cast<float>(command.floatOr("learning_rate", 0))),
        lrIsOperand(command.ins.size() == 3),
        x(command.ins[0], threads, scratchSize),
        d(command.ins[1], threads, scratchSize) {}

  Status run(const std::byte *const *ins, std::byte *const *,
             std::byte *scratch) override {
    const float *xs = x.of(ins[0], scratch), *ds = d.of(ins[1], scratch);
    float rate = lr;
    if (lrIsOperand)
      std::memcpy(&rate, ins[2], sizeof rate);
    if (!areFinite(xs, batch * k) || !areFinite(ds, batch * n) ||
        !std::isfinite(rate))
      return invalidInput("x, d or lr is not a finite number; a smaller "
                          "learning rate may keep them so");
    for (int64_t array : group.arrays)
      if (arrays.tile(array).version == 0)
        return invalidInput(
            fmt::format("array {} is updated before it is programmed", array));
    // Each tile has random numbers of its own.
    parallelFor(static_cast<int64_t>(group.arrays.size()), 1, threads,
                [&](int64_t begin, int64_t end) {
                  for (int64_t t = begin; t < end; ++t) {
                    Arrays::Tile &tile = arrays.tile(group.arrays[t]);
                    tile.training->update(xs + group.kOffsets[t], k,
                                          ds + group.nOffsets[t], n, batch,
                                          rate);
                    ++tile.version;
                  }
                });
    return {};
  }

private:
  static bool areFinite(const float *values, int64_t count) {
    // A sum of zeros, unless one is infinite or no number.
    float sum = 0;
    for (int64_t i = 0; i < count; ++i)
      sum += values[i] * 0.0f;
    return sum == 0;
  }

  Arrays &arrays;
  Group group;
  int64_t k, n, batch;
  unsigned threads;
  float lr;
  bool lrIsOperand;
  DenseInput x, d;
};

class ReadKernel final : public Kernel {
public:
  ReadKernel(Arrays &arrays, const Command &command, uint64_t number)
      : arrays(arrays), group(command), w(command.outs[0]), number(number),
        reads(static_cast<unsigned>(command.intOr("reads", 1))),
        ideal(command.intOr("ideal", 0) != 0) {}

  Status run(const std::byte *const *, std::byte *const *outs,
             std::byte *) override {
    if (generation != arrays.generationNumber()) {
      generation = arrays.generationNumber();
      runs = 0;
    }
    uint64_t command = (number << 36) + runs++;
    auto *to = reinterpret_cast<float *>(outs[0]);
    for (size_t t = 0; t < group.arrays.size(); ++t) {
      auto array = static_cast<size_t>(group.arrays[t]);
      if (Status s = readTile(array, command); !s)
        return s;
      const Arrays::Tile &tile = arrays.tile(array);
      for (size_t i = 0; i < tile.rows; ++i)
        for (size_t j = 0; j < tile.cols; ++j)
          to[(group.kOffsets[t] + int64_t(i)) * w.strides[0] +
             (group.nOffsets[t] + int64_t(j)) * w.strides[1]] =
              values[i * tile.cols + j];
    }
    return {};
  }

private:
  /// Leaves the tile's weights in `values`.
  Status readTile(size_t array, uint64_t command) {
    const Arrays::Tile &tile = arrays.tile(array);
    size_t rows = tile.rows, cols = tile.cols;
    values.assign(rows * cols, 0.0f);
    if (ideal) {
      std::span<const float> held = arrays.weightsOf(array);
      std::copy(held.begin(), held.end(), values.begin());
      return {};
    }
    auto reader = arrays.readerOf(array, /*transposed=*/false);
    if (!reader)
      return reader.error();
    constexpr size_t block = 32;
    std::vector<float> x(block * rows), y(block * cols);
    for (size_t first = 0; first < rows; first += block) {
      size_t count = std::min(block, rows - first);
      std::fill(x.begin(), x.end(), 0.0f);
      for (size_t i = 0; i < count; ++i)
        x[i * rows + first + i] = 1;
      for (unsigned r = 0; r < reads; ++r) {
        MvmOptions options;
        options.noise = arrays.noisy();
        options.command = command;
        options.firstRow = uint64_t(r) * rows + first;
        options.inputRange = 1;
        (*reader)->mvm(x.data(), rows, y.data(), cols, count, options, scratch);
        for (size_t i = 0; i < count * cols; ++i)
          values[first * cols + i] += y[i] / float(reads);
      }
    }
    return {};
  }

  Arrays &arrays;
  Group group;
  View w;
  uint64_t number, runs = 0, generation = 0;
  unsigned reads;
  bool ideal;
  std::vector<float> values;
  MvmScratch scratch;
};

class RefreshKernel final : public Kernel {
public:
  RefreshKernel(Arrays &arrays, const Command &command)
      : arrays(arrays), array(size_t(command.intOr("array", 0))),
        upper(command.floatOr("upper", 0.75)),
        lower(command.floatOr("lower", 0.25)),
        pulses(unsigned(command.intOr("pulses", 0))) {}

  Status run(const std::byte *const *, std::byte *const *,
             std::byte *) override {
    Arrays::Tile &tile = arrays.tile(array);
    if (tile.version == 0)
      return invalidInput(
          fmt::format("array {} is refreshed before it is programmed", array));
    tile.training->refresh(upper, lower, pulses);
    ++tile.version;
    return {};
  }

private:
  Arrays &arrays;
  size_t array;
  double upper, lower;
  unsigned pulses;
};

} // namespace

Result<std::unique_ptr<Kernel>> Arrays::prepareRefresh(const Command &command) {
  auto array = size_t(command.intOr("array", 0));
  const Tile &own = tiles[array];
  if (!own.training || !own.training->isOneSided())
    return unsupported(fmt::format(
        "refresh_pairs: array '{}' has no one-sided pairs; only training "
        "devices with w_min = 0 that the program updates are refreshed",
        places[array].name));
  return std::unique_ptr<Kernel>(
      std::make_unique<RefreshKernel>(*this, command));
}

Result<std::unique_ptr<Kernel>> Arrays::prepareUpdate(const Command &command,
                                                      unsigned threads) {
  if (Status s = Group(command).check(*this, command.ins[0].shape.back(),
                                      command.ins[1].shape.back());
      !s)
    return s.error();
  return std::unique_ptr<Kernel>(
      std::make_unique<UpdateKernel>(*this, command, threads));
}

Result<std::unique_ptr<Kernel>> Arrays::prepareRead(const Command &command,
                                                    uint64_t number) {
  const std::vector<int64_t> &shape = command.outs[0].shape;
  if (Status s = Group(command).check(*this, shape[0], shape[1]); !s)
    return s.error();
  return std::unique_ptr<Kernel>(
      std::make_unique<ReadKernel>(*this, command, number));
}

} // namespace hybridc::exec
