// RUN: hybrid-opt %s -hyb-fold-scale -hyb-fold-constants -hyb-canonicalize-movement | FileCheck %s

#id = affine_map<(n,c,h,w) -> (n,c,h,w)>
#ch = affine_map<(n,c,h,w) -> (c)>
// Both contractions have the same constant; it stays in front of the first one, which is not scaled.
// CHECK-LABEL: @shared
// CHECK: hyb.conv
// CHECK: hyb.map
// CHECK: arith.addf
// CHECK: hyb.conv
// CHECK-NOT: arith.mulf
func.func @shared(%x: tensor<1x1x4x4xf32>) -> tensor<1x2x4x4xf32> {
  %w = hyb.constant dense<[[[[1.0]]], [[[5.0]]]]> : tensor<2x1x1x1xf32>
  %v = hyb.constant dense<2.0> : tensor<2x2x1x1xf32>
  %bias = hyb.constant dense<[1.0, 3.0]> : tensor<2xf32>
  %0 = hyb.conv %x, %w {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>} : (tensor<1x1x4x4xf32>, tensor<2x1x1x1xf32>) -> tensor<1x2x4x4xf32>
  %1 = hyb.map (%0, %bias) by [#id, #ch] {
  ^bb0(%y: f32, %b: f32):
    %p = arith.addf %y, %b : f32
    %e = math.exp %p : f32
    hyb.yield %e : f32
  } : (tensor<1x2x4x4xf32>, tensor<2xf32>) -> tensor<1x2x4x4xf32>
  %2 = hyb.conv %1, %v {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>} : (tensor<1x2x4x4xf32>, tensor<2x2x1x1xf32>) -> tensor<1x2x4x4xf32>
  %3 = hyb.map (%2, %bias) by [#id, #ch] {
  ^bb0(%y: f32, %b: f32):
    %p = arith.mulf %y, %b : f32
    %q = arith.addf %p, %b : f32
    hyb.yield %q : f32
  } : (tensor<1x2x4x4xf32>, tensor<2xf32>) -> tensor<1x2x4x4xf32>
  return %3 : tensor<1x2x4x4xf32>
}
