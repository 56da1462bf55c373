// RUN: hybrid-opt %s -hyb-sink-conversions | FileCheck %s

// A group that did nothing but the conversion that was moved is gone, and its readers read the producer.
// CHECK-LABEL: @last
// CHECK: %[[A:.*]] = hyb.group "a"
// CHECK: arith.truncf
// CHECK: %[[R:.*]] = hyb.reshape %[[A]]
// CHECK-NOT: hyb.group
// CHECK: return %[[R]] : tensor<6xf16>
func.func @last(%x: tensor<2x3xf32>) -> tensor<6xf16> {
  %0 = hyb.group "a" (%x) {
  ^bb0(%a: tensor<2x3xf32>):
    %m = hyb.map (%a) by [affine_map<(i, j) -> (i, j)>] {
    ^bb0(%e: f32):
      %n = math.exp %e : f32
      hyb.yield %n : f32
    } : (tensor<2x3xf32>) -> tensor<2x3xf32> loc("a"("Exp"))
    hyb.yield %m : tensor<2x3xf32>
  } {place = #hyb.place<"vec", "", "f32">, reason = ""} : (tensor<2x3xf32>) -> tensor<2x3xf32> loc("a"("Exp"))
  %r = hyb.reshape %0 : (tensor<2x3xf32>) -> tensor<6xf32>
  %1 = hyb.group "b" (%r) {
  ^bb0(%a: tensor<6xf32>):
    %m = hyb.map (%a) by [affine_map<(i) -> (i)>] {
    ^bb0(%e: f32):
      %n = arith.truncf %e : f32 to f16
      hyb.yield %n : f16
    } : (tensor<6xf32>) -> tensor<6xf16> loc("b"("Cast"))
    hyb.yield %m : tensor<6xf16>
  } {place = #hyb.place<"vec", "", "f32">, reason = ""} : (tensor<6xf32>) -> tensor<6xf16> loc("b"("Cast"))
  return %1 : tensor<6xf16>
}
