// RUN: hybrid-opt %s -hyb-precision -hyb-sink-conversions | FileCheck %s

// The first group writes bf16; the second reads it, through a view.
// CHECK: %[[A:.*]] = hyb.group "a"
// CHECK: hyb.matmul
// CHECK: arith.truncf
// CHECK: -> tensor<3x2xbf16>
// CHECK: %[[R:.*]] = hyb.transpose %[[A]] {{.*}} : (tensor<3x2xbf16>) -> tensor<2x3xbf16>
// CHECK: hyb.group "b"
// CHECK-NOT: arith.truncf
// CHECK: hyb.matmul
func.func @f(%x: tensor<3x2xf32>) -> tensor<2x2xf32> {
  %w = hyb.constant dense<[[1.0, 100.0], [0.5, -254.0]]> : tensor<2x2xf32>
  %v = hyb.constant dense<1.0> : tensor<3x2xf32>
  %0 = hyb.group "a" (%x, %w) {
  ^bb0(%a: tensor<3x2xf32>, %b: tensor<2x2xf32>):
    %m = hyb.matmul %a, %b : (tensor<3x2xf32>, tensor<2x2xf32>) -> tensor<3x2xf32> loc("a"("MatMul"))
    hyb.yield %m : tensor<3x2xf32>
  } {place = #hyb.place<"mac", "", "bf16">} : (tensor<3x2xf32>, tensor<2x2xf32>) -> tensor<3x2xf32> loc("a"("MatMul"))
  %t = hyb.transpose %0 {perm = array<i64: 1, 0>} : (tensor<3x2xf32>) -> tensor<2x3xf32>
  %1 = hyb.group "b" (%t, %v) {
  ^bb0(%a: tensor<2x3xf32>, %b: tensor<3x2xf32>):
    %m = hyb.matmul %a, %b : (tensor<2x3xf32>, tensor<3x2xf32>) -> tensor<2x2xf32> loc("b"("MatMul"))
    hyb.yield %m : tensor<2x2xf32>
  } {place = #hyb.place<"mac", "", "bf16">} : (tensor<2x3xf32>, tensor<3x2xf32>) -> tensor<2x2xf32> loc("b"("MatMul"))
  return %1 : tensor<2x2xf32>
}
