// RUN: hybrid-opt %s -hyb-layout | FileCheck %s

// Arrays read plain images.
// CHECK-NOT: y_block
func.func @net(%x: tensor<1x32x4x4xf32>) -> (tensor<1x32x4x4xf32>) {
  %w1 = hyb.constant dense<0.5> : tensor<32x32x1x1xf32>
  %1 = hyb.group "a" (%x, %w1) {
  ^bb0(%a0: tensor<1x32x4x4xf32>, %a1: tensor<32x32x1x1xf32>):
    %y = hyb.conv %a0, %a1 {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>} : (tensor<1x32x4x4xf32>, tensor<32x32x1x1xf32>) -> tensor<1x32x4x4xf32>
    hyb.yield %y : tensor<1x32x4x4xf32>
  } {place = #hyb.place<"array", "pcm", "analog">} : (tensor<1x32x4x4xf32>, tensor<32x32x1x1xf32>) -> tensor<1x32x4x4xf32> loc("a"("X"))
  return %1 : tensor<1x32x4x4xf32>
}
