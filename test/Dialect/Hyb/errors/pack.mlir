// RUN: hybrid-opt %s -split-input-file -verify-diagnostics

func.func @f(%x: tensor<2xf32>) {
  // expected-error @+1 {{needs as many blocks as dims, at least one}}
  %0 = hyb.pack %x {dims = array<i64>, blocks = array<i64>} : (tensor<2xf32>) -> tensor<2xf32>
  return
}

// -----

func.func @f(%x: tensor<4x4xf32>) {
  // expected-error @+1 {{dims must be distinct dimensions, blocks positive}}
  %0 = hyb.pack %x {dims = array<i64: 0, 0>, blocks = array<i64: 2, 2>} : (tensor<4x4xf32>) -> tensor<2x4x2x2xf32>
  return
}

// -----

func.func @f(%x: tensor<4x4xf32>) {
  // expected-error @+1 {{the packed shape does not follow from the plain one}}
  %0 = hyb.pack %x {dims = array<i64: 0>, blocks = array<i64: 3>} : (tensor<4x4xf32>) -> tensor<1x4x3xf32>
  return
}
