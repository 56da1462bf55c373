//===- Scalars.h - Writing the region of a map ----------------*- C++ -*-===//
//
// Short names for the scalar ops that the vector unit has (Stream/VecIsa.h).
// Each looks at the type of its first operand: float, signed or (with
// `isUnsigned`, since scalars are signless) unsigned integer.
//
//===----------------------------------------------------------------------===//
#ifndef HYBRIDC_LIB_IMPORT_SCALARS_H
#define HYBRIDC_LIB_IMPORT_SCALARS_H

#include "hybridc/Dialect/Hyb/IR/Hyb.h"

#include "mlir/IR/Builders.h"

namespace hybridc::import {

class Scalars {
public:
  using Value = mlir::Value;
  using Type = mlir::Type;

  Scalars(mlir::OpBuilder &b, mlir::Location loc, bool isUnsigned)
      : b(b), loc(loc), isUnsigned(isUnsigned) {}

  mlir::OpBuilder &b;
  mlir::Location loc;
  bool isUnsigned;

  static bool isFloat(Value v) {
    return mlir::isa<mlir::FloatType>(v.getType());
  }
  static bool isBool(Value v) { return v.getType().isInteger(1); }

  /// A constant of type `type`; the integer form wraps.
  Value constant(Type type, double value);
  Value integer(Type type, int64_t value);
  /// A constant of the type of `like`.
  Value like(Value v, double value) { return constant(v.getType(), value); }

  Value add(Value x, Value y);
  Value sub(Value x, Value y);
  Value mul(Value x, Value y);
  Value div(Value x, Value y);
  Value rem(Value x, Value y); ///< sign of the dividend
  Value max(Value x, Value y);
  Value min(Value x, Value y);
  Value neg(Value x);
  Value abs(Value x);
  Value eq(Value x, Value y);
  Value ne(Value x, Value y);
  Value lt(Value x, Value y);
  Value le(Value x, Value y);
  Value gt(Value x, Value y) { return lt(y, x); }
  Value ge(Value x, Value y) { return le(y, x); }
  Value logicalAnd(Value x, Value y);
  Value logicalOr(Value x, Value y);
  Value logicalXor(Value x, Value y);
  Value logicalNot(Value x);
  Value select(Value condition, Value x, Value y);
  Value sigmoid(Value x);
  Value index(int64_t dim);

  /// One of math's ops with one operand.
  template <typename Op> Value call(Value x) {
    return Op::create(b, loc, x).getResult();
  }
  Value pow(Value x, Value y);

  /// ONNX Cast from a tensor of `from` to one of `to`.
  Value cast(Value x, Type from, Type to);

private:
  Value compare(mlir::arith::CmpFPredicate floating,
                mlir::arith::CmpIPredicate isSigned,
                mlir::arith::CmpIPredicate unsign, Value x, Value y);
};

} // namespace hybridc::import

#endif // HYBRIDC_LIB_IMPORT_SCALARS_H
