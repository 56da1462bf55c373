//===- GatherNd.cpp - gather_nd, gather_elements, one_hot -----------------===//
#include "Ctl.h"

#include <fmt/format.h>

namespace hybridc::exec::ctl {
namespace {

class GatherNdKernel final : public Kernel {
public:
  GatherNdKernel(const Command &command, unsigned) {
    const View &data = command.ins[0], &index = command.ins[1];
    const View &y = command.outs[0];
    size_t batch = command.intOr("batch_dims", 0);
    size_t tuples = index.shape.size() - 1;
    indexType = index.type;
    depth = index.shape.back();
    std::vector<int64_t> ds = byteStrides(data), is = byteStrides(index);
    std::vector<int64_t> ys = byteStrides(y);
    tupleStride = is.back();
    for (int64_t q = 0; q < depth; ++q) {
      extents.push_back(data.shape[batch + q]);
      strides.push_back(ds[batch + q]);
    }
    std::vector<int64_t> od(tuples, 0);
    std::copy(ds.begin(), ds.begin() + batch, od.begin());
    is.pop_back();
    outer = makeNest({index.shape.begin(), index.shape.begin() + tuples},
                     {od, is, {ys.begin(), ys.begin() + tuples}});
    View from = data, to = y;
    from.shape.assign(data.shape.begin() + batch + depth, data.shape.end());
    from.strides.assign(data.strides.begin() + batch + depth,
                        data.strides.end());
    to.shape = from.shape;
    to.strides.assign(y.strides.begin() + tuples, y.strides.end());
    empty = stream::numElements(from) == 0;
    copy = makeCopy(from, to, 1);
  }

  Status run(const std::byte *const *ins, std::byte *const *outs,
             std::byte *) override {
    Odometer at;
    at.seek(outer, outer.rank(), 0);
    for (int64_t i = 0, n = empty ? 0 : outer.total(); i < n; ++i) {
      const std::byte *from = ins[0] + at.offset[0];
      for (int64_t q = 0; q < depth; ++q) {
        int64_t index =
            indexAt(indexType, ins[1] + at.offset[1] + q * tupleStride);
        if (index < -extents[q] || index >= extents[q])
          return invalidInput(
              fmt::format("index {} is out of range: there are {} elements",
                          index, extents[q]));
        from += (index < 0 ? index + extents[q] : index) * strides[q];
      }
      std::byte *to = outs[0] + at.offset[2];
      (void)copy->run(&from, &to, nullptr);
      at.next(outer, outer.rank());
    }
    return {};
  }

private:
  std::unique_ptr<Kernel> copy;
  DType indexType;
  int64_t depth = 0, tupleStride = 0;
  bool empty = false;
  std::vector<int64_t> extents, strides;
  Nest outer; ///< operands data (batch), indices, y
};

class GatherElementsKernel final : public Kernel {
public:
  GatherElementsKernel(const Command &command, unsigned)
      : type(command.ins[0].type), indexType(command.ins[1].type) {
    size_t axis = command.intOr("axis", 0);
    extent = command.ins[0].shape[axis];
    std::vector<int64_t> ds = byteStrides(command.ins[0]);
    axisStride = ds[axis];
    ds[axis] = 0;
    nest = makeNest(command.ins[1].shape, {ds, byteStrides(command.ins[1]),
                                           byteStrides(command.outs[0])});
  }

  Status run(const std::byte *const *ins, std::byte *const *outs,
             std::byte *) override {
    Odometer at;
    at.seek(nest, nest.rank(), 0);
    unsigned bytes = stream::sizeOf(type);
    for (int64_t i = 0, n = nest.total(); i < n; ++i) {
      int64_t index = indexAt(indexType, ins[1] + at.offset[1]);
      if (index < -extent || index >= extent)
        return invalidInput(
            fmt::format("index {} is out of range: the axis has {} elements",
                        index, extent));
      index += index < 0 ? extent : 0;
      std::memcpy(outs[0] + at.offset[2],
                  ins[0] + at.offset[0] + index * axisStride, bytes);
      at.next(nest, nest.rank());
    }
    return {};
  }

private:
  DType type, indexType;
  int64_t extent = 0, axisStride = 0;
  Nest nest; ///< operands data (without the axis), indices, y
};

class OneHotKernel final : public Kernel {
public:
  OneHotKernel(const Command &command, unsigned)
      : indexType(command.ins[0].type),
        bytes(stream::sizeOf(command.outs[0].type)),
        valueStride(byteStrides(command.ins[1])[0]) {
    size_t axis = command.intOr("axis", 0);
    const View &y = command.outs[0];
    depth = y.shape[axis];
    std::vector<int64_t> ys = byteStrides(y);
    axisStride = ys[axis];
    ys.erase(ys.begin() + axis);
    nest = makeNest(command.ins[0].shape, {byteStrides(command.ins[0]), ys});
  }

  Status run(const std::byte *const *ins, std::byte *const *outs,
             std::byte *) override {
    Odometer at;
    at.seek(nest, nest.rank(), 0);
    for (int64_t i = 0, n = nest.total(); i < n; ++i) {
      int64_t index = indexAt(indexType, ins[0] + at.offset[0]);
      index += index < 0 ? depth : 0;
      for (int64_t d = 0; d < depth; ++d)
        std::memcpy(outs[0] + at.offset[1] + d * axisStride,
                    ins[1] + (d == index ? valueStride : 0), bytes);
      at.next(nest, nest.rank());
    }
    return {};
  }

private:
  DType indexType;
  unsigned bytes;
  int64_t valueStride, depth = 0, axisStride = 0;
  Nest nest; ///< operands indices, y (without the axis)
};

std::string checkNd(const Command &command) {
  const View &data = command.ins[0], &index = command.ins[1];
  const View &y = command.outs[0];
  if (std::string error = checkIndex(index); !error.empty())
    return error;
  if (index.shape.empty())
    return "indices must have a dimension";
  int64_t batch = command.intOr("batch_dims", 0), depth = index.shape.back();
  int64_t rank = static_cast<int64_t>(data.shape.size());
  int64_t tuples = static_cast<int64_t>(index.shape.size()) - 1;
  if (batch < 0 || batch > tuples || depth > rank - batch || batch > rank)
    return fmt::format("batch_dims {} and tuples of {} indices do not fit data "
                       "{}, indices {}",
                       batch, depth, describe(data), describe(index));
  for (int64_t d = 0; d < batch; ++d)
    if (data.shape[d] != index.shape[d])
      return fmt::format("batch dimension {}: {} and {} differ", d,
                         data.shape[d], index.shape[d]);
  std::vector<int64_t> expected(index.shape.begin(), index.shape.end() - 1);
  expected.insert(expected.end(), data.shape.begin() + batch + depth,
                  data.shape.end());
  if (y.shape != expected || y.type != data.type)
    return fmt::format("the result {} does not match data {} and indices {}",
                       describe(y), describe(data), describe(index));
  return {};
}

std::string checkElements(const Command &command) {
  const View &data = command.ins[0], &index = command.ins[1];
  const View &y = command.outs[0];
  std::string error = checkIndex(index);
  if (error.empty())
    error = checkAxis(command, data);
  if (!error.empty())
    return error;
  if (y.shape != index.shape || y.type != data.type ||
      index.shape.size() != data.shape.size())
    return "the result must have the indices' shape and data's type and rank";
  return checkIndexExtents(command, index, data);
}

std::string checkOneHot(const Command &command) {
  const View &index = command.ins[0], &values = command.ins[1];
  const View &y = command.outs[0];
  std::string error = checkIndex(index);
  if (error.empty())
    error = checkAxis(command, y);
  if (!error.empty())
    return error;
  std::vector<int64_t> expected = y.shape;
  expected.erase(expected.begin() + command.intOr("axis", 0));
  if (index.shape != expected)
    return fmt::format("indices {} do not match the result {}", describe(index),
                       describe(y));
  if (values.shape != std::vector<int64_t>{2} || values.type != y.type)
    return "values must be two elements of the result's type";
  return {};
}

template <typename K>
Prepared make(const Command &command, const PrepareOptions &options) {
  return std::unique_ptr<Kernel>(std::make_unique<K>(command, options.threads));
}

} // namespace

void addGatherNd(std::vector<KernelSpec> &rows) {
  rows.push_back({"gather_nd",
                  2,
                  1,
                  {{"batch_dims", kInts, false,
                    "leading dimensions that "
                    "data and indices share (0)"}},
                  "slices of data at index tuples",
                  checkNd,
                  make<GatherNdKernel>});
  rows.push_back({"gather_elements",
                  2,
                  1,
                  {{"axis", kInts, true, "dimension that is indexed"}},
                  "elements of data at indices along an axis",
                  checkElements,
                  make<GatherElementsKernel>});
  rows.push_back({"one_hot",
                  2,
                  1,
                  {{"axis", kInts, true,
                    "dimension of the result that the "
                    "index runs along"}},
                  "off and on values by index",
                  checkOneHot,
                  make<OneHotKernel>});
}

} // namespace hybridc::exec::ctl
