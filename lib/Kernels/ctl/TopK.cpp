//===- TopK.cpp - The largest or smallest elements along an axis ----------===//
#include "Ctl.h"

#include <fmt/format.h>

namespace hybridc::exec::ctl {
namespace {

class TopKKernel final : public Kernel {
public:
  TopKKernel(const Command &command, unsigned numThreads)
      : rows({&command.ins[0], &command.outs[0], &command.outs[1]},
             command.intOr("axis", 0)),
        type(command.ins[0].type), threads(numThreads) {
    size_t axis = command.intOr("axis", 0);
    n = command.ins[0].shape[axis];
    k = command.outs[0].shape[axis];
    largest = command.intOr("largest", 1) != 0;
    xStride = byteStrides(command.ins[0])[axis];
    vStride = byteStrides(command.outs[0])[axis];
    iStride = byteStrides(command.outs[1])[axis];
    threadBytes = alignUp(n * sizeof(int64_t));
    scratchSize = threadBytes * threads;
  }

  Status run(const std::byte *const *ins, std::byte *const *outs,
             std::byte *scratch) override {
    const Nest &nest = rows.nest;
    parallelFor(nest.total(), std::max<int64_t>(1, 4096 / (n + 1)), threads,
                [&](int64_t b, int64_t e) {
                  int64_t *order = reinterpret_cast<int64_t *>(
                      scratch + omp_get_thread_num() * threadBytes);
                  Odometer at;
                  at.seek(nest, nest.rank(), b);
                  for (int64_t i = b; i < e; ++i, at.next(nest, nest.rank()))
                    dispatch(type, [&](auto t) {
                      pick<decltype(t)>(ins[0] + at.offset[0],
                                        outs[0] + at.offset[1],
                                        outs[1] + at.offset[2], order);
                    });
                });
    return {};
  }

private:
  template <typename T>
  void pick(const std::byte *x, std::byte *values, std::byte *indices,
            int64_t *order) const {
    for (int64_t i = 0; i < n; ++i)
      order[i] = i;
    auto value = [&](int64_t i) {
      return Element<T>::widen(loadAs<T>(x + i * xStride));
    };
    // NaN is the largest value; equal elements keep their order.
    auto before = [&](int64_t a, int64_t b) {
      auto va = value(a), vb = value(b);
      bool na = va != va, nb = vb != vb;
      if (na != nb)
        return largest ? na : nb;
      if (!na && va != vb)
        return largest ? va > vb : va < vb;
      return a < b;
    };
    std::partial_sort(order, order + k, order + n, before);
    for (int64_t i = 0; i < k; ++i) {
      storeAs<T>(values + i * vStride, loadAs<T>(x + order[i] * xStride));
      storeAs<int64_t>(indices + i * iStride, order[i]);
    }
  }

  Rows rows;
  DType type;
  int64_t n = 0, k = 0, xStride = 0, vStride = 0, iStride = 0;
  bool largest = true;
  unsigned threads;
  size_t threadBytes = 0;
};

std::string check(const Command &command) {
  const View &x = command.ins[0], &values = command.outs[0];
  const View &indices = command.outs[1];
  if (std::string error = checkAxis(command, x); !error.empty())
    return error;
  size_t axis = command.intOr("axis", 0);
  std::vector<int64_t> expected = x.shape;
  if (values.shape.size() == expected.size())
    expected[axis] = values.shape[axis];
  if (values.shape != expected || indices.shape != expected ||
      expected[axis] > x.shape[axis] || expected[axis] < 0)
    return fmt::format("{} → {}, {}: the results must have x's extents except "
                       "along axis {}, where they have at most as many",
                       describe(x), describe(values), describe(indices), axis);
  if (values.type != x.type || indices.type != DType::I64)
    return "values must have x's type, indices i64";
  return {};
}

} // namespace

void addTopK(std::vector<KernelSpec> &rows) {
  rows.push_back(
      {"topk",
       1,
       2,
       {{"axis", kInts, true, "dimension that is searched"},
        {"largest", kInts, false, "1: the largest, 0: the smallest (1)"},
        {"sorted", kInts, false, "1: in order (1); results always are"}},
       "the k largest or smallest elements along an axis and their indices",
       check,
       [](const Command &command, const PrepareOptions &options) -> Prepared {
         return std::unique_ptr<Kernel>(
             std::make_unique<TopKKernel>(command, options.threads));
       }});
}

} // namespace hybridc::exec::ctl
