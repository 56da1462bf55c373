// RUN: hybrid-opt %s -split-input-file -hyb-verify-simplified -verify-diagnostics

func.func @f(%x: tensor<4xf32>) {
  %0 = hyb.constant dense<[[1.0, 2.0], [3.0, 4.0]]> : tensor<2x2xf32>
  // expected-error @+1 {{'hyb.transpose' after simplify: could be folded}}
  %1 = hyb.transpose %0 {perm = array<i64: 1, 0>} : (tensor<2x2xf32>) -> tensor<2x2xf32>
  return
}

// -----

func.func @f(%x: tensor<4xf32>) {
  // expected-error @+1 {{'hyb.map' after simplify: yields its input as it is}}
  %0 = hyb.map (%x) by [affine_map<(n) -> (n)>] {
  ^bb0(%p: f32):
    hyb.yield %p : f32
  } : (tensor<4xf32>) -> tensor<4xf32>
  return
}

// -----

func.func @f(%x: tensor<4xf32>) {
  // expected-error @+1 {{'hyb.map' after simplify: input 1 is unused}}
  %0 = hyb.map (%x, %x) by [affine_map<(n) -> (n)>, affine_map<(n) -> (n)>] {
  ^bb0(%p: f32, %q: f32):
    %r = arith.negf %p : f32
    hyb.yield %r : f32
  } : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  return
}
