//===- MvmIdeal.cpp - Products of arrays, exactly -----------------------===//
#include "Mvm.h"

#include <fmt/format.h>

namespace hybridc::exec {
namespace {

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

} // namespace

Result<std::unique_ptr<Kernel>> makeIdealMvm(Arrays &arrays,
                                             const Command &command,
                                             Product product,
                                             unsigned threads) {
  auto kernel = std::make_unique<IdealKernel>();
  if (Status s = kernel->prepare(arrays, command, std::move(product), threads);
      !s)
    return s.error();
  return std::unique_ptr<Kernel>(std::move(kernel));
}

} // namespace hybridc::exec
