// RUN: hybrid-opt %s -split-input-file -verify-diagnostics

func.func @f(%x: tensor<4xf32>, %i: index) {
  // expected-error @+1 {{axis is beyond the rank}}
  %0 = hyb.slice_at %x at %i {axis = 1 : i64} : (tensor<4xf32>) -> tensor<1xf32>
  return
}

// -----

func.func @f(%x: tensor<4xf32>, %i: index) {
  // expected-error @+1 {{the part must have extent 1 along the axis}}
  %0 = hyb.slice_at %x at %i {axis = 0 : i64} : (tensor<4xf32>) -> tensor<2xf32>
  return
}

// -----

func.func @f(%v: tensor<1xf32>, %x: tensor<4xf32>, %i: index) {
  // expected-error @+1 {{the result must have the type of `into`}}
  %0 = hyb.insert_at %v into %x at %i {axis = 0 : i64} : (tensor<1xf32>, tensor<4xf32>) -> tensor<5xf32>
  return
}
