// RUN: hybrid-opt %s -hyb-canonicalize-movement | FileCheck %s

// CHECK-LABEL: @into_conv
func.func @into_conv(%x: tensor<1x3x8x8xf32>, %w: tensor<4x3x3x3xf32>) -> tensor<1x4x9x8xf32> {
  // CHECK-NEXT: hyb.conv %arg0, %arg1 {{.*}}pads = array<i64: 1, 0, 2, 2>
  // CHECK-NEXT: return
  %0 = hyb.pad %x value 0.0 : f32 {low = array<i64: 0, 0, 1, 0>, high = array<i64: 0, 0, 1, 1>} : (tensor<1x3x8x8xf32>) -> tensor<1x3x10x9xf32>
  %1 = hyb.conv %0, %w {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 1, 1>, dilations = array<i64: 1, 1>} : (tensor<1x3x10x9xf32>, tensor<4x3x3x3xf32>) -> tensor<1x4x9x8xf32>
  return %1 : tensor<1x4x9x8xf32>
}

// Other values than zero are no padding of a convolution.
// CHECK-LABEL: @ones
func.func @ones(%x: tensor<1x3x8x8xf32>, %w: tensor<4x3x1x1xf32>) -> tensor<1x4x9x8xf32> {
  // CHECK: hyb.pad
  %0 = hyb.pad %x value 1.0 : f32 {low = array<i64: 0, 0, 1, 0>, high = array<i64: 0, 0, 0, 0>} : (tensor<1x3x8x8xf32>) -> tensor<1x3x9x8xf32>
  %1 = hyb.conv %0, %w {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>} : (tensor<1x3x9x8xf32>, tensor<4x3x1x1xf32>) -> tensor<1x4x9x8xf32>
  return %1 : tensor<1x4x9x8xf32>
}

// Nor are channels.
// CHECK-LABEL: @channels
func.func @channels(%x: tensor<1x3x8x8xf32>, %w: tensor<4x4x1x1xf32>) -> tensor<1x4x8x8xf32> {
  // CHECK: hyb.pad
  %0 = hyb.pad %x value 0.0 : f32 {low = array<i64: 0, 1, 0, 0>, high = array<i64: 0, 0, 0, 0>} : (tensor<1x3x8x8xf32>) -> tensor<1x4x8x8xf32>
  %1 = hyb.conv %0, %w {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>} : (tensor<1x4x8x8xf32>, tensor<4x4x1x1xf32>) -> tensor<1x4x8x8xf32>
  return %1 : tensor<1x4x8x8xf32>
}

// CHECK-LABEL: @nothing
func.func @nothing(%x: tensor<3xf32>) -> tensor<3xf32> {
  // CHECK-NEXT: return %arg0
  %0 = hyb.pad %x value 0.0 : f32 {low = array<i64: 0>, high = array<i64: 0>} : (tensor<3xf32>) -> tensor<3xf32>
  return %0 : tensor<3xf32>
}
