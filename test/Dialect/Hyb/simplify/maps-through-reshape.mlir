// RUN: hybrid-opt %s -hyb-canonicalize-movement | FileCheck %s

// A bias that was reshaped to broadcast along the channels is read as it was.
// CHECK: #[[$CHANNEL:.*]] = affine_map<(d0, d1, d2, d3) -> (d1)>
// CHECK-LABEL: @bias
func.func @bias(%x: tensor<1x4x8x8xf32>, %b: tensor<4xf32>) -> tensor<1x4x8x8xf32> {
  // CHECK-NEXT: hyb.map(%arg0, %arg1) by [#{{.*}}, #[[$CHANNEL]]]
  // CHECK-NOT: hyb.reshape
  %r = hyb.reshape %b : (tensor<4xf32>) -> tensor<1x4x1x1xf32>
  %0 = hyb.map (%x, %r) by [affine_map<(n,c,h,w) -> (n,c,h,w)>, affine_map<(n,c,h,w) -> (0,c,0,0)>] {
  ^bb0(%p: f32, %q: f32):
    %s = arith.addf %p, %q : f32
    hyb.yield %s : f32
  } : (tensor<1x4x8x8xf32>, tensor<1x4x1x1xf32>) -> tensor<1x4x8x8xf32>
  return %0 : tensor<1x4x8x8xf32>
}

// CHECK-LABEL: @real_reshape
func.func @real_reshape(%x: tensor<2x4xf32>, %b: tensor<2x2xf32>) -> tensor<2x4xf32> {
  // CHECK: hyb.reshape
  %r = hyb.reshape %b : (tensor<2x2xf32>) -> tensor<4xf32>
  %0 = hyb.map (%x, %r) by [affine_map<(n,c) -> (n,c)>, affine_map<(n,c) -> (c)>] {
  ^bb0(%p: f32, %q: f32):
    %s = arith.addf %p, %q : f32
    hyb.yield %s : f32
  } : (tensor<2x4xf32>, tensor<4xf32>) -> tensor<2x4xf32>
  return %0 : tensor<2x4xf32>
}
