// RUN: hybrid-opt %s -hyb-form-groups | FileCheck %s
// RUN: hybrid-opt %s -hyb-form-groups=pools=false | FileCheck %s --check-prefix=NOPOOL

// CHECK-LABEL: @conv_relu_pool
// NOPOOL-LABEL: @conv_relu_pool
func.func @conv_relu_pool(%x: tensor<1x3x8x8xf32>) -> tensor<1x4x4x4xf32> {
  // CHECK-NEXT: %[[W:.*]] = hyb.constant
  // CHECK-NEXT: %[[G:.*]] = hyb.group "conv1"(%arg0, %[[W]]) {
  // CHECK: hyb.conv
  // CHECK: hyb.map
  // CHECK: hyb.pool
  // CHECK-NEXT: hyb.yield
  // CHECK: return %[[G]]
  // NOPOOL: hyb.group "conv1"
  // NOPOOL: hyb.group "pool1"
  %w = hyb.constant dense<0.5> : tensor<4x3x1x1xf32>
  %0 = hyb.conv %x, %w {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>} : (tensor<1x3x8x8xf32>, tensor<4x3x1x1xf32>) -> tensor<1x4x8x8xf32> loc("conv1"("Conv"))
  %1 = hyb.map (%0) by [affine_map<(n,c,h,w) -> (n,c,h,w)>] {
  ^bb0(%p: f32):
    %z = arith.constant 0.0 : f32
    %r = arith.maximumf %p, %z : f32
    hyb.yield %r : f32
  } : (tensor<1x4x8x8xf32>) -> tensor<1x4x8x8xf32> loc("relu1"("Relu"))
  %2 = hyb.pool max %1 {window = array<i64: 1, 1, 2, 2>, strides = array<i64: 1, 1, 2, 2>, pads = array<i64: 0, 0, 0, 0, 0, 0, 0, 0>, dilations = array<i64: 1, 1, 1, 1>} : (tensor<1x4x8x8xf32>) -> tensor<1x4x4x4xf32> loc("pool1"("MaxPool"))
  return %2 : tensor<1x4x4x4xf32>
}

// Windows that overlap would make tiles compute rows twice.
// CHECK-LABEL: @overlapping_pool
func.func @overlapping_pool(%x: tensor<1x3x8x8xf32>) -> tensor<1x4x3x3xf32> {
  // CHECK: hyb.group "conv1.2"
  // CHECK: hyb.group "pool1"
  %w = hyb.constant dense<0.5> : tensor<4x3x1x1xf32>
  %0 = hyb.conv %x, %w {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>} : (tensor<1x3x8x8xf32>, tensor<4x3x1x1xf32>) -> tensor<1x4x8x8xf32> loc("conv1"("Conv"))
  %1 = hyb.map (%0) by [affine_map<(n,c,h,w) -> (n,c,h,w)>] {
  ^bb0(%p: f32):
    %z = arith.constant 0.0 : f32
    %r = arith.maximumf %p, %z : f32
    hyb.yield %r : f32
  } : (tensor<1x4x8x8xf32>) -> tensor<1x4x8x8xf32> loc("relu1"("Relu"))
  %2 = hyb.pool max %1 {window = array<i64: 1, 1, 3, 3>, strides = array<i64: 1, 1, 2, 2>, pads = array<i64: 0, 0, 0, 0, 0, 0, 0, 0>, dilations = array<i64: 1, 1, 1, 1>} : (tensor<1x4x8x8xf32>) -> tensor<1x4x3x3xf32> loc("pool1"("MaxPool"))
  return %2 : tensor<1x4x3x3xf32>
}

// A value with two uses is written out.
// CHECK-LABEL: @two_uses
func.func @two_uses(%x: tensor<1x3x8x8xf32>) -> (tensor<1x4x8x8xf32>, tensor<1x4x8x8xf32>) {
  // CHECK: %[[C:.*]] = hyb.group "conv1.3"
  // CHECK: hyb.group "relu1"(%[[C]])
  %w = hyb.constant dense<0.5> : tensor<4x3x1x1xf32>
  %0 = hyb.conv %x, %w {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>} : (tensor<1x3x8x8xf32>, tensor<4x3x1x1xf32>) -> tensor<1x4x8x8xf32> loc("conv1"("Conv"))
  %1 = hyb.map (%0) by [affine_map<(n,c,h,w) -> (n,c,h,w)>] {
  ^bb0(%p: f32):
    %z = arith.constant 0.0 : f32
    %r = arith.maximumf %p, %z : f32
    hyb.yield %r : f32
  } : (tensor<1x4x8x8xf32>) -> tensor<1x4x8x8xf32> loc("relu1"("Relu"))
  return %0, %1 : tensor<1x4x8x8xf32>, tensor<1x4x8x8xf32>
}
