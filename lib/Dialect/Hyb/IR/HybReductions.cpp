//===- HybReductions.cpp - Reductions, pools, normalisations --------------===//
#include "hybridc/Chip/Work.h"
#include "hybridc/Dialect/Hyb/IR/Commands.h"

using namespace mlir;
using namespace hybridc;
using namespace hybridc::hyb;

/// Axes must be sorted, unique and within the rank.
static LogicalResult verifyAxes(Operation *op, ArrayRef<int64_t> axes,
                                int64_t rank) {
  for (size_t i = 0; i < axes.size(); ++i)
    if (axes[i] < 0 || axes[i] >= rank || (i && axes[i] <= axes[i - 1]))
      return op->emitOpError("axes must be ascending and below the rank ")
             << rank;
  return success();
}

//===----------------------------------------------------------------------===//
// ReduceOp
//===----------------------------------------------------------------------===//

LogicalResult ReduceOp::verify() {
  auto x = tensorTypeOf(getX()), y = tensorTypeOf(getResult());
  if (failed(verifyAxes(*this, getAxes(), x.getRank())))
    return failure();
  bool isArg =
      getKind() == ReduceKind::ArgMax || getKind() == ReduceKind::ArgMin;
  if (isArg && getAxes().size() != 1)
    return emitOpError("argmax and argmin take one axis");
  SmallVector<int64_t> shape(x.getShape());
  for (int64_t axis : getAxes()) {
    if (shape[axis] == 0 && getKind() != ReduceKind::Sum &&
        getKind() != ReduceKind::Prod)
      return emitOpError("reduces an empty axis");
    shape[axis] = 1;
  }
  if (y.getShape() != ArrayRef<int64_t>(shape))
    return emitOpError("the result keeps the reduced axes with extent 1");
  Type element =
      isArg ? Type(IntegerType::get(getContext(), 64)) : x.getElementType();
  if (y.getElementType() != element)
    return emitOpError("the result must have elements of type ") << element;
  return success();
}

LogicalResult ReduceOp::setCommand(stream::Command &command) {
  command.op = stream::Op::Reduce;
  setText(command, "kind", stringifyReduceKind(getKind()));
  setInts(command, "axes", getAxes());
  setUnlessZero(command, "select_last", getSelectLast());
  return success();
}

StringRef ReduceOp::getEngine() { return "vec"; }

void ReduceOp::describeWork(chip::Work &work) {
  work.elements = tensorTypeOf(getX()).getNumElements();
}

FailureOr<OpRegions> ReduceOp::getRegions(const Box &request) {
  OpRegions out;
  out.computed = request;
  Box in = request;
  in.widen(tensorTypeOf(getX()).getShape(), getAxes());
  out.work = static_cast<double>(in.numElements());
  out.inputs = {std::move(in)};
  return out;
}

//===----------------------------------------------------------------------===//
// PoolOp
//===----------------------------------------------------------------------===//

LogicalResult PoolOp::verify() {
  auto x = tensorTypeOf(getX()), y = tensorTypeOf(getResult());
  size_t rank = x.getRank();
  if (getWindow().size() != rank || getStrides().size() != rank ||
      getDilations().size() != rank || getPads().size() != 2 * rank)
    return emitOpError("window, strides and dilations need ")
           << rank << " entries, pads twice as many";
  if (y.getRank() != x.getRank() || y.getElementType() != x.getElementType())
    return emitOpError("the result must have the rank and element type of x");
  for (size_t d = 0; d < rank; ++d) {
    if (getWindow()[d] < 1 || getStrides()[d] < 1 || getDilations()[d] < 1)
      return emitOpError("window, strides and dilations must be positive");
    int64_t taps = (getWindow()[d] - 1) * getDilations()[d] + 1;
    int64_t padded = x.getDimSize(d) + getPads()[d] + getPads()[rank + d];
    int64_t expected =
        padded < taps ? 0 : (padded - taps) / getStrides()[d] + 1;
    if (y.getDimSize(d) != expected)
      return emitOpError("extent ") << d << " of the result must be "
                                    << expected << ", is " << y.getDimSize(d);
  }
  return success();
}

LogicalResult PoolOp::setCommand(stream::Command &command) {
  command.op = stream::Op::Pool;
  setText(command, "kind", stringifyPoolKind(getKind()));
  setInts(command, "window", getWindow());
  setInts(command, "strides", getStrides());
  setInts(command, "pads", getPads());
  setInts(command, "dilations", getDilations());
  setUnlessZero(command, "count_pad", getCountPad());
  return success();
}

StringRef PoolOp::getEngine() { return "vec"; }

void PoolOp::describeWork(chip::Work &work) {
  work.elements = tensorTypeOf(getResult()).getNumElements();
  work.opsPerElement = 1;
  for (int64_t extent : getWindow())
    work.opsPerElement *= double(extent);
}

void PoolOp::narrowCommand(const OpRegions &regions, stream::Command &command) {
  setInts(command, "pads", regions.pads);
}

FailureOr<OpRegions> PoolOp::getRegions(const Box &request) {
  OpRegions out;
  ArrayRef<int64_t> x = tensorTypeOf(getX()).getShape();
  Box in = Box::whole(x);
  out.pads.assign(2 * x.size(), 0);
  double taps = 1;
  for (size_t d = 0; d < x.size(); ++d) {
    taps *= static_cast<double>(getWindow()[d]);
    if (request.size[d] == 0)
      continue;
    auto window =
        windowInput(request.lo[d], request.size[d], x[d], getWindow()[d],
                    getStrides()[d], getDilations()[d], getPads()[d]);
    if (failed(window))
      return failure();
    in.lo[d] = window->lo;
    in.size[d] = window->size;
    out.pads[d] = window->before;
    out.pads[x.size() + d] = window->after;
  }
  out.work = static_cast<double>(request.numElements()) * taps;
  out.computed = request;
  out.inputs = {std::move(in)};
  return out;
}

bool PoolOp::joinsContraction() {
  auto x = tensorTypeOf(getX());
  auto isOne = [](int64_t v) { return v == 1; };
  if (getWindow() != getStrides() || x.getRank() < 3 ||
      !llvm::all_of(getDilations(), isOne) ||
      !llvm::all_of(getPads(), [](int64_t p) { return p == 0; }) ||
      !llvm::all_of(getWindow().take_front(2), isOne))
    return false;
  for (auto [extent, window] : llvm::zip(x.getShape(), getWindow()))
    if (extent % window)
      return false;
  return true;
}

//===----------------------------------------------------------------------===//
// NormalizeOp
//===----------------------------------------------------------------------===//

LogicalResult NormalizeOp::verify() {
  if (getX().getType() != getResult().getType())
    return emitOpError("the result must have the type of x");
  if (!isa<FloatType>(tensorTypeOf(getX()).getElementType()))
    return emitOpError("needs float elements");
  return verifyAxes(*this, getAxes(), tensorTypeOf(getX()).getRank());
}

LogicalResult NormalizeOp::setCommand(stream::Command &command) {
  command.op = stream::Op::Normalize;
  setText(command, "kind", stringifyNormalizeKind(getKind()));
  setInts(command, "axes", getAxes());
  if (double epsilon = getEpsilon().convertToDouble())
    setFloats(command, "epsilon", epsilon);
  return success();
}

StringRef NormalizeOp::getEngine() { return "vec"; }

void NormalizeOp::describeWork(chip::Work &work) {
  work.elements = tensorTypeOf(getResult()).getNumElements();
  work.opsPerElement = 5;
  work.specialPerElement = getKind() == NormalizeKind::MeanVariance ? 0 : 1;
}

FailureOr<OpRegions> NormalizeOp::getRegions(const Box &request) {
  OpRegions out;
  out.computed = request;
  out.computed.widen(tensorTypeOf(getX()).getShape(), getAxes());
  out.inputs = {out.computed};
  out.work = 4.0 * static_cast<double>(out.computed.numElements());
  return out;
}
