// RUN: hybrid-opt %s -split-input-file -verify-diagnostics

func.func @f(%x: tensor<4x8xf32>) {
  // expected-error @+1 {{has 1 inputs but 2 maps}}
  %0 = hyb.map (%x) by [affine_map<(n,c) -> (n,c)>, affine_map<(n,c) -> (n,c)>] {
  ^bb0(%p: f32):
    %r = arith.addf %p, %p : f32
    hyb.yield %r : f32
  } : (tensor<4x8xf32>) -> tensor<4x8xf32>
  return
}

// -----

func.func @f(%x: tensor<4x8xf32>) {
  // expected-error @+1 {{map 0 must go from 2 dimensions to 2}}
  %0 = hyb.map (%x) by [affine_map<(n) -> (n,n)>] {
  ^bb0(%p: f32):
    %r = arith.addf %p, %p : f32
    hyb.yield %r : f32
  } : (tensor<4x8xf32>) -> tensor<4x8xf32>
  return
}

// -----

func.func @f(%x: tensor<4x8xf32>) {
  // expected-error @+1 {{map 0: dimension 1 of the input has extent 8, the result's 4}}
  %0 = hyb.map (%x) by [affine_map<(n,c) -> (n,n)>] {
  ^bb0(%p: f32):
    %r = arith.addf %p, %p : f32
    hyb.yield %r : f32
  } : (tensor<4x8xf32>) -> tensor<4x8xf32>
  return
}

// -----

func.func @f(%x: tensor<4x8xf32>) {
  // expected-error @+1 {{map 0: each result must be a dimension or 0}}
  %0 = hyb.map (%x) by [affine_map<(n,c) -> (n, 1)>] {
  ^bb0(%p: f32):
    %r = arith.addf %p, %p : f32
    hyb.yield %r : f32
  } : (tensor<4x8xf32>) -> tensor<4x8xf32>
  return
}

// -----

func.func @f(%x: tensor<4x8xf32>) {
  // expected-error @+1 {{map 0: each result must be a dimension or 0}}
  %0 = hyb.map (%x) by [affine_map<(n,c) -> (n, c + n)>] {
  ^bb0(%p: f32):
    %r = arith.addf %p, %p : f32
    hyb.yield %r : f32
  } : (tensor<4x8xf32>) -> tensor<4x8xf32>
  return
}

// -----

func.func @f(%x: tensor<4x0xf32>) {
  // expected-error @+1 {{map 0: broadcasts an empty dimension}}
  %0 = hyb.map (%x) by [affine_map<(n,c) -> (n, 0)>] {
  ^bb0(%p: f32):
    %r = arith.addf %p, %p : f32
    hyb.yield %r : f32
  } : (tensor<4x0xf32>) -> tensor<4x8xf32>
  return
}
