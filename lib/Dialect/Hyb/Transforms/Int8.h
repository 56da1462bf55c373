//===- Int8.h - The int8 form of a contraction ----------------*- C++ -*-===//
//
// The arithmetic of docs/Int8.md.
//
//===----------------------------------------------------------------------===//
#ifndef HYBRIDC_LIB_DIALECT_HYB_TRANSFORMS_INT8_H
#define HYBRIDC_LIB_DIALECT_HYB_TRANSFORMS_INT8_H

#include "hybridc/Dialect/Hyb/IR/Hyb.h"

#include "mlir/IR/Builders.h"

#include <optional>
#include <utility>

namespace hybridc::hyb {

/// Products of int8 (or ui8) operands whose sum fits 32 bits for certain.
constexpr uint64_t kMostInt8Products = 0x7fffffffu / (255 * 127);

/// [minimum, maximum] of the group input behind a value, by the group's
/// attribute `hyb.ranges`; none where it is empty.
std::optional<std::pair<double, double>> rangeOf(GroupOp group,
                                                 mlir::Value value);

/// How an activation of a known range is quantised: ui8 when it is never
/// negative, else i8; zero point 0 in both cases.
struct ActivationScale {
  float scale = 1;
  bool isUnsigned = false;
};
ActivationScale activationScale(double minimum, double maximum);

/// q = clamp(round(x / scale)), half to even, as a map.
mlir::Value quantizeActivation(mlir::OpBuilder &builder, mlir::Location loc,
                               mlir::Value x, ActivationScale scale);

/// Constant weights as int8 with one scale an output channel (f32, in a vector
/// constant); created where the builder stands. Null values on failure.
struct QuantizedWeights {
  mlir::Value q, scales;
};
QuantizedWeights quantizeWeights(mlir::OpBuilder &builder, mlir::Location loc,
                                 mlir::Value weights, int64_t channelDim);

/// Weights that are int8 numbers times one scale a channel already, as those
/// of a quantised model are once DequantizeLinear is folded: the integers
/// (without a common factor) and scales. Null values when they are not.
QuantizedWeights recoverIntegers(mlir::OpBuilder &builder, mlir::Location loc,
                                 mlir::Value weights, int64_t channelDim);

/// float(sum) * (x.scale * scales[c]) as a map; the product of scales is
/// rounded to f32 once. `factors` is that product, a vector.
mlir::Value dequantizeSum(mlir::OpBuilder &builder, mlir::Location loc,
                          mlir::Value sum, mlir::Value factors,
                          int64_t channelDim);

} // namespace hybridc::hyb

#endif // HYBRIDC_LIB_DIALECT_HYB_TRANSFORMS_INT8_H
