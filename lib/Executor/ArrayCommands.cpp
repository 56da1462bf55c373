//===- ArrayCommands.cpp - A kernel for each command of arrays ----------===//
#include "Mvm.h"
#include "hybridc/Kernels/OneDnn.h"
#include "hybridc/Stream/CommandSpec.h"

#include <algorithm>
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
    return makeAnalogMvm(*this, command, std::move(*product), number, threads,
                         std::move(engine), expectedCells(command, program));
  }
  return makeIdealMvm(*this, command, std::move(*product), threads);
}

} // namespace hybridc::exec
