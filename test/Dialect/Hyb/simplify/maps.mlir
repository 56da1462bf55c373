// RUN: hybrid-opt %s -hyb-canonicalize-movement | FileCheck %s

#id = affine_map<(n,c) -> (n,c)>
// CHECK-LABEL: @identity
func.func @identity(%x: tensor<4x8xf32>) -> tensor<4x8xf32> {
  // CHECK-NEXT: return %arg0
  %0 = hyb.map (%x) by [#id] {
  ^bb0(%p: f32):
    hyb.yield %p : f32
  } : (tensor<4x8xf32>) -> tensor<4x8xf32>
  return %0 : tensor<4x8xf32>
}

// CHECK-LABEL: @broadcast_stays
func.func @broadcast_stays(%x: tensor<8xf32>) -> tensor<4x8xf32> {
  // CHECK-NEXT: hyb.map
  %0 = hyb.map (%x) by [affine_map<(n,c) -> (c)>] {
  ^bb0(%p: f32):
    hyb.yield %p : f32
  } : (tensor<8xf32>) -> tensor<4x8xf32>
  return %0 : tensor<4x8xf32>
}

// CHECK-LABEL: @inputs
func.func @inputs(%x: tensor<4x8xf32>, %y: tensor<4x8xf32>) -> tensor<4x8xf32> {
  // CHECK-NEXT: hyb.map(%arg0) by [#{{.*}}] {
  // CHECK-NEXT: ^bb0(%[[A:.*]]: f32):
  // CHECK: %[[C:.*]] = arith.constant 3.000000e+00
  // CHECK: %[[S:.*]] = arith.addf %[[A]], %[[A]]
  // CHECK: arith.mulf %[[S]], %[[C]]
  %c = hyb.constant dense<3.0> : tensor<f32>
  %0 = hyb.map (%x, %y, %x, %c) by [#id, #id, #id, affine_map<(n,c) -> ()>] {
  ^bb0(%p: f32, %unused: f32, %q: f32, %k: f32):
    %s = arith.addf %p, %q : f32
    %t = arith.mulf %s, %k : f32
    hyb.yield %t : f32
  } : (tensor<4x8xf32>, tensor<4x8xf32>, tensor<4x8xf32>, tensor<f32>) -> tensor<4x8xf32>
  return %0 : tensor<4x8xf32>
}

// CHECK-LABEL: @constant_result
func.func @constant_result(%x: tensor<4xi8>) -> tensor<4xui8> {
  // CHECK-NEXT: hyb.constant dense<200> : tensor<4xui8>
  // CHECK-NEXT: return
  %0 = hyb.map (%x) by [affine_map<(n) -> (n)>] {
  ^bb0(%p: i8):
    %c = arith.constant 200 : i8
    hyb.yield %c : i8
  } : (tensor<4xi8>) -> tensor<4xui8>
  return %0 : tensor<4xui8>
}
