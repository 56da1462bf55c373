// RUN: hybrid-opt %s -hyb-canonicalize-movement | FileCheck %s

// CHECK-LABEL: @twice
func.func @twice(%x: tensor<2x3x4xf32>) -> tensor<2x3x4xf32> {
  // CHECK-NEXT: return %arg0
  %0 = hyb.transpose %x {perm = array<i64: 2, 0, 1>} : (tensor<2x3x4xf32>) -> tensor<4x2x3xf32>
  %1 = hyb.transpose %0 {perm = array<i64: 1, 2, 0>} : (tensor<4x2x3xf32>) -> tensor<2x3x4xf32>
  return %1 : tensor<2x3x4xf32>
}

// CHECK-LABEL: @composed
func.func @composed(%x: tensor<2x3x4xf32>) -> tensor<4x3x2xf32> {
  // CHECK-NEXT: hyb.transpose %arg0 {perm = array<i64: 2, 1, 0>}
  // CHECK-NEXT: return
  %0 = hyb.transpose %x {perm = array<i64: 1, 0, 2>} : (tensor<2x3x4xf32>) -> tensor<3x2x4xf32>
  %1 = hyb.transpose %0 {perm = array<i64: 2, 0, 1>} : (tensor<3x2x4xf32>) -> tensor<4x3x2xf32>
  return %1 : tensor<4x3x2xf32>
}

// Only a dimension of extent 1 moves.
// CHECK-LABEL: @unit
func.func @unit(%x: tensor<1x3x4xf32>) -> tensor<3x1x4xf32> {
  // CHECK-NEXT: hyb.reshape %arg0 : (tensor<1x3x4xf32>) -> tensor<3x1x4xf32>
  %0 = hyb.transpose %x {perm = array<i64: 1, 0, 2>} : (tensor<1x3x4xf32>) -> tensor<3x1x4xf32>
  return %0 : tensor<3x1x4xf32>
}

// CHECK-LABEL: @splat
func.func @splat() -> tensor<3x2xf32> {
  // CHECK-NEXT: hyb.constant dense<1.000000e+00> : tensor<3x2xf32>
  // CHECK-NEXT: return
  %c = hyb.constant dense<1.0> : tensor<2x3xf32>
  %0 = hyb.transpose %c {perm = array<i64: 1, 0>} : (tensor<2x3xf32>) -> tensor<3x2xf32>
  return %0 : tensor<3x2xf32>
}
