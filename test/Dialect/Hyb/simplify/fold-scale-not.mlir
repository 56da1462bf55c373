// RUN: hybrid-opt %s -hyb-fold-scale | FileCheck %s

// CHECK-LABEL: @two_uses
func.func @two_uses(%x: tensor<4x1xf32>) -> (tensor<4x2xf32>, tensor<4x2xf32>) {
  // CHECK: hyb.matmul
  // CHECK: arith.mulf
  // CHECK-NOT: arith.mulf
  %w = hyb.constant dense<[[1.0, 3.0]]> : tensor<1x2xf32>
  %0 = hyb.matmul %x, %w : (tensor<4x1xf32>, tensor<1x2xf32>) -> tensor<4x2xf32>
  %1 = hyb.map (%0) by [affine_map<(n,c) -> (n,c)>] {
  ^bb0(%y: f32):
    %c = arith.constant 2.0 : f32
    %p = arith.mulf %y, %c : f32
    hyb.yield %p : f32
  } : (tensor<4x2xf32>) -> tensor<4x2xf32>
  return %0, %1 : tensor<4x2xf32>, tensor<4x2xf32>
}

// A factor along the rows is none of the weights'.
// CHECK-LABEL: @row_factor
func.func @row_factor(%x: tensor<4x1xf32>) -> tensor<4x2xf32> {
  // CHECK: %[[W:.*]] = hyb.constant dense<{{\[\[}}1.000000e+00, 3.000000e+00]]>
  // CHECK: hyb.matmul %arg0, %[[W]]
  %w = hyb.constant dense<[[1.0, 3.0]]> : tensor<1x2xf32>
  %k = hyb.constant dense<[1.0, 2.0, 3.0, 4.0]> : tensor<4xf32>
  %0 = hyb.matmul %x, %w : (tensor<4x1xf32>, tensor<1x2xf32>) -> tensor<4x2xf32>
  %1 = hyb.map (%0, %k) by [affine_map<(n,c) -> (n,c)>, affine_map<(n,c) -> (n)>] {
  ^bb0(%y: f32, %f: f32):
    %p = arith.mulf %y, %f : f32
    hyb.yield %p : f32
  } : (tensor<4x2xf32>, tensor<4xf32>) -> tensor<4x2xf32>
  return %1 : tensor<4x2xf32>
}

// An addition alone stays where it is.
// CHECK-LABEL: @bias_only
func.func @bias_only(%x: tensor<4x1xf32>) -> tensor<4x2xf32> {
  // CHECK-COUNT-1: hyb.map
  // CHECK-NOT: hyb.map
  %w = hyb.constant dense<[[1.0, 3.0]]> : tensor<1x2xf32>
  %k = hyb.constant dense<[1.0, 2.0]> : tensor<2xf32>
  %0 = hyb.matmul %x, %w : (tensor<4x1xf32>, tensor<1x2xf32>) -> tensor<4x2xf32>
  %1 = hyb.map (%0, %k) by [affine_map<(n,c) -> (n,c)>, affine_map<(n,c) -> (c)>] {
  ^bb0(%y: f32, %f: f32):
    %p = arith.addf %y, %f : f32
    hyb.yield %p : f32
  } : (tensor<4x2xf32>, tensor<2xf32>) -> tensor<4x2xf32>
  return %1 : tensor<4x2xf32>
}
