//===- Regions.cpp - What part of its operands an op needs ----------------===//
#include "Regions.h"

#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace hybridc;
using namespace hybridc::lower;

static ArrayRef<int64_t> shapeOf(Value value) {
  return cast<RankedTensorType>(value.getType()).getShape();
}

bool hybridc::lower::isTileable(Operation *op) {
  return isa<hyb::MapOp, hyb::MatmulOp, hyb::ConvOp, hyb::ConvTransposeOp,
             hyb::ReduceOp, hyb::PoolOp, hyb::NormalizeOp>(op);
}

/// Makes the given dimensions of a box whole.
static void widen(Box &box, ArrayRef<int64_t> shape, ArrayRef<int64_t> dims) {
  for (int64_t d : dims) {
    box.lo[d] = 0;
    box.size[d] = shape[d];
  }
}

/// The inputs of outputs [lo, lo + size) of a window along one dimension of
/// `extent`, and the padding they meet. Fails where nothing but padding is
/// read.
static LogicalResult windowInput(int64_t lo, int64_t size, int64_t extent,
                                 int64_t taps, int64_t stride, int64_t dilation,
                                 int64_t padBegin, int64_t &inLo,
                                 int64_t &inSize, int64_t &before,
                                 int64_t &after) {
  int64_t first = lo * stride - padBegin;
  int64_t end = (lo + size - 1) * stride - padBegin + (taps - 1) * dilation + 1;
  before = std::max<int64_t>(0, -first);
  after = std::max<int64_t>(0, end - extent);
  inLo = std::max<int64_t>(0, first);
  inSize = std::min(end, extent) - inLo;
  return success(inSize > 0);
}

static FailureOr<OpRegions> mapRegions(hyb::MapOp op, Box request) {
  OpRegions out;
  // An index must count from the start of the whole.
  op.getBody().walk([&](hyb::IndexOp index) {
    widen(request, shapeOf(op.getResult()),
          {static_cast<int64_t>(index.getDim())});
  });
  out.computed = request;
  for (auto [input, map] : llvm::zip(op.getInputs(), op.getIndexingMaps())) {
    Box box = Box::whole(shapeOf(input));
    for (auto [d, expr] : llvm::enumerate(map.getResults()))
      if (auto dim = dyn_cast<AffineDimExpr>(expr)) {
        box.lo[d] = request.lo[dim.getPosition()];
        box.size[d] = request.size[dim.getPosition()];
      }
    out.inputs.push_back(std::move(box));
  }
  out.work = static_cast<double>(request.numElements());
  return out;
}

static FailureOr<OpRegions> matmulRegions(hyb::MatmulOp op, Box request) {
  OpRegions out;
  size_t rank = request.lo.size();
  auto operand = [&](Value value, bool isA) {
    ArrayRef<int64_t> shape = shapeOf(value);
    Box box = Box::whole(shape);
    size_t skip = rank - shape.size();
    for (size_t d = 0; d + 2 < shape.size(); ++d)
      if (shape[d] != 1) {
        box.lo[d] = request.lo[skip + d];
        box.size[d] = request.size[skip + d];
      }
    size_t own = shape.size() - (isA ? 2 : 1), theirs = rank - (isA ? 2 : 1);
    box.lo[own] = request.lo[theirs];
    box.size[own] = request.size[theirs];
    out.inputs.push_back(std::move(box));
  };
  operand(op.getA(), true);
  operand(op.getB(), false);
  out.work = static_cast<double>(request.numElements()) *
             static_cast<double>(shapeOf(op.getA()).back());
  out.computed = std::move(request);
  return out;
}

static FailureOr<OpRegions> convRegions(hyb::ConvOp op, Box request) {
  OpRegions out;
  ArrayRef<int64_t> x = shapeOf(op.getX()), w = shapeOf(op.getW()),
                    y = shapeOf(op.getResult());
  bool xBlocked = op.getXBlock(), yBlocked = op.getYBlock();
  int64_t groups = op.getGroups();
  bool blockedDepthwise = xBlocked && groups > 1;
  size_t spatial = x.size() - (xBlocked ? 3 : 2);
  size_t firstTap = yBlocked && (blockedDepthwise || !xBlocked) ? 1 : 2;
  Box in = Box::whole(x), weights = Box::whole(w);
  in.lo[0] = request.lo[0];
  in.size[0] = request.size[0];
  if (yBlocked) // a block is computed whole
    widen(request, y, {static_cast<int64_t>(y.size()) - 1});
  if (blockedDepthwise) {
    in.lo[1] = request.lo[1];
    in.size[1] = request.size[1];
    out.groups = request.size[1] * static_cast<int64_t>(op.getXBlock());
  } else if (groups > 1) {
    int64_t filters = y[1] / groups, channels = x[1] / groups;
    int64_t firstGroup = request.lo[1] / filters;
    int64_t endGroup =
        llvm::divideCeil(request.lo[1] + request.size[1], filters);
    request.lo[1] = firstGroup * filters;
    request.size[1] = (endGroup - firstGroup) * filters;
    in.lo[1] = firstGroup * channels;
    in.size[1] = (endGroup - firstGroup) * channels;
    out.groups = endGroup - firstGroup;
  }
  weights.lo[0] = request.lo[1];
  weights.size[0] = request.size[1];
  out.pads.assign(2 * spatial, 0);
  double taps = 1;
  for (size_t d = 0; d < spatial; ++d) {
    taps *= static_cast<double>(w[firstTap + d]);
    if (request.size[2 + d] == 0)
      continue;
    if (failed(windowInput(request.lo[2 + d], request.size[2 + d], x[2 + d],
                           w[firstTap + d], op.getStrides()[d],
                           op.getDilations()[d], op.getPads()[d], in.lo[2 + d],
                           in.size[2 + d], out.pads[d], out.pads[spatial + d])))
      return failure();
  }
  double channels = static_cast<double>(x[1] * (xBlocked ? x.back() : 1)) /
                    static_cast<double>(groups);
  out.work = static_cast<double>(request.numElements()) * taps * channels;
  out.computed = std::move(request);
  out.inputs = {std::move(in), std::move(weights)};
  return out;
}

static FailureOr<OpRegions> convTransposeRegions(hyb::ConvTransposeOp op,
                                                 Box request) {
  OpRegions out;
  ArrayRef<int64_t> x = shapeOf(op.getX()), w = shapeOf(op.getW()),
                    y = shapeOf(op.getResult());
  // Bands of a transposed convolution overlap in the output: whole planes.
  for (size_t d = 2; d < y.size(); ++d)
    widen(request, y, {static_cast<int64_t>(d)});
  Box in = Box::whole(x), weights = Box::whole(w);
  in.lo[0] = request.lo[0];
  in.size[0] = request.size[0];
  if (op.getGroups() > 1) {
    widen(request, y, {1});
    out.groups = op.getGroups();
  } else {
    weights.lo[1] = request.lo[1];
    weights.size[1] = request.size[1];
  }
  size_t spatial = x.size() - 2;
  out.pads.assign(2 * spatial, 0); // the command keeps the op's own
  out.work = static_cast<double>(in.numElements()) *
             static_cast<double>(weights.numElements()) /
             static_cast<double>(x[1]);
  out.computed = std::move(request);
  out.inputs = {std::move(in), std::move(weights)};
  return out;
}

static FailureOr<OpRegions> poolRegions(hyb::PoolOp op, Box request) {
  OpRegions out;
  ArrayRef<int64_t> x = shapeOf(op.getX());
  Box in = Box::whole(x);
  out.pads.assign(2 * x.size(), 0);
  double taps = 1;
  for (size_t d = 0; d < x.size(); ++d) {
    taps *= static_cast<double>(op.getWindow()[d]);
    if (request.size[d] == 0)
      continue;
    if (failed(windowInput(request.lo[d], request.size[d], x[d],
                           op.getWindow()[d], op.getStrides()[d],
                           op.getDilations()[d], op.getPads()[d], in.lo[d],
                           in.size[d], out.pads[d], out.pads[x.size() + d])))
      return failure();
  }
  out.work = static_cast<double>(request.numElements()) * taps;
  out.computed = std::move(request);
  out.inputs = {std::move(in)};
  return out;
}

FailureOr<OpRegions> hybridc::lower::regionsFor(Operation *op,
                                                const Box &request) {
  return llvm::TypeSwitch<Operation *, FailureOr<OpRegions>>(op)
      .Case([&](hyb::MapOp map) { return mapRegions(map, request); })
      .Case(
          [&](hyb::MatmulOp matmul) { return matmulRegions(matmul, request); })
      .Case([&](hyb::ConvOp conv) { return convRegions(conv, request); })
      .Case([&](hyb::ConvTransposeOp conv) {
        return convTransposeRegions(conv, request);
      })
      .Case([&](hyb::PoolOp pool) { return poolRegions(pool, request); })
      .Case([&](hyb::ReduceOp reduce) -> FailureOr<OpRegions> {
        OpRegions out;
        out.computed = request;
        Box in = request;
        widen(in, shapeOf(reduce.getX()), reduce.getAxes());
        out.work = static_cast<double>(in.numElements());
        out.inputs = {std::move(in)};
        return out;
      })
      .Case([&](hyb::NormalizeOp normalize) -> FailureOr<OpRegions> {
        OpRegions out;
        out.computed = request;
        widen(out.computed, shapeOf(normalize.getX()), normalize.getAxes());
        out.inputs = {out.computed};
        out.work = 4.0 * static_cast<double>(out.computed.numElements());
        return out;
      })
      .Default([](Operation *) -> FailureOr<OpRegions> { return failure(); });
}
