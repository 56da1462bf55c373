// RUN: hybrid-opt %s -hyb-form-groups=no-fuse | FileCheck %s

// CHECK-LABEL: @conv_relu
func.func @conv_relu(%x: tensor<1x3x8x8xf32>) -> tensor<1x4x8x8xf32> {
  // CHECK: %[[C:.*]] = hyb.group "conv1"
  // CHECK: hyb.group "relu1"(%[[C]])
  %w = hyb.constant dense<0.5> : tensor<4x3x1x1xf32>
  %0 = hyb.conv %x, %w {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>} : (tensor<1x3x8x8xf32>, tensor<4x3x1x1xf32>) -> tensor<1x4x8x8xf32> loc("conv1"("Conv"))
  %1 = hyb.map (%0) by [affine_map<(n,c,h,w) -> (n,c,h,w)>] {
  ^bb0(%p: f32):
    %z = arith.constant 0.0 : f32
    %r = arith.maximumf %p, %z : f32
    hyb.yield %r : f32
  } : (tensor<1x4x8x8xf32>) -> tensor<1x4x8x8xf32> loc("relu1"("Relu"))
  return %1 : tensor<1x4x8x8xf32>
}
