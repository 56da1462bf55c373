//===- Scalars.cpp - Writing the region of a map --------------------------===//

#include "Scalars.h"

using namespace mlir;

namespace hybridc::import {

Value Scalars::constant(Type type, double value) {
  if (!isa<FloatType>(type))
    return integer(type, static_cast<int64_t>(value));
  return arith::ConstantOp::create(b, loc, b.getFloatAttr(type, value));
}

Value Scalars::integer(Type type, int64_t value) {
  if (isa<FloatType>(type))
    return constant(type, static_cast<double>(value));
  llvm::APInt bits(type.getIntOrFloatBitWidth(), static_cast<uint64_t>(value),
                   /*isSigned=*/false, /*implicitTrunc=*/true);
  return arith::ConstantOp::create(b, loc, b.getIntegerAttr(type, bits));
}

Value Scalars::add(Value x, Value y) {
  if (isFloat(x))
    return arith::AddFOp::create(b, loc, x, y);
  return arith::AddIOp::create(b, loc, x, y);
}
Value Scalars::sub(Value x, Value y) {
  if (isFloat(x))
    return arith::SubFOp::create(b, loc, x, y);
  return arith::SubIOp::create(b, loc, x, y);
}
Value Scalars::mul(Value x, Value y) {
  if (isFloat(x))
    return arith::MulFOp::create(b, loc, x, y);
  return arith::MulIOp::create(b, loc, x, y);
}
Value Scalars::div(Value x, Value y) {
  if (isFloat(x))
    return arith::DivFOp::create(b, loc, x, y);
  if (isUnsigned)
    return arith::DivUIOp::create(b, loc, x, y);
  return arith::DivSIOp::create(b, loc, x, y);
}
Value Scalars::rem(Value x, Value y) {
  if (isFloat(x))
    return arith::RemFOp::create(b, loc, x, y);
  if (isUnsigned)
    return arith::RemUIOp::create(b, loc, x, y);
  return arith::RemSIOp::create(b, loc, x, y);
}
Value Scalars::max(Value x, Value y) {
  if (isFloat(x))
    return arith::MaximumFOp::create(b, loc, x, y);
  if (isUnsigned || isBool(x))
    return arith::MaxUIOp::create(b, loc, x, y);
  return arith::MaxSIOp::create(b, loc, x, y);
}
Value Scalars::min(Value x, Value y) {
  if (isFloat(x))
    return arith::MinimumFOp::create(b, loc, x, y);
  if (isUnsigned || isBool(x))
    return arith::MinUIOp::create(b, loc, x, y);
  return arith::MinSIOp::create(b, loc, x, y);
}
Value Scalars::neg(Value x) {
  if (isFloat(x))
    return arith::NegFOp::create(b, loc, x);
  return sub(integer(x.getType(), 0), x);
}
Value Scalars::abs(Value x) {
  if (isFloat(x))
    return math::AbsFOp::create(b, loc, x);
  if (isUnsigned || isBool(x))
    return x;
  return math::AbsIOp::create(b, loc, x);
}

Value Scalars::compare(arith::CmpFPredicate floating,
                       arith::CmpIPredicate isSigned,
                       arith::CmpIPredicate unsign, Value x, Value y) {
  if (isFloat(x))
    return arith::CmpFOp::create(b, loc, floating, x, y);
  return arith::CmpIOp::create(
      b, loc, isUnsigned || isBool(x) ? unsign : isSigned, x, y);
}
Value Scalars::eq(Value x, Value y) {
  return compare(arith::CmpFPredicate::OEQ, arith::CmpIPredicate::eq,
                 arith::CmpIPredicate::eq, x, y);
}
Value Scalars::ne(Value x, Value y) {
  return compare(arith::CmpFPredicate::UNE, arith::CmpIPredicate::ne,
                 arith::CmpIPredicate::ne, x, y);
}
Value Scalars::lt(Value x, Value y) {
  return compare(arith::CmpFPredicate::OLT, arith::CmpIPredicate::slt,
                 arith::CmpIPredicate::ult, x, y);
}
Value Scalars::le(Value x, Value y) {
  return compare(arith::CmpFPredicate::OLE, arith::CmpIPredicate::sle,
                 arith::CmpIPredicate::ule, x, y);
}

Value Scalars::logicalAnd(Value x, Value y) {
  return arith::AndIOp::create(b, loc, x, y);
}
Value Scalars::logicalOr(Value x, Value y) {
  return arith::OrIOp::create(b, loc, x, y);
}
Value Scalars::logicalXor(Value x, Value y) {
  return arith::XOrIOp::create(b, loc, x, y);
}
Value Scalars::logicalNot(Value x) {
  return logicalXor(x, integer(x.getType(), -1));
}
Value Scalars::select(Value condition, Value x, Value y) {
  return arith::SelectOp::create(b, loc, condition, x, y);
}
Value Scalars::sigmoid(Value x) {
  Value one = like(x, 1);
  return div(one, add(one, call<math::ExpOp>(neg(x))));
}
Value Scalars::index(int64_t dim) {
  return hyb::IndexOp::create(b, loc, b.getI64Type(), dim);
}
Value Scalars::pow(Value x, Value y) {
  return math::PowFOp::create(b, loc, x, y);
}

Value Scalars::cast(Value x, Type from, Type to) {
  if (from == to)
    return x;
  Type target = hyb::scalarTypeOf(to);
  bool fromFloat = isa<FloatType>(from), toFloat = isa<FloatType>(to);
  if (fromFloat && toFloat) {
    unsigned a = from.getIntOrFloatBitWidth(), z = to.getIntOrFloatBitWidth();
    if (a < z)
      return arith::ExtFOp::create(b, loc, target, x);
    if (a > z)
      return arith::TruncFOp::create(b, loc, target, x);
    // f16 and bf16: neither holds the other.
    x = arith::ExtFOp::create(b, loc, b.getF32Type(), x);
    return arith::TruncFOp::create(b, loc, target, x);
  }
  if (to.isInteger(1))
    return ne(x, integer(x.getType(), 0));
  bool fromUnsigned = from.isUnsignedInteger() || from.isInteger(1);
  if (toFloat) {
    if (fromUnsigned)
      return arith::UIToFPOp::create(b, loc, target, x);
    return arith::SIToFPOp::create(b, loc, target, x);
  }
  if (fromFloat) {
    if (to.isUnsignedInteger())
      return arith::FPToUIOp::create(b, loc, target, x);
    return arith::FPToSIOp::create(b, loc, target, x);
  }
  unsigned a = from.getIntOrFloatBitWidth(), z = to.getIntOrFloatBitWidth();
  if (a == z)
    return x;
  if (a > z)
    return arith::TruncIOp::create(b, loc, target, x);
  if (fromUnsigned)
    return arith::ExtUIOp::create(b, loc, target, x);
  return arith::ExtSIOp::create(b, loc, target, x);
}

} // namespace hybridc::import
