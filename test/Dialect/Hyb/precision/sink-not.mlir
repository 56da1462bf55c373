// RUN: hybrid-opt %s -hyb-precision -hyb-sink-conversions | FileCheck %s

// Somebody else reads the f32 value.
// CHECK: hyb.group "a"
// CHECK: -> tensor<3x2xf32>
// CHECK: hyb.group "b"
// CHECK: arith.truncf
func.func @f(%x: tensor<3x2xf32>) -> (tensor<3x2xf32>, tensor<3x2xf32>) {
  %w = hyb.constant dense<[[1.0, 100.0], [0.5, -254.0]]> : tensor<2x2xf32>
  %0 = hyb.group "a" (%x, %w) {
  ^bb0(%a: tensor<3x2xf32>, %b: tensor<2x2xf32>):
    %m = hyb.matmul %a, %b : (tensor<3x2xf32>, tensor<2x2xf32>) -> tensor<3x2xf32> loc("a"("MatMul"))
    hyb.yield %m : tensor<3x2xf32>
  } {place = #hyb.place<"mac", "", "bf16">} : (tensor<3x2xf32>, tensor<2x2xf32>) -> tensor<3x2xf32> loc("a"("MatMul"))
  %1 = hyb.group "b" (%0, %w) {
  ^bb0(%a: tensor<3x2xf32>, %b: tensor<2x2xf32>):
    %m = hyb.matmul %a, %b : (tensor<3x2xf32>, tensor<2x2xf32>) -> tensor<3x2xf32> loc("b"("MatMul"))
    hyb.yield %m : tensor<3x2xf32>
  } {place = #hyb.place<"mac", "", "bf16">} : (tensor<3x2xf32>, tensor<2x2xf32>) -> tensor<3x2xf32> loc("b"("MatMul"))
  return %0, %1 : tensor<3x2xf32>, tensor<3x2xf32>
}
