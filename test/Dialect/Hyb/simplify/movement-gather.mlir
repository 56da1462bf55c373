// RUN: hybrid-opt %s -hyb-canonicalize-movement | FileCheck %s

// CHECK-LABEL: @scalar_index
func.func @scalar_index(%x: tensor<8x4xf32>) -> tensor<8xf32> {
  // CHECK: %[[S:.*]] = hyb.slice %arg0 {offsets = array<i64: 0, 3>, steps = array<i64: 1, 1>} : (tensor<8x4xf32>) -> tensor<8x1xf32>
  // CHECK: hyb.reshape %[[S]] : (tensor<8x1xf32>) -> tensor<8xf32>
  %i = hyb.constant dense<-1> : tensor<i64>
  %0 = hyb.gather %x, %i {axis = 1 : i64} : (tensor<8x4xf32>, tensor<i64>) -> tensor<8xf32>
  return %0 : tensor<8xf32>
}

// CHECK-LABEL: @even_steps
func.func @even_steps(%x: tensor<8xf32>) -> tensor<3xf32> {
  // CHECK: hyb.slice %arg0 {offsets = array<i64: 6>, steps = array<i64: -2>} : (tensor<8xf32>) -> tensor<3xf32>
  %i = hyb.constant dense<[6, 4, 2]> : tensor<3xi32>
  %0 = hyb.gather %x, %i {axis = 0 : i64} : (tensor<8xf32>, tensor<3xi32>) -> tensor<3xf32>
  return %0 : tensor<3xf32>
}

// CHECK-LABEL: @uneven
func.func @uneven(%x: tensor<8xf32>) -> tensor<3xf32> {
  // CHECK: hyb.gather
  %i = hyb.constant dense<[6, 4, 3]> : tensor<3xi64>
  %0 = hyb.gather %x, %i {axis = 0 : i64} : (tensor<8xf32>, tensor<3xi64>) -> tensor<3xf32>
  return %0 : tensor<3xf32>
}

// Left to the kernel, which says so at run time.
// CHECK-LABEL: @out_of_range
func.func @out_of_range(%x: tensor<8xf32>) -> tensor<2xf32> {
  // CHECK: hyb.gather
  %i = hyb.constant dense<[7, 8]> : tensor<2xi64>
  %0 = hyb.gather %x, %i {axis = 0 : i64} : (tensor<8xf32>, tensor<2xi64>) -> tensor<2xf32>
  return %0 : tensor<2xf32>
}
