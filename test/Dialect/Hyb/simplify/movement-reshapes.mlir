// RUN: hybrid-opt %s -hyb-canonicalize-movement | FileCheck %s

// CHECK-LABEL: @chain
func.func @chain(%x: tensor<2x6xf32>) -> tensor<4x3xf32> {
  // CHECK-NEXT: hyb.reshape %arg0 : (tensor<2x6xf32>) -> tensor<4x3xf32>
  // CHECK-NEXT: return
  %0 = hyb.reshape %x : (tensor<2x6xf32>) -> tensor<12xf32>
  %1 = hyb.reshape %0 : (tensor<12xf32>) -> tensor<4x3xf32>
  return %1 : tensor<4x3xf32>
}

// CHECK-LABEL: @there_and_back
func.func @there_and_back(%x: tensor<2x6xf32>) -> tensor<2x6xf32> {
  // CHECK-NEXT: return %arg0
  %0 = hyb.reshape %x : (tensor<2x6xf32>) -> tensor<12xf32>
  %1 = hyb.reshape %0 : (tensor<12xf32>) -> tensor<2x6xf32>
  return %1 : tensor<2x6xf32>
}

// CHECK-LABEL: @constant
func.func @constant() -> tensor<4xf32> {
  // CHECK-NEXT: hyb.constant dense<[1.000000e+00, 2.000000e+00, 3.000000e+00, 4.000000e+00]> : tensor<4xf32>
  // CHECK-NEXT: return
  %c = hyb.constant dense<[[1.0, 2.0], [3.0, 4.0]]> : tensor<2x2xf32>
  %0 = hyb.reshape %c : (tensor<2x2xf32>) -> tensor<4xf32>
  return %0 : tensor<4xf32>
}
