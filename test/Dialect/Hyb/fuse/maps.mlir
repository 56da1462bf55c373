// RUN: hybrid-opt %s -hyb-fuse-maps | FileCheck %s

// CHECK: #[[$T:.*]] = affine_map<(d0, d1) -> (d1, d0)>

#id = affine_map<(n,c) -> (n,c)>
#ch = affine_map<(n,c) -> (c)>
// CHECK-LABEL: @chain
func.func @chain(%x: tensor<4x8xf32>, %b: tensor<8xf32>) -> tensor<4x8xf32> {
  // CHECK-NEXT: hyb.map(%arg0, %arg1) by
  // CHECK: %[[E:.*]] = math.exp
  // CHECK: arith.addf %[[E]]
  // CHECK-NOT: hyb.map
  %0 = hyb.map (%x) by [#id] {
  ^bb0(%p: f32):
    %r = math.exp %p : f32
    hyb.yield %r : f32
  } : (tensor<4x8xf32>) -> tensor<4x8xf32>
  %1 = hyb.map (%0, %b) by [#id, #ch] {
  ^bb0(%p: f32, %q: f32):
    %r = arith.addf %p, %q : f32
    hyb.yield %r : f32
  } : (tensor<4x8xf32>, tensor<8xf32>) -> tensor<4x8xf32>
  return %1 : tensor<4x8xf32>
}

// Both operands are the same map: one copy of it.
// CHECK-LABEL: @square
func.func @square(%x: tensor<4x8xf32>) -> tensor<4x8xf32> {
  // CHECK-NEXT: hyb.map(%arg0) by
  // CHECK-COUNT-1: math.exp
  // CHECK-NOT: math.exp
  // CHECK: arith.mulf
  %0 = hyb.map (%x) by [#id] {
  ^bb0(%p: f32):
    %r = math.exp %p : f32
    hyb.yield %r : f32
  } : (tensor<4x8xf32>) -> tensor<4x8xf32>
  %1 = hyb.map (%0, %0) by [#id, #id] {
  ^bb0(%p: f32, %q: f32):
    %r = arith.mulf %p, %q : f32
    hyb.yield %r : f32
  } : (tensor<4x8xf32>, tensor<4x8xf32>) -> tensor<4x8xf32>
  return %1 : tensor<4x8xf32>
}

// A transposing map: indices of the producer follow.
// CHECK-LABEL: @indices
func.func @indices(%x: tensor<8x4xi64>) -> tensor<4x8xi64> {
  // CHECK-NEXT: hyb.map(%arg0) by [#[[$T]]]
  // CHECK: hyb.index 1
  %0 = hyb.map (%x) by [#id] {
  ^bb0(%p: i64):
    %i = hyb.index 0
    %r = arith.addi %p, %i : i64
    hyb.yield %r : i64
  } : (tensor<8x4xi64>) -> tensor<8x4xi64>
  %1 = hyb.map (%0) by [affine_map<(n,c) -> (c,n)>] {
  ^bb0(%p: i64):
    %r = arith.addi %p, %p : i64
    hyb.yield %r : i64
  } : (tensor<8x4xi64>) -> tensor<4x8xi64>
  return %1 : tensor<4x8xi64>
}
