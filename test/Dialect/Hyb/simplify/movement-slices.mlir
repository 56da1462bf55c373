// RUN: hybrid-opt %s -hyb-canonicalize-movement | FileCheck %s

// CHECK-LABEL: @slice_of_slice
func.func @slice_of_slice(%x: tensor<16x4xf32>) -> tensor<3x2xf32> {
  // CHECK: hyb.slice %arg0 {offsets = array<i64: 5, 3>, steps = array<i64: 4, -1>} : (tensor<16x4xf32>) -> tensor<3x2xf32>
  // CHECK-NOT: hyb.slice
  %0 = hyb.slice %x {offsets = array<i64: 1, 0>, steps = array<i64: 2, 1>} : (tensor<16x4xf32>) -> tensor<7x4xf32>
  %1 = hyb.slice %0 {offsets = array<i64: 2, 3>, steps = array<i64: 2, -1>} : (tensor<7x4xf32>) -> tensor<3x2xf32>
  return %1 : tensor<3x2xf32>
}

// CHECK-LABEL: @slice_of_all
func.func @slice_of_all(%x: tensor<16xf32>) -> tensor<16xf32> {
  // CHECK-NEXT: return %arg0
  %0 = hyb.slice %x {offsets = array<i64: 0>, steps = array<i64: 1>} : (tensor<16xf32>) -> tensor<16xf32>
  return %0 : tensor<16xf32>
}
