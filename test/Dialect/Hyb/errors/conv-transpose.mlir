// RUN: hybrid-opt %s -split-input-file -verify-diagnostics

func.func @f(%x: tensor<1x4x8x8xf32>, %w: tensor<5x6x3x3xf32>) {
  // expected-error @+1 {{shapes of x, w and the result do not agree}}
  %0 = hyb.conv_transpose %x, %w {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>} : (tensor<1x4x8x8xf32>, tensor<5x6x3x3xf32>) -> tensor<1x6x10x10xf32>
  return
}

// -----

func.func @f(%x: tensor<1x4x8x8xf32>, %w: tensor<4x6x3x3xf32>) {
  // expected-error @+1 {{spatial extent 1 of the result must be 10 plus an output padding below the stride, is 12}}
  %0 = hyb.conv_transpose %x, %w {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>} : (tensor<1x4x8x8xf32>, tensor<4x6x3x3xf32>) -> tensor<1x6x10x12xf32>
  return
}
