// RUN: hybrid-opt %s -split-input-file -verify-diagnostics

func.func @f(%x: tensor<2x3xf32>) {
  // expected-error @+1 {{axes must be ascending and below the rank 2}}
  %0 = hyb.reduce sum %x {axes = array<i64: 1, 0>} : (tensor<2x3xf32>) -> tensor<1x1xf32>
  return
}

// -----

func.func @f(%x: tensor<2x3xf32>) {
  // expected-error @+1 {{axes must be ascending and below the rank 2}}
  %0 = hyb.reduce sum %x {axes = array<i64: 2>} : (tensor<2x3xf32>) -> tensor<1x1xf32>
  return
}

// -----

func.func @f(%x: tensor<2x3xf32>) {
  // expected-error @+1 {{the result keeps the reduced axes with extent 1}}
  %0 = hyb.reduce sum %x {axes = array<i64: 1>} : (tensor<2x3xf32>) -> tensor<2xf32>
  return
}

// -----

func.func @f(%x: tensor<2x3xf32>) {
  // expected-error @+1 {{argmax and argmin take one axis}}
  %0 = hyb.reduce argmin %x {axes = array<i64: 0, 1>} : (tensor<2x3xf32>) -> tensor<1x1xi64>
  return
}

// -----

func.func @f(%x: tensor<2x3xf32>) {
  // expected-error @+1 {{the result must have elements of type 'i64'}}
  %0 = hyb.reduce argmax %x {axes = array<i64: 1>} : (tensor<2x3xf32>) -> tensor<2x1xf32>
  return
}

// -----

func.func @f(%x: tensor<2x0xf32>) {
  // expected-error @+1 {{reduces an empty axis}}
  %0 = hyb.reduce max %x {axes = array<i64: 1>} : (tensor<2x0xf32>) -> tensor<2x1xf32>
  return
}
