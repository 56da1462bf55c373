//===- Sequence.cpp - cumsum, reverse_sequence ----------------------------===//
#include "Ctl.h"

#include <fmt/format.h>
#include <type_traits>

namespace hybridc::exec::ctl {
namespace {

class CumSumKernel final : public Kernel {
public:
  CumSumKernel(const Command &command, unsigned threads)
      : rows({&command.ins[0], &command.outs[0]}, command.intOr("axis", 0)),
        type(command.ins[0].type), threads(threads),
        exclusive(command.intOr("exclusive", 0) != 0) {
    size_t axis = command.intOr("axis", 0);
    n = command.ins[0].shape[axis];
    xStride = byteStrides(command.ins[0])[axis];
    yStride = byteStrides(command.outs[0])[axis];
    if (command.intOr("reverse", 0) != 0) {
      xStart = (n - 1) * xStride;
      yStart = (n - 1) * yStride;
      xStride = -xStride;
      yStride = -yStride;
    }
  }

  Status run(const std::byte *const *ins, std::byte *const *outs,
             std::byte *) override {
    const Nest &nest = rows.nest;
    if (n == 0)
      return {};
    parallelFor(nest.total(), std::max<int64_t>(1, 16384 / n), threads,
                [&](int64_t b, int64_t e) {
                  Odometer at;
                  at.seek(nest, nest.rank(), b);
                  for (int64_t i = b; i < e; ++i, at.next(nest, nest.rank()))
                    dispatch(type, [&](auto t) {
                      row<decltype(t)>(ins[0] + at.offset[0] + xStart,
                                       outs[0] + at.offset[1] + yStart);
                    });
                });
    return {};
  }

private:
  template <typename T> void row(const std::byte *x, std::byte *y) const {
    using C = typename Element<T>::Compute;
    using W = std::conditional_t<std::is_integral_v<C>, uint64_t, C>;
    W sum = 0; // integers wrap; f16 and bf16 sum in f32
    for (int64_t i = 0; i < n; ++i) {
      W next =
          sum + static_cast<W>(Element<T>::widen(loadAs<T>(x + i * xStride)));
      storeAs<T>(y + i * yStride,
                 Element<T>::narrow(static_cast<C>(exclusive ? sum : next)));
      sum = next;
    }
  }

  Rows rows;
  DType type;
  unsigned threads;
  bool exclusive;
  int64_t n = 0, xStride = 0, yStride = 0, xStart = 0, yStart = 0;
};

class ReverseSequenceKernel final : public Kernel {
public:
  ReverseSequenceKernel(const Command &command, unsigned) {
    const View &x = command.ins[0], &y = command.outs[0];
    size_t batchAxis = command.intOr("batch_axis", 1);
    size_t timeAxis = command.intOr("time_axis", 0);
    batch = x.shape[batchAxis];
    time = x.shape[timeAxis];
    std::vector<int64_t> xs = byteStrides(x), ys = byteStrides(y);
    xBatch = xs[batchAxis];
    yBatch = ys[batchAxis];
    xTime = xs[timeAxis];
    yTime = ys[timeAxis];
    lengthStride = byteStrides(command.ins[1])[0];
    View from = x, to = y; // one time step of one sequence
    for (size_t axis :
         {std::max(batchAxis, timeAxis), std::min(batchAxis, timeAxis)})
      for (auto *v : {&from.shape, &from.strides, &to.shape, &to.strides})
        v->erase(v->begin() + axis);
    copy = makeCopy(from, to, 1);
  }

  Status run(const std::byte *const *ins, std::byte *const *outs,
             std::byte *) override {
    for (int64_t b = 0; b < batch; ++b) {
      int64_t length = loadAs<int64_t>(ins[1] + b * lengthStride);
      if (length < 0 || length > time)
        return invalidInput(fmt::format(
            "sequence length {} is not within 0 to {}", length, time));
      for (int64_t t = 0; t < time; ++t) {
        int64_t source = t < length ? length - 1 - t : t;
        const std::byte *from = ins[0] + b * xBatch + source * xTime;
        std::byte *to = outs[0] + b * yBatch + t * yTime;
        (void)copy->run(&from, &to, nullptr);
      }
    }
    return {};
  }

private:
  std::unique_ptr<Kernel> copy;
  int64_t batch = 0, time = 0, lengthStride = 0;
  int64_t xBatch = 0, yBatch = 0, xTime = 0, yTime = 0;
};

std::string checkCumSum(const Command &command) {
  std::string error = checkSame(command.ins[0], command.outs[0], "x and y");
  if (error.empty())
    error = checkAxis(command, command.ins[0]);
  if (error.empty() && command.ins[0].type == DType::Bool)
    error = "sums of bool";
  return error;
}

std::string checkReverse(const Command &command) {
  const View &x = command.ins[0], &lengths = command.ins[1];
  std::string error = checkSame(x, command.outs[0], "x and y");
  if (error.empty())
    error = checkAxis(command, x, "batch_axis");
  if (error.empty())
    error = checkAxis(command, x, "time_axis");
  if (!error.empty())
    return error;
  int64_t batchAxis = command.intOr("batch_axis", 1);
  if (batchAxis == command.intOr("time_axis", 0))
    return "batch_axis and time_axis are the same";
  if (lengths.type != DType::I64 ||
      lengths.shape != std::vector<int64_t>{x.shape[batchAxis]})
    return fmt::format("lengths {} must be i64, one for each sequence",
                       describe(lengths));
  return {};
}

} // namespace

void addSequence(std::vector<KernelSpec> &rows) {
  rows.push_back(
      {"cumsum",
       1,
       1,
       {{"axis", kInts, true, "dimension along which sums run"},
        {"exclusive", kInts, false, "1: without the element itself (0)"},
        {"reverse", kInts, false, "1: from the end (0)"}},
       "running sums along an axis",
       checkCumSum,
       [](const Command &command, const PrepareOptions &options) -> Prepared {
         return std::unique_ptr<Kernel>(
             std::make_unique<CumSumKernel>(command, options.threads));
       }});
  rows.push_back(
      {"reverse_sequence",
       2,
       1,
       {{"batch_axis", kInts, true, "dimension of the sequences"},
        {"time_axis", kInts, true, "dimension that is reversed"}},
       "the first lengths[b] steps of each sequence in reverse",
       checkReverse,
       [](const Command &command, const PrepareOptions &options) -> Prepared {
         return std::unique_ptr<Kernel>(
             std::make_unique<ReverseSequenceKernel>(command, options.threads));
       }});
}

} // namespace hybridc::exec::ctl
