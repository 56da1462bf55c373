//===- Scatter.cpp - scatter_nd, scatter_elements -------------------------===//
//
// Updates are applied one after the other in the order of the index tensor, so
// duplicates have a defined result.
//
//===----------------------------------------------------------------------===//
#include "Ctl.h"

#include <fmt/format.h>
#include <type_traits>

namespace hybridc::exec::ctl {
namespace {

enum class Reduction { None, Add, Mul, Max, Min };
Reduction reductionOf(const Command &command) {
  std::string_view name = command.textOr("reduction", "none");
  return name == "add"   ? Reduction::Add
         : name == "mul" ? Reduction::Mul
         : name == "max" ? Reduction::Max
         : name == "min" ? Reduction::Min
                         : Reduction::None;
}

template <typename T>
void combine(Reduction reduction, std::byte *to, const std::byte *from) {
  using C = typename Element<T>::Compute;
  C a = Element<T>::widen(loadAs<T>(to));
  C b = Element<T>::widen(loadAs<T>(from));
  // Integers wrap.
  using W = std::conditional_t<std::is_integral_v<C>, uint64_t, C>;
  switch (reduction) {
  case Reduction::None:
    a = b;
    break;
  case Reduction::Add:
    a = static_cast<C>(W(a) + W(b));
    break;
  case Reduction::Mul:
    a = static_cast<C>(W(a) * W(b));
    break;
  case Reduction::Max:
    a = a != a || a > b ? a : b;
    break;
  case Reduction::Min:
    a = a != a || a < b ? a : b;
    break;
  }
  storeAs<T>(to, Element<T>::narrow(a));
}

/// Applies updates element by element over a nest of (to, from).
void apply(DType type, Reduction reduction, const Nest &nest, std::byte *to,
           const std::byte *from) {
  size_t last = nest.rank() - 1;
  int64_t n = nest.extents[last], rows = n ? nest.total() / n : 0;
  Odometer at;
  at.seek(nest, last, 0);
  for (int64_t r = 0; r < rows; ++r, at.next(nest, last))
    dispatch(type, [&](auto t) {
      for (int64_t i = 0; i < n; ++i)
        combine<decltype(t)>(reduction,
                             to + at.offset[0] + i * nest.strides[0][last],
                             from + at.offset[1] + i * nest.strides[1][last]);
    });
}

class ScatterNdKernel final : public Kernel {
public:
  ScatterNdKernel(const Command &command, unsigned threads)
      : reduction(reductionOf(command)), type(command.outs[0].type),
        indexType(command.ins[1].type) {
    const View &index = command.ins[1], &updates = command.ins[2];
    const View &y = command.outs[0];
    copy = makeCopy(command.ins[0], y, threads);
    size_t tuples = index.shape.size() - 1;
    depth = index.shape.back();
    std::vector<int64_t> is = byteStrides(index), us = byteStrides(updates);
    std::vector<int64_t> ys = byteStrides(y);
    tupleStride = is.back();
    extents.assign(y.shape.begin(), y.shape.begin() + depth);
    strides.assign(ys.begin(), ys.begin() + depth);
    is.pop_back();
    outer = makeNest({index.shape.begin(), index.shape.begin() + tuples},
                     {is, {us.begin(), us.begin() + tuples}});
    inner = makeNest(
        {y.shape.begin() + depth, y.shape.end()},
        {{ys.begin() + depth, ys.end()}, {us.begin() + tuples, us.end()}});
  }

  Status run(const std::byte *const *ins, std::byte *const *outs,
             std::byte *) override {
    if (ins[0] != outs[0])
      (void)copy->run(ins, outs, nullptr);
    if (inner.total() == 0)
      return {};
    Odometer at;
    at.seek(outer, outer.rank(), 0);
    for (int64_t i = 0, n = outer.total(); i < n; ++i) {
      int64_t offset = 0;
      for (int64_t q = 0; q < depth; ++q) {
        int64_t index =
            indexAt(indexType, ins[1] + at.offset[0] + q * tupleStride);
        if (index < -extents[q] || index >= extents[q])
          return invalidInput(fmt::format(
              "index {} is out of range: dimension {} has {} elements", index,
              q, extents[q]));
        offset += (index < 0 ? index + extents[q] : index) * strides[q];
      }
      apply(type, reduction, inner, outs[0] + offset, ins[2] + at.offset[1]);
      at.next(outer, outer.rank());
    }
    return {};
  }

private:
  std::unique_ptr<Kernel> copy;
  Reduction reduction;
  DType type, indexType;
  int64_t depth = 0, tupleStride = 0;
  std::vector<int64_t> extents, strides;
  Nest outer; ///< operands indices, updates
  Nest inner; ///< operands y, updates
};

class ScatterElementsKernel final : public Kernel {
public:
  ScatterElementsKernel(const Command &command, unsigned threads)
      : reduction(reductionOf(command)), type(command.outs[0].type),
        indexType(command.ins[1].type) {
    size_t axis = command.intOr("axis", 0);
    const View &y = command.outs[0];
    copy = makeCopy(command.ins[0], y, threads);
    extent = y.shape[axis];
    axisStride = byteStrides(y)[axis];
    std::vector<int64_t> ys = byteStrides(y);
    ys[axis] = 0;
    nest = makeNest(command.ins[1].shape, {byteStrides(command.ins[1]),
                                           byteStrides(command.ins[2]), ys});
  }

  Status run(const std::byte *const *ins, std::byte *const *outs,
             std::byte *) override {
    if (ins[0] != outs[0])
      (void)copy->run(ins, outs, nullptr);
    Odometer at;
    at.seek(nest, nest.rank(), 0);
    for (int64_t i = 0, n = nest.total(); i < n; ++i) {
      int64_t index = indexAt(indexType, ins[1] + at.offset[0]);
      if (index < -extent || index >= extent)
        return invalidInput(
            fmt::format("index {} is out of range: the axis has {} elements",
                        index, extent));
      index += index < 0 ? extent : 0;
      dispatch(type, [&](auto t) {
        combine<decltype(t)>(reduction,
                             outs[0] + at.offset[2] + index * axisStride,
                             ins[2] + at.offset[1]);
      });
      at.next(nest, nest.rank());
    }
    return {};
  }

private:
  std::unique_ptr<Kernel> copy;
  Reduction reduction;
  DType type, indexType;
  int64_t extent = 0, axisStride = 0;
  Nest nest; ///< operands indices, updates, y (without the axis)
};

std::string checkCommon(const Command &command) {
  const View &data = command.ins[0], &updates = command.ins[2];
  std::string error = checkSame(data, command.outs[0], "data and result");
  if (error.empty())
    error = checkIndex(command.ins[1]);
  if (error.empty())
    error =
        checkText(command, "reduction", {"none", "add", "mul", "max", "min"});
  if (error.empty() && updates.type != data.type)
    error = "updates must have the type of data";
  return error;
}

std::string checkNd(const Command &command) {
  if (std::string error = checkCommon(command); !error.empty())
    return error;
  const View &data = command.ins[0], &index = command.ins[1];
  if (index.shape.empty())
    return "indices must have a dimension";
  size_t depth = static_cast<size_t>(index.shape.back());
  if (depth > data.shape.size())
    return fmt::format("tuples of {} indices for data of rank {}", depth,
                       data.shape.size());
  std::vector<int64_t> expected(index.shape.begin(), index.shape.end() - 1);
  expected.insert(expected.end(), data.shape.begin() + depth, data.shape.end());
  if (command.ins[2].shape != expected)
    return fmt::format("updates {} do not match indices {} and data {}",
                       describe(command.ins[2]), describe(index),
                       describe(data));
  return {};
}

std::string checkElements(const Command &command) {
  std::string error = checkCommon(command);
  if (error.empty())
    error = checkAxis(command, command.ins[0]);
  if (!error.empty())
    return error;
  const View &data = command.ins[0], &index = command.ins[1];
  if (index.shape != command.ins[2].shape ||
      index.shape.size() != data.shape.size())
    return "indices and updates must have equal shapes of data's rank";
  return checkIndexExtents(command, index, data);
}

} // namespace

void addScatter(std::vector<KernelSpec> &rows) {
  KernelAttr reduction{"reduction", kText, false,
                       "none|add|mul|max|min (none)"};
  rows.push_back(
      {"scatter_nd",
       3,
       1,
       {reduction},
       "data with slices at index tuples replaced or combined",
       checkNd,
       [](const Command &command, const PrepareOptions &options) -> Prepared {
         return std::unique_ptr<Kernel>(
             std::make_unique<ScatterNdKernel>(command, options.threads));
       }});
  rows.push_back(
      {"scatter_elements",
       3,
       1,
       {{"axis", kInts, true, "dimension that is indexed"}, reduction},
       "data with elements at indices along an axis replaced or combined",
       checkElements,
       [](const Command &command, const PrepareOptions &options) -> Prepared {
         return std::unique_ptr<Kernel>(
             std::make_unique<ScatterElementsKernel>(command, options.threads));
       }});
}

} // namespace hybridc::exec::ctl
