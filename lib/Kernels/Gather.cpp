//===- Gather.cpp - Slices picked by an index tensor ----------------------===//
#include "hybridc/Kernels/Common.h"

#include <atomic>
#include <fmt/format.h>

namespace hybridc::exec {
namespace {

class GatherKernel final : public Kernel {
public:
  GatherKernel(const Command &command, unsigned numThreads)
      : threads(numThreads) {
    const View &data = command.ins[0], &index = command.ins[1];
    const View &y = command.outs[0];
    size_t axis = command.intOr("axis", 0), picks = index.shape.size();
    extent = data.shape[axis];
    std::vector<int64_t> ds = byteStrides(data), is = byteStrides(index);
    std::vector<int64_t> ys = byteStrides(y);
    axisStride = ds[axis];
    wide = index.type == DType::I64;
    // Outside: everything up to the indices; inside: what is copied.
    std::vector<int64_t> extents, od, oi, oy;
    for (size_t d = 0; d < axis + picks; ++d) {
      bool isPick = d >= axis;
      extents.push_back(y.shape[d]);
      od.push_back(isPick ? 0 : ds[d]);
      oi.push_back(isPick ? is[d - axis] : 0);
      oy.push_back(ys[d]);
    }
    outer = makeNest(extents, {od, oi, oy});
    View from = data, to = y;
    from.shape.assign(data.shape.begin() + axis + 1, data.shape.end());
    from.strides.assign(data.strides.begin() + axis + 1, data.strides.end());
    to.shape = from.shape;
    to.strides.assign(y.strides.begin() + axis + picks, y.strides.end());
    // Already in parallel outside.
    copy = makeCopy(from, to, 1);
    bytes = stream::numElements(from) * stream::sizeOf(from.type);
    dense = isDense(from) && isDense(to);
  }

  Status run(const std::byte *const *ins, std::byte *const *outs,
             std::byte *) override {
    std::atomic<int64_t> wrong = -1;
    int64_t total = outer.total();
    if (total == 0 || bytes == 0)
      return {};
    parallelFor(total, std::max<int64_t>(1, 65536 / bytes), threads,
                [&](int64_t b, int64_t e) {
                  Odometer at;
                  at.seek(outer, outer.rank(), b);
                  for (int64_t i = b; i < e; ++i) {
                    if (!pick(ins, outs[0], at))
                      wrong = i;
                    at.next(outer, outer.rank());
                  }
                });
    if (wrong < 0)
      return {};
    // The first one, whichever thread came first.
    for (int64_t i = 0; i < total; ++i) {
      Odometer at;
      at.seek(outer, outer.rank(), i);
      int64_t index = indexAt(ins[1] + at.offset[1]);
      if (index < -extent || index >= extent)
        return invalidInput(
            fmt::format("index {} is out of range: the axis has {} elements",
                        index, extent));
    }
    return {};
  }

private:
  int64_t indexAt(const std::byte *p) const {
    return wide ? loadAs<int64_t>(p) : loadAs<int32_t>(p);
  }
  bool pick(const std::byte *const *ins, std::byte *y,
            const Odometer &at) const {
    int64_t index = indexAt(ins[1] + at.offset[1]);
    if (index < -extent || index >= extent)
      return false;
    index += index < 0 ? extent : 0;
    const std::byte *from = ins[0] + at.offset[0] + index * axisStride;
    std::byte *to = y + at.offset[2];
    if (dense)
      std::memcpy(to, from, bytes);
    else
      (void)copy->run(&from, &to, nullptr);
    return true;
  }

  Nest outer; ///< operands data, index, y
  std::unique_ptr<Kernel> copy;
  int64_t extent = 0, axisStride = 0, bytes = 0;
  bool wide = true, dense = false;
  unsigned threads;
};

} // namespace

Prepared prepareGather(const Command &command, const PrepareOptions &options) {
  return std::unique_ptr<Kernel>(
      std::make_unique<GatherKernel>(command, options.threads));
}

} // namespace hybridc::exec
