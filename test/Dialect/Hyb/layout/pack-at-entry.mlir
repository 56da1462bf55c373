// RUN: hybrid-opt %s -hyb-layout -hyb-verify-laid-out | FileCheck %s

// An input that is plain is packed once for all of its readers, on dma.
// CHECK-LABEL: @entry
// CHECK: %[[P:.*]] = hyb.group "a.pack"(%arg0) {
// CHECK: hyb.pack %{{.*}} {blocks = array<i64: 16>, dims = array<i64: 1>} : (tensor<1x32x4x4xf32>) -> tensor<1x2x4x4x16xf32>
// CHECK: place = #hyb.place<"dma", "", "f32">
// CHECK: hyb.group "a"(%[[P]], %{{.*}})
// CHECK: hyb.group "b"(%[[P]], %{{.*}})
// CHECK-NOT: hyb.pack
func.func @entry(%x: tensor<1x32x4x4xf32>) -> (tensor<1x16x4x4xf32>, tensor<1x16x4x4xf32>) {
  %w = hyb.constant dense<0.5> : tensor<16x32x1x1xf32>
  %0 = hyb.group "a" (%x, %w) {
  ^bb0(%p: tensor<1x32x4x4xf32>, %q: tensor<16x32x1x1xf32>):
    %y = hyb.conv %p, %q {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>} : (tensor<1x32x4x4xf32>, tensor<16x32x1x1xf32>) -> tensor<1x16x4x4xf32>
    hyb.yield %y : tensor<1x16x4x4xf32>
  } {place = #hyb.place<"mac", "", "f32">} : (tensor<1x32x4x4xf32>, tensor<16x32x1x1xf32>) -> tensor<1x16x4x4xf32>
  %1 = hyb.group "b" (%x, %w) {
  ^bb0(%p: tensor<1x32x4x4xf32>, %q: tensor<16x32x1x1xf32>):
    %y = hyb.conv %p, %q {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>} : (tensor<1x32x4x4xf32>, tensor<16x32x1x1xf32>) -> tensor<1x16x4x4xf32>
    hyb.yield %y : tensor<1x16x4x4xf32>
  } {place = #hyb.place<"mac", "", "f32">} : (tensor<1x32x4x4xf32>, tensor<16x32x1x1xf32>) -> tensor<1x16x4x4xf32>
  return %0, %1 : tensor<1x16x4x4xf32>, tensor<1x16x4x4xf32>
}
