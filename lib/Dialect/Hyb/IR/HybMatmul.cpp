//===- HybMatmul.cpp - What passes ask a matrix product -------------------===//
#include "Products.h"

#include "hybridc/Dialect/Hyb/IR/Commands.h"

using namespace mlir;
using namespace hybridc;
using namespace hybridc::hyb;

LogicalResult MatmulOp::setCommand(stream::Command &command) {
  command.op = stream::Op::Matmul;
  setUnlessZero(command, "a_zero", getAZero());
  setUnlessZero(command, "b_zero", getBZero());
  return success();
}

StringRef MatmulOp::getEngine() { return "mac"; }

void MatmulOp::describeWork(chip::Work &work) { describe(getGemm(), work); }

FailureOr<OpRegions> MatmulOp::getRegions(const Box &request) {
  OpRegions out;
  size_t rank = request.lo.size();
  auto operand = [&](Value value, bool isA) {
    ArrayRef<int64_t> shape = tensorTypeOf(value).getShape();
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
  operand(getA(), true);
  operand(getB(), false);
  out.work = static_cast<double>(request.numElements()) *
             static_cast<double>(tensorTypeOf(getA()).getShape().back());
  out.computed = request;
  return out;
}

void MatmulOp::arrangeOperands(MutableArrayRef<Strided> operands,
                               const Strided &result) {
  // Leading batch dimensions, broadcast onto the result's.
  ArrayRef<int64_t> batch = ArrayRef<int64_t>(result.shape).drop_back(2);
  for (Strided &operand : operands) {
    Strided out = operand;
    size_t own = operand.shape.size() - 2;
    out.shape.assign(batch.begin(), batch.end());
    out.strides.assign(batch.size(), 0);
    for (size_t d = 0; d < own; ++d)
      if (operand.shape[d] != 1)
        out.strides[batch.size() - own + d] = operand.strides[d];
    out.shape.append(operand.shape.end() - 2, operand.shape.end());
    out.strides.append(operand.strides.end() - 2, operand.strides.end());
    operand = std::move(out);
  }
}

Gemm MatmulOp::getGemm() {
  auto a = tensorTypeOf(getA()), b = tensorTypeOf(getB());
  Gemm gemm;
  gemm.k = a.getShape().back();
  gemm.n = b.getShape().back();
  gemm.m = a.getDimSize(a.getRank() - 2);
  gemm.batch = product(tensorTypeOf(getResult()).getShape().drop_back(2));
  // One matrix for all: the batch is more rows of a.
  if (product(b.getShape().drop_back(2)) == 1) {
    gemm.m *= gemm.batch;
    gemm.batch = 1;
  }
  gemm.groups = gemm.batch;
  gemm.weights = getB();
  return gemm;
}

ChannelDims MatmulOp::getChannelDims() {
  return {tensorTypeOf(getB()).getRank() - 1,
          tensorTypeOf(getResult()).getRank() - 1};
}

std::optional<int64_t> MatmulOp::getSumDim(unsigned operand) {
  return tensorTypeOf(getOperand(operand)).getRank() - (operand == 0 ? 1 : 2);
}
