//===- FoldScalar.cpp - The region of a map on constants ------------------===//

#include "FoldScalar.h"

#include "hybridc/Dialect/Hyb/IR/Hyb.h"

#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/TypeSwitch.h"

#include <cmath>
#include <limits>

using namespace mlir;

namespace hybridc::import {
namespace {

/// Scalars of a region are signless: `i` is sign-extended here, and an op that
/// is unsigned looks at the low bits.
class Evaluator {
public:
  Evaluator(ArrayRef<int64_t> index) : index(index) {}

  std::optional<Scalar> run(Block &body, ArrayRef<Scalar> arguments) {
    for (auto [argument, value] : llvm::zip(body.getArguments(), arguments))
      values[argument] = roundTo(argument.getType(), value);
    for (Operation &op : body.without_terminator()) {
      if (op.getNumResults() != 1 || !evaluate(&op))
        return std::nullopt;
      result = roundTo(op.getResult(0).getType(), result);
      values[op.getResult(0)] = result;
    }
    return values[body.getTerminator()->getOperand(0)];
  }

private:
  ArrayRef<int64_t> index;
  llvm::DenseMap<Value, Scalar> values;
  Scalar result;

  Scalar in(Operation *op, unsigned i) { return values[op->getOperand(i)]; }
  static unsigned width(Operation *op) {
    return op->getOperand(0).getType().getIntOrFloatBitWidth();
  }
  uint64_t low(Operation *op, unsigned i) {
    uint64_t bits = static_cast<uint64_t>(in(op, i).i);
    return width(op) < 64 ? bits & ((1ull << width(op)) - 1) : bits;
  }
  bool give(int64_t value) {
    result = {value, 0};
    return true;
  }
  bool give(double value) {
    result = {0, value};
    return true;
  }

  bool evaluate(Operation *op) {
    return evaluateFloat(op) || evaluateInteger(op) || evaluateOther(op);
  }

  bool evaluateFloat(Operation *op) {
    auto a = [&] { return in(op, 0).f; };
    auto b = [&] { return in(op, 1).f; };
    return llvm::TypeSwitch<Operation *, bool>(op)
        .Case([&](arith::AddFOp) { return give(a() + b()); })
        .Case([&](arith::SubFOp) { return give(a() - b()); })
        .Case([&](arith::MulFOp) { return give(a() * b()); })
        .Case([&](arith::DivFOp) { return give(a() / b()); })
        .Case([&](arith::RemFOp) { return give(std::fmod(a(), b())); })
        .Case([&](arith::NegFOp) { return give(-a()); })
        .Case([&](arith::MaximumFOp) {
          return give(std::isnan(a()) || std::isnan(b()) ? a() + b()
                                                         : std::max(a(), b()));
        })
        .Case([&](arith::MinimumFOp) {
          return give(std::isnan(a()) || std::isnan(b()) ? a() + b()
                                                         : std::min(a(), b()));
        })
        .Case([&](math::FloorOp) { return give(std::floor(a())); })
        .Case([&](math::CeilOp) { return give(std::ceil(a())); })
        .Case([&](math::TruncOp) { return give(std::trunc(a())); })
        .Case([&](math::RoundEvenOp) { return give(std::nearbyint(a())); })
        .Case([&](math::AbsFOp) { return give(std::fabs(a())); })
        .Case([&](math::SqrtOp) { return give(std::sqrt(a())); })
        .Case<arith::ExtFOp, arith::TruncFOp>([&](auto) { return give(a()); })
        .Case([&](arith::CmpFOp cmp) {
          switch (cmp.getPredicate()) {
          case arith::CmpFPredicate::OEQ:
            return give(int64_t(a() == b()));
          case arith::CmpFPredicate::UNE:
            return give(int64_t(!(a() == b())));
          case arith::CmpFPredicate::OLT:
            return give(int64_t(a() < b()));
          case arith::CmpFPredicate::OLE:
            return give(int64_t(a() <= b()));
          case arith::CmpFPredicate::OGT:
            return give(int64_t(a() > b()));
          case arith::CmpFPredicate::OGE:
            return give(int64_t(a() >= b()));
          default:
            return false;
          }
        })
        .Default([](Operation *) { return false; });
  }

  bool evaluateInteger(Operation *op) {
    auto a = [&] { return in(op, 0).i; };
    auto b = [&] { return in(op, 1).i; };
    auto ua = [&] { return low(op, 0); };
    auto ub = [&] { return low(op, 1); };
    auto wrap = [&](uint64_t value) {
      return give(static_cast<int64_t>(value));
    };
    return llvm::TypeSwitch<Operation *, bool>(op)
        .Case([&](arith::AddIOp) { return wrap(ua() + ub()); })
        .Case([&](arith::SubIOp) { return wrap(ua() - ub()); })
        .Case([&](arith::MulIOp) { return wrap(ua() * ub()); })
        // Division by zero gives 0 and -2^63 / -1 wraps, as on the chip.
        .Case([&](arith::DivSIOp) {
          return b() == 0    ? give(int64_t(0))
                 : b() == -1 ? wrap(0 - static_cast<uint64_t>(a()))
                             : give(a() / b());
        })
        .Case([&](arith::RemSIOp) {
          return give(b() == 0 || b() == -1 ? int64_t(0) : a() % b());
        })
        .Case([&](arith::DivUIOp) { return wrap(ub() ? ua() / ub() : 0); })
        .Case([&](arith::RemUIOp) { return wrap(ub() ? ua() % ub() : 0); })
        .Case([&](arith::MaxSIOp) { return give(std::max(a(), b())); })
        .Case([&](arith::MinSIOp) { return give(std::min(a(), b())); })
        .Case([&](arith::MaxUIOp) { return wrap(std::max(ua(), ub())); })
        .Case([&](arith::MinUIOp) { return wrap(std::min(ua(), ub())); })
        .Case([&](arith::AndIOp) { return wrap(ua() & ub()); })
        .Case([&](arith::OrIOp) { return wrap(ua() | ub()); })
        .Case([&](arith::XOrIOp) { return wrap(ua() ^ ub()); })
        .Case(
            [&](arith::CmpIOp cmp) { return compare(cmp.getPredicate(), op); })
        .Default([](Operation *) { return false; });
  }

  bool compare(arith::CmpIPredicate predicate, Operation *op) {
    int64_t a = in(op, 0).i, b = in(op, 1).i;
    uint64_t ua = low(op, 0), ub = low(op, 1);
    switch (predicate) {
    case arith::CmpIPredicate::eq:
      return give(int64_t(ua == ub));
    case arith::CmpIPredicate::ne:
      return give(int64_t(ua != ub));
    case arith::CmpIPredicate::slt:
      return give(int64_t(a < b));
    case arith::CmpIPredicate::sle:
      return give(int64_t(a <= b));
    case arith::CmpIPredicate::sgt:
      return give(int64_t(a > b));
    case arith::CmpIPredicate::sge:
      return give(int64_t(a >= b));
    case arith::CmpIPredicate::ult:
      return give(int64_t(ua < ub));
    case arith::CmpIPredicate::ule:
      return give(int64_t(ua <= ub));
    case arith::CmpIPredicate::ugt:
      return give(int64_t(ua > ub));
    case arith::CmpIPredicate::uge:
      return give(int64_t(ua >= ub));
    }
    return false;
  }

  bool evaluateOther(Operation *op) {
    return llvm::TypeSwitch<Operation *, bool>(op)
        .Case([&](arith::ConstantOp constant) {
          if (auto floating = dyn_cast<FloatAttr>(constant.getValue()))
            return give(floating.getValueAsDouble());
          auto integer = dyn_cast<IntegerAttr>(constant.getValue());
          return integer && give(integer.getValue().getSExtValue());
        })
        .Case([&](hyb::IndexOp i) { return give(int64_t(index[i.getDim()])); })
        .Case([&](arith::SelectOp) {
          result = in(op, in(op, 0).i & 1 ? 1 : 2);
          return true;
        })
        .Case<arith::ExtSIOp, arith::TruncIOp>(
            [&](auto) { return give(in(op, 0).i); })
        .Case([&](arith::ExtUIOp) {
          return give(static_cast<int64_t>(low(op, 0)));
        })
        .Case([&](arith::SIToFPOp cast) {
          return fromInteger(cast.getType(), static_cast<double>(in(op, 0).i),
                             std::abs(static_cast<double>(in(op, 0).i)));
        })
        .Case([&](arith::UIToFPOp cast) {
          double value = static_cast<double>(low(op, 0));
          return fromInteger(cast.getType(), value, value);
        })
        .Case([&](arith::FPToSIOp cast) {
          return toInteger(cast.getType(), /*isSigned=*/true, in(op, 0).f);
        })
        .Case([&](arith::FPToUIOp cast) {
          return toInteger(cast.getType(), /*isSigned=*/false, in(op, 0).f);
        })
        .Default([](Operation *) { return false; });
  }

  /// Above 2^53 the conversion rounds twice.
  bool fromInteger(Type, double value, double magnitude) {
    return magnitude < 9007199254740992.0 && give(value);
  }

  /// Truncates and saturates; NaN gives 0.
  bool toInteger(Type type, bool isSigned, double value) {
    unsigned bits = type.getIntOrFloatBitWidth();
    if (std::isnan(value))
      return give(int64_t(0));
    double low = isSigned ? -std::ldexp(1.0, bits - 1) : 0;
    double high = std::ldexp(1.0, isSigned ? bits - 1 : bits); // exclusive
    if (value <= low)
      return give(isSigned ? static_cast<int64_t>(-1ull << (bits - 1))
                           : int64_t(0));
    if (value >= high)
      return give(static_cast<int64_t>(~0ull >> (64 - bits + isSigned)));
    return isSigned ? give(static_cast<int64_t>(value))
                    : give(static_cast<int64_t>(static_cast<uint64_t>(value)));
  }
};

} // namespace

std::optional<Scalar> evaluateBody(Block &body, ArrayRef<Scalar> arguments,
                                   ArrayRef<int64_t> index) {
  return Evaluator(index).run(body, arguments);
}

} // namespace hybridc::import
