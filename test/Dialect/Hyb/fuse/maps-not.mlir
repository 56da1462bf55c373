// RUN: hybrid-opt %s -hyb-fuse-maps | FileCheck %s

#id = affine_map<(n,c) -> (n,c)>
// Computed once for each row, not once for each element.
// CHECK-LABEL: @broadcast
func.func @broadcast(%x: tensor<4xf32>, %y: tensor<4x8xf32>) -> tensor<4x8xf32> {
  // CHECK-COUNT-2: hyb.map
  %0 = hyb.map (%x) by [affine_map<(n) -> (n)>] {
  ^bb0(%p: f32):
    %r = math.exp %p : f32
    hyb.yield %r : f32
  } : (tensor<4xf32>) -> tensor<4xf32>
  %1 = hyb.map (%0, %y) by [affine_map<(n,c) -> (n)>, #id] {
  ^bb0(%p: f32, %q: f32):
    %r = arith.addf %p, %q : f32
    hyb.yield %r : f32
  } : (tensor<4xf32>, tensor<4x8xf32>) -> tensor<4x8xf32>
  return %1 : tensor<4x8xf32>
}

// CHECK-LABEL: @two_users
func.func @two_users(%x: tensor<4x8xf32>) -> (tensor<4x8xf32>, tensor<4x8xf32>) {
  // CHECK-COUNT-2: hyb.map
  %0 = hyb.map (%x) by [#id] {
  ^bb0(%p: f32):
    %r = math.exp %p : f32
    hyb.yield %r : f32
  } : (tensor<4x8xf32>) -> tensor<4x8xf32>
  %1 = hyb.map (%0) by [#id] {
  ^bb0(%p: f32):
    %r = arith.addf %p, %p : f32
    hyb.yield %r : f32
  } : (tensor<4x8xf32>) -> tensor<4x8xf32>
  return %0, %1 : tensor<4x8xf32>, tensor<4x8xf32>
}

// In a loop it would be computed again and again.
// CHECK-LABEL: @loop
func.func @loop(%x: tensor<4x8xf32>, %n: index) -> tensor<4x8xf32> {
  // CHECK: hyb.map
  // CHECK: scf.for
  // CHECK: hyb.map
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %0 = hyb.map (%x) by [#id] {
  ^bb0(%p: f32):
    %r = math.exp %p : f32
    hyb.yield %r : f32
  } : (tensor<4x8xf32>) -> tensor<4x8xf32>
  %1 = scf.for %i = %c0 to %n step %c1 iter_args(%a = %x) -> tensor<4x8xf32> {
    %2 = hyb.map (%0, %a) by [#id, #id] {
    ^bb0(%p: f32, %q: f32):
      %r = arith.addf %p, %q : f32
      hyb.yield %r : f32
    } : (tensor<4x8xf32>, tensor<4x8xf32>) -> tensor<4x8xf32>
    scf.yield %2 : tensor<4x8xf32>
  }
  return %1 : tensor<4x8xf32>
}
