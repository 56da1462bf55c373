// RUN: hybrid-opt %s -split-input-file -verify-diagnostics

func.func @f(%x: tensor<1x2x8x8x16xf32>, %w: tensor<4x2x3x3x16x16xf32>) {
  // expected-error @+1 {{x_block must be 0 or equal to y_block}}
  %0 = hyb.conv %x, %w {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, x_block = 16 : i64} : (tensor<1x2x8x8x16xf32>, tensor<4x2x3x3x16x16xf32>) -> tensor<1x4x6x6x16xf32>
  return
}

// -----

func.func @f(%x: tensor<1x2x8x8x16xf32>, %w: tensor<4x2x3x3x16x16xf32>) {
  // expected-error @+1 {{the innermost extent must be the block}}
  %0 = hyb.conv %x, %w {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, x_block = 8 : i64, y_block = 8 : i64} : (tensor<1x2x8x8x16xf32>, tensor<4x2x3x3x16x16xf32>) -> tensor<1x4x6x6x16xf32>
  return
}

// -----

func.func @f(%x: tensor<1x2x8x8x16xf32>, %w: tensor<4x2x3x3x16x8xf32>) {
  // expected-error @+1 {{blocked weights must be [4, 2, taps…, 16, 16]}}
  %0 = hyb.conv %x, %w {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, x_block = 16 : i64, y_block = 16 : i64} : (tensor<1x2x8x8x16xf32>, tensor<4x2x3x3x16x8xf32>) -> tensor<1x4x6x6x16xf32>
  return
}

// -----

func.func @f(%x: tensor<1x2x8x8x16xf32>, %w: tensor<4x2x3x3x16x16xf32>) {
  // expected-error @+1 {{a blocked depthwise convolution needs weights [2, taps…, 16]}}
  %0 = hyb.conv %x, %w {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, groups = 32 : i64, x_block = 16 : i64, y_block = 16 : i64} : (tensor<1x2x8x8x16xf32>, tensor<4x2x3x3x16x16xf32>) -> tensor<1x4x6x6x16xf32>
  return
}

// -----

func.func @f(%x: tensor<1x4x8x8xf32>, %w: tensor<4x3x3x4x16xf32>) {
  // expected-error @+1 {{a blocked convolution has one group or is depthwise}}
  %0 = hyb.conv %x, %w {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, groups = 2 : i64, y_block = 16 : i64} : (tensor<1x4x8x8xf32>, tensor<4x3x3x4x16xf32>) -> tensor<1x4x6x6x16xf32>
  return
}

// -----

func.func @f(%x: tensor<1x4x8x8xf32>, %w: tensor<4x3x3x5x16xf32>) {
  // expected-error @+1 {{weights must be [4, taps…, 4, 16]}}
  %0 = hyb.conv %x, %w {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, y_block = 16 : i64} : (tensor<1x4x8x8xf32>, tensor<4x3x3x5x16xf32>) -> tensor<1x4x6x6x16xf32>
  return
}
