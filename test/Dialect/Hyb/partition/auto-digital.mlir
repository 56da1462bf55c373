// RUN: hybrid-opt %s -hyb-partition | FileCheck %s

// Too large for the arrays.
// CHECK-LABEL: @large
// CHECK: why_not = "needs 128 arrays, the chip has 64"
// CHECK-SAME: place = #hyb.place<"mac", "", "bf16">
// CHECK-SAME: reason = "mac bf16: not on arrays, needs 128 arrays, the chip has 64"
func.func @large(%x: tensor<1x4096xf32>) -> tensor<1x2048xf32> {
  %w = hyb.constant dense<0.5> : tensor<4096x2048xf32>
  %0 = hyb.group "fc" (%x, %w) {
  ^bb0(%a: tensor<1x4096xf32>, %b: tensor<4096x2048xf32>):
    %y = hyb.matmul %a, %b : (tensor<1x4096xf32>, tensor<4096x2048xf32>) -> tensor<1x2048xf32> loc("fc"("MatMul"))
    hyb.yield %y : tensor<1x2048xf32>
  } : (tensor<1x4096xf32>, tensor<4096x2048xf32>) -> tensor<1x2048xf32> loc("fc"("MatMul"))
  return %0 : tensor<1x2048xf32>
}

// Weights that are not constant.
// CHECK-LABEL: @product
// CHECK: why_not = "its weights are not constant"
// CHECK-SAME: place = #hyb.place<"mac", "", "bf16">
func.func @product(%x: tensor<4x8xf32>, %y: tensor<8x4xf32>) -> tensor<4x4xf32> {
  %0 = hyb.group "mm" (%x, %y) {
  ^bb0(%a: tensor<4x8xf32>, %b: tensor<8x4xf32>):
    %m = hyb.matmul %a, %b : (tensor<4x8xf32>, tensor<8x4xf32>) -> tensor<4x4xf32>
    hyb.yield %m : tensor<4x4xf32>
  } : (tensor<4x8xf32>, tensor<8x4xf32>) -> tensor<4x4xf32>
  return %0 : tensor<4x4xf32>
}
