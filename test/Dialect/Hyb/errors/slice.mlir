// RUN: hybrid-opt %s -split-input-file -verify-diagnostics

func.func @f(%x: tensor<8xf32>) {
  // expected-error @+1 {{offsets and steps need one entry a dimension}}
  %0 = hyb.slice %x {offsets = array<i64: 0, 0>, steps = array<i64: 1>} : (tensor<8xf32>) -> tensor<4xf32>
  return
}

// -----

func.func @f(%x: tensor<8xf32>) {
  // expected-error @+1 {{a step is zero}}
  %0 = hyb.slice %x {offsets = array<i64: 0>, steps = array<i64: 0>} : (tensor<8xf32>) -> tensor<4xf32>
  return
}

// -----

func.func @f(%x: tensor<8xf32>) {
  // expected-error @+1 {{leaves dimension 0, which has extent 8}}
  %0 = hyb.slice %x {offsets = array<i64: 5>, steps = array<i64: 1>} : (tensor<8xf32>) -> tensor<4xf32>
  return
}

// -----

func.func @f(%x: tensor<8xf32>) {
  // expected-error @+1 {{leaves dimension 0, which has extent 8}}
  %0 = hyb.slice %x {offsets = array<i64: 2>, steps = array<i64: -1>} : (tensor<8xf32>) -> tensor<4xf32>
  return
}

// -----

func.func @f(%x: tensor<8xf32>) {
  // expected-error @+1 {{leaves dimension 0, which has extent 8}}
  %0 = hyb.slice %x {offsets = array<i64: 0>, steps = array<i64: 9223372036854775807>} : (tensor<8xf32>) -> tensor<4xf32>
  return
}
