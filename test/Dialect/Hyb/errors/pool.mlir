// RUN: hybrid-opt %s -split-input-file -verify-diagnostics

func.func @f(%x: tensor<1x3x8x8xf32>) {
  // expected-error @+1 {{window, strides and dilations need 4 entries, pads twice as many}}
  %0 = hyb.pool max %x {window = array<i64: 2, 2>, strides = array<i64: 1, 1, 2, 2>, pads = array<i64: 0, 0, 0, 0, 0, 0, 0, 0>, dilations = array<i64: 1, 1, 1, 1>} : (tensor<1x3x8x8xf32>) -> tensor<1x3x8x8xf32>
  return
}

// -----

func.func @f(%x: tensor<1x3x8x8xf32>) {
  // expected-error @+1 {{window, strides and dilations must be positive}}
  %0 = hyb.pool max %x {window = array<i64: 1, 1, 0, 2>, strides = array<i64: 1, 1, 2, 2>, pads = array<i64: 0, 0, 0, 0, 0, 0, 0, 0>, dilations = array<i64: 1, 1, 1, 1>} : (tensor<1x3x8x8xf32>) -> tensor<1x3x8x8xf32>
  return
}

// -----

func.func @f(%x: tensor<1x3x8x8xf32>) {
  // expected-error @+1 {{extent 2 of the result must be 4, is 5}}
  %0 = hyb.pool max %x {window = array<i64: 1, 1, 2, 2>, strides = array<i64: 1, 1, 2, 2>, pads = array<i64: 0, 0, 0, 0, 0, 0, 0, 0>, dilations = array<i64: 1, 1, 1, 1>} : (tensor<1x3x8x8xf32>) -> tensor<1x3x5x4xf32>
  return
}

// -----

func.func @f(%x: tensor<1x3x8x8xf32>) {
  // expected-error @+1 {{the result must have the rank and element type of x}}
  %0 = hyb.pool max %x {window = array<i64: 1, 1, 2, 2>, strides = array<i64: 1, 1, 2, 2>, pads = array<i64: 0, 0, 0, 0, 0, 0, 0, 0>, dilations = array<i64: 1, 1, 1, 1>} : (tensor<1x3x8x8xf32>) -> tensor<1x3x4x4xf64>
  return
}
