// RUN: hybrid-opt %s -hyb-integer-contractions -hyb-fold-constants | FileCheck %s

// One scale a channel: the product of scales is folded into a vector.
// CHECK-LABEL: @per_channel
func.func @per_channel(%xq: tensor<4x8xui8>) -> tensor<4x2xf32> {
  // CHECK-DAG: %[[W:.*]] = hyb.constant dense<2> : tensor<8x2xi8>
  // CHECK-DAG: %[[S:.*]] = hyb.constant dense<[1.250000e-01, 1.000000e+00]> : tensor<2xf32>
  // CHECK-DAG: %[[ACC:.*]] = hyb.matmul %arg0, %[[W]] {a_zero = 3 : i64{{.*}}} : (tensor<4x8xui8>, tensor<8x2xi8>) -> tensor<4x2xi32>
  // CHECK: hyb.map(%[[ACC]], %[[S]])
  // CHECK: %[[F:.*]] = arith.sitofp
  // CHECK: arith.mulf %[[F]]
  %x = hyb.map (%xq) by [affine_map<(n,c) -> (n,c)>] {
  ^bb0(%p: i8):
    %i = arith.extui %p : i8 to i32
    %z = arith.constant 3 : i32
    %d = arith.subi %i, %z : i32
    %f = arith.sitofp %d : i32 to f32
    %s = arith.constant 0.5 : f32
    %r = arith.mulf %f, %s : f32
    hyb.yield %r : f32
  } : (tensor<4x8xui8>) -> tensor<4x8xf32>
  %wq = hyb.constant dense<2> : tensor<8x2xi8>
  %ws = hyb.constant dense<[0.25, 2.0]> : tensor<2xf32>
  %w = hyb.map (%wq, %ws) by [affine_map<(n,c) -> (n,c)>, affine_map<(n,c) -> (c)>] {
  ^bb0(%p: i8, %s: f32):
    %i = arith.extsi %p : i8 to i32
    %f = arith.sitofp %i : i32 to f32
    %r = arith.mulf %f, %s : f32
    hyb.yield %r : f32
  } : (tensor<8x2xi8>, tensor<2xf32>) -> tensor<8x2xf32>
  %0 = hyb.matmul %x, %w : (tensor<4x8xf32>, tensor<8x2xf32>) -> tensor<4x2xf32>
  return %0 : tensor<4x2xf32>
}

// CHECK-LABEL: @per_tensor
func.func @per_tensor(%xq: tensor<4x8xui8>) -> tensor<4x2xf32> {
  // CHECK: hyb.matmul {{.*}} -> tensor<4x2xi32>
  // CHECK: arith.constant 1.250000e-01
  %x = hyb.map (%xq) by [affine_map<(n,c) -> (n,c)>] {
  ^bb0(%p: i8):
    %i = arith.extui %p : i8 to i32
    %z = arith.constant 3 : i32
    %d = arith.subi %i, %z : i32
    %f = arith.sitofp %d : i32 to f32
    %s = arith.constant 0.5 : f32
    %r = arith.mulf %f, %s : f32
    hyb.yield %r : f32
  } : (tensor<4x8xui8>) -> tensor<4x8xf32>
  %wq = hyb.constant dense<2> : tensor<8x2xi8>
  %w = hyb.map (%wq) by [affine_map<(n,c) -> (n,c)>] {
  ^bb0(%p: i8):
    %i = arith.extsi %p : i8 to i32
    %f = arith.sitofp %i : i32 to f32
    %s = arith.constant 0.25 : f32
    %r = arith.mulf %f, %s : f32
    hyb.yield %r : f32
  } : (tensor<8x2xi8>) -> tensor<8x2xf32>
  %0 = hyb.matmul %x, %w : (tensor<4x8xf32>, tensor<8x2xf32>) -> tensor<4x2xf32>
  return %0 : tensor<4x2xf32>
}

// Scales along the contracted dimension cannot leave the sum.
// CHECK-LABEL: @along_k
func.func @along_k(%xq: tensor<4x8xui8>) -> tensor<4x2xf32> {
  // CHECK: hyb.matmul {{.*}} -> tensor<4x2xf32>
  %x = hyb.map (%xq) by [affine_map<(n,c) -> (n,c)>] {
  ^bb0(%p: i8):
    %i = arith.extui %p : i8 to i32
    %z = arith.constant 3 : i32
    %d = arith.subi %i, %z : i32
    %f = arith.sitofp %d : i32 to f32
    %s = arith.constant 0.5 : f32
    %r = arith.mulf %f, %s : f32
    hyb.yield %r : f32
  } : (tensor<4x8xui8>) -> tensor<4x8xf32>
  %wq = hyb.constant dense<2> : tensor<8x2xi8>
  %ws = hyb.constant dense<[1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0]> : tensor<8xf32>
  %w = hyb.map (%wq, %ws) by [affine_map<(n,c) -> (n,c)>, affine_map<(n,c) -> (n)>] {
  ^bb0(%p: i8, %s: f32):
    %i = arith.extsi %p : i8 to i32
    %f = arith.sitofp %i : i32 to f32
    %r = arith.mulf %f, %s : f32
    hyb.yield %r : f32
  } : (tensor<8x2xi8>, tensor<8xf32>) -> tensor<8x2xf32>
  %0 = hyb.matmul %x, %w : (tensor<4x8xf32>, tensor<8x2xf32>) -> tensor<4x2xf32>
  return %0 : tensor<4x2xf32>
}

// DequantizeLinear of the weights was folded: multiples of 0.25 and of 2.
// CHECK-LABEL: @folded
func.func @folded(%xq: tensor<4x8xui8>) -> tensor<4x2xf32> {
  // CHECK-DAG: hyb.constant dense<{{\[\[}}3, 1], [-5, -1],
  // CHECK-DAG: hyb.constant dense<[1.250000e-01, 1.000000e+00]> : tensor<2xf32>
  // CHECK-DAG: hyb.matmul {{.*}} -> tensor<4x2xi32>
  %x = hyb.map (%xq) by [affine_map<(n,c) -> (n,c)>] {
  ^bb0(%p: i8):
    %i = arith.extui %p : i8 to i32
    %f = arith.sitofp %i : i32 to f32
    %s = arith.constant 0.5 : f32
    %r = arith.mulf %f, %s : f32
    hyb.yield %r : f32
  } : (tensor<4x8xui8>) -> tensor<4x8xf32>
  %w = hyb.constant dense<[[0.75, 2.0], [-1.25, -2.0], [0.25, 4.0], [0.0, 0.0], [0.5, 6.0], [0.75, 2.0], [1.0, 2.0], [0.25, 2.0]]> : tensor<8x2xf32>
  %0 = hyb.matmul %x, %w : (tensor<4x8xf32>, tensor<8x2xf32>) -> tensor<4x2xf32>
  return %0 : tensor<4x2xf32>
}

// Weights of no common step stay floats.
// CHECK-LABEL: @floats
func.func @floats(%xq: tensor<4x2xui8>) -> tensor<4x1xf32> {
  // CHECK: hyb.matmul {{.*}} -> tensor<4x1xf32>
  %x = hyb.map (%xq) by [affine_map<(n,c) -> (n,c)>] {
  ^bb0(%p: i8):
    %i = arith.extui %p : i8 to i32
    %f = arith.sitofp %i : i32 to f32
    %s = arith.constant 0.5 : f32
    %r = arith.mulf %f, %s : f32
    hyb.yield %r : f32
  } : (tensor<4x2xui8>) -> tensor<4x2xf32>
  %w = hyb.constant dense<[[1.0], [0.7071]]> : tensor<2x1xf32>
  %0 = hyb.matmul %x, %w : (tensor<4x2xf32>, tensor<2x1xf32>) -> tensor<4x1xf32>
  return %0 : tensor<4x1xf32>
}
