// RUN: hybrid-opt %s -split-input-file -verify-diagnostics

func.func @f(%x: tensor<4xf32>, %i: tensor<2xi64>) {
  // expected-error @+1 {{axis is beyond the rank}}
  %0 = hyb.gather %x, %i {axis = 1 : i64} : (tensor<4xf32>, tensor<2xi64>) -> tensor<2xf32>
  return
}

// -----

func.func @f(%x: tensor<4xf32>, %i: tensor<2xi8>) {
  // expected-error @+1 {{indices must be i32 or i64}}
  %0 = hyb.gather %x, %i {axis = 0 : i64} : (tensor<4xf32>, tensor<2xi8>) -> tensor<2xf32>
  return
}

// -----

func.func @f(%x: tensor<4xf32>, %i: tensor<2xi64>) {
  // expected-error @+1 {{result has the wrong type}}
  %0 = hyb.gather %x, %i {axis = 0 : i64} : (tensor<4xf32>, tensor<2xi64>) -> tensor<3xf32>
  return
}
