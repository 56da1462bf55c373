// RUN: hybrid-opt %s -hyb-form-groups | FileCheck %s

// CHECK-LABEL: @layer_norm
func.func @layer_norm(%x: tensor<4x8xf32>, %y: tensor<4x8xf32>, %g: tensor<8xf32>) -> tensor<4x8xf32> {
  // CHECK-NEXT: hyb.group "add"(%arg0, %arg1, %arg2) {
  // CHECK: hyb.map
  // CHECK: hyb.normalize mean_variance
  // CHECK: hyb.map
  %0 = hyb.map (%x, %y) by [affine_map<(n,c) -> (n,c)>, affine_map<(n,c) -> (n,c)>] {
  ^bb0(%p: f32, %q: f32):
    %r = arith.addf %p, %q : f32
    hyb.yield %r : f32
  } : (tensor<4x8xf32>, tensor<4x8xf32>) -> tensor<4x8xf32> loc("add"("Add"))
  %1 = hyb.normalize mean_variance %0 {axes = array<i64: 1>, epsilon = 1.0e-5 : f64} : (tensor<4x8xf32>) -> tensor<4x8xf32> loc("ln"("LayerNormalization"))
  %2 = hyb.map (%1, %g) by [affine_map<(n,c) -> (n,c)>, affine_map<(n,c) -> (c)>] {
  ^bb0(%p: f32, %q: f32):
    %r = arith.mulf %p, %q : f32
    hyb.yield %r : f32
  } : (tensor<4x8xf32>, tensor<8xf32>) -> tensor<4x8xf32> loc("ln"("LayerNormalization"))
  return %2 : tensor<4x8xf32>
}

// The map has the extents before the reduction: it is no epilogue.
// CHECK-LABEL: @reduce_then_wide
func.func @reduce_then_wide(%x: tensor<4x8xf32>) -> tensor<4x8xf32> {
  // CHECK: %[[R:.*]] = hyb.group "sum"
  // CHECK: hyb.group "sub"(%arg0, %[[R]])
  %0 = hyb.reduce sum %x {axes = array<i64: 1>} : (tensor<4x8xf32>) -> tensor<4x1xf32> loc("sum"("ReduceSum"))
  %1 = hyb.map (%x, %0) by [affine_map<(n,c) -> (n,c)>, affine_map<(n,c) -> (n,0)>] {
  ^bb0(%p: f32, %q: f32):
    %r = arith.subf %p, %q : f32
    hyb.yield %r : f32
  } : (tensor<4x8xf32>, tensor<4x1xf32>) -> tensor<4x8xf32> loc("sub"("Sub"))
  return %1 : tensor<4x8xf32>
}
