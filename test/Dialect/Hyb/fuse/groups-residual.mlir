// RUN: hybrid-opt %s -hyb-form-groups | FileCheck %s

// Of two convolutions that meet, the later one takes the addition.
// CHECK-LABEL: @residual
func.func @residual(%x: tensor<1x3x8x8xf32>) -> tensor<1x4x8x8xf32> {
  // CHECK: %[[A:.*]] = hyb.group "a"
  // CHECK: hyb.group "b"(%arg0, %{{.*}}, %[[A]])
  // CHECK: hyb.conv
  // CHECK: hyb.map
  %w = hyb.constant dense<0.5> : tensor<4x3x1x1xf32>
  %0 = hyb.conv %x, %w {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>} : (tensor<1x3x8x8xf32>, tensor<4x3x1x1xf32>) -> tensor<1x4x8x8xf32> loc("a"("Conv"))
  %1 = hyb.conv %x, %w {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>} : (tensor<1x3x8x8xf32>, tensor<4x3x1x1xf32>) -> tensor<1x4x8x8xf32> loc("b"("Conv"))
  %2 = hyb.map (%0, %1) by [affine_map<(n,c,h,w) -> (n,c,h,w)>, affine_map<(n,c,h,w) -> (n,c,h,w)>] {
  ^bb0(%p: f32, %q: f32):
    %r = arith.addf %p, %q : f32
    hyb.yield %r : f32
  } : (tensor<1x4x8x8xf32>, tensor<1x4x8x8xf32>) -> tensor<1x4x8x8xf32> loc("add"("Add"))
  return %2 : tensor<1x4x8x8xf32>
}
