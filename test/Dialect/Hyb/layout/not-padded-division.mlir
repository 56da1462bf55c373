// RUN: hybrid-opt %s -hyb-layout | FileCheck %s

// 0 / 0 in the padded lanes would spread through later products.
// CHECK-NOT: y_block
func.func @net(%x: tensor<1x32x4x4xf32>, %d: tensor<24xf32>) -> (tensor<1x24x4x4xf32>) {
  %w1 = hyb.constant dense<0.5> : tensor<24x32x1x1xf32>
  %1 = hyb.group "a" (%x, %w1, %d) {
  ^bb0(%a0: tensor<1x32x4x4xf32>, %a1: tensor<24x32x1x1xf32>, %a2: tensor<24xf32>):
    %y = hyb.conv %a0, %a1 {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>} : (tensor<1x32x4x4xf32>, tensor<24x32x1x1xf32>) -> tensor<1x24x4x4xf32>
    %r = hyb.map (%y, %a2) by [affine_map<(n,c,h,w) -> (n,c,h,w)>, affine_map<(n,c,h,w) -> (c)>] {
    ^bb0(%p: f32, %q: f32):
      %s = arith.divf %p, %q : f32
      hyb.yield %s : f32
    } : (tensor<1x24x4x4xf32>, tensor<24xf32>) -> tensor<1x24x4x4xf32>
    hyb.yield %r : tensor<1x24x4x4xf32>
  } {place = #hyb.place<"mac", "", "f32">} : (tensor<1x32x4x4xf32>, tensor<24x32x1x1xf32>, tensor<24xf32>) -> tensor<1x24x4x4xf32> loc("a"("X"))
  return %1 : tensor<1x24x4x4xf32>
}
