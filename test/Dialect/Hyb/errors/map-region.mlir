// RUN: hybrid-opt %s -split-input-file -verify-diagnostics

func.func @f(%x: tensor<4x8xf32>) {
  // expected-error @+1 {{region argument 0 must be 'f32'}}
  %0 = hyb.map (%x) by [affine_map<(n,c) -> (n,c)>] {
  ^bb0(%p: f64):
    %r = arith.truncf %p : f64 to f32
    hyb.yield %r : f32
  } : (tensor<4x8xf32>) -> tensor<4x8xf32>
  return
}

// -----

func.func @f(%x: tensor<4x8xf32>) {
  // expected-error @+1 {{the region must yield one 'f32'}}
  %0 = hyb.map (%x) by [affine_map<(n,c) -> (n,c)>] {
  ^bb0(%p: f32):
    %r = arith.extf %p : f32 to f64
    hyb.yield %r : f64
  } : (tensor<4x8xf32>) -> tensor<4x8xf32>
  return
}

// -----

func.func @f(%x: tensor<4x8xf32>) {
  // expected-error @+1 {{the region must have one argument an input}}
  %0 = hyb.map (%x) by [affine_map<(n,c) -> (n,c)>] {
  ^bb0(%p: f32, %q: f32):
    %r = arith.addf %p, %p : f32
    hyb.yield %r : f32
  } : (tensor<4x8xf32>) -> tensor<4x8xf32>
  return
}

// -----

func.func @f(%x: tensor<4x8xf32>) {
  %0 = hyb.map (%x) by [affine_map<(n,c) -> (n,c)>] {
  ^bb0(%p: f32):
    // expected-error @+1 {{dimension is beyond the result's rank}}
    %i = hyb.index 2
    hyb.yield %p : f32
  } : (tensor<4x8xf32>) -> tensor<4x8xf32>
  return
}

// -----

func.func @f(%x: tensor<4x8xf32>, %y: f32) {
  // expected-note @+1 {{required by region isolation constraints}}
  %0 = hyb.map (%x) by [affine_map<(n,c) -> (n,c)>] {
  ^bb0(%p: f32):
    // expected-error @+1 {{using value defined outside the region}}
    %r = arith.addf %p, %y : f32
    hyb.yield %r : f32
  } : (tensor<4x8xf32>) -> tensor<4x8xf32>
  return
}

// -----

func.func @f(%x: tensor<4x8xf32>) {
  %0 = hyb.map (%x) by [affine_map<(n,c) -> (n,c)>] {
  ^bb0(%p: f32):
    // expected-error @+1 {{is not a scalar op that a map may hold}}
    %r = func.call @g(%p) : (f32) -> f32
    hyb.yield %r : f32
  } : (tensor<4x8xf32>) -> tensor<4x8xf32>
  return
}
func.func private @g(f32) -> f32
