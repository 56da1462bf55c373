// RUN: hybrid-opt %s -hyb-fold-scale -hyb-fold-constants -hyb-canonicalize-movement | FileCheck %s

#id = affine_map<(n,c,h,w) -> (n,c,h,w)>
#ch = affine_map<(n,c,h,w) -> (c)>
// ((conv - mean) * scale) + shift, as BatchNormalization is imported.
// CHECK-LABEL: @batch_norm
func.func @batch_norm(%x: tensor<1x1x4x4xf32>) -> tensor<1x2x4x4xf32> {
  // CHECK-DAG: %[[SHIFT:.*]] = hyb.constant dense<[8.000000e+00, -2.000000e+00]> : tensor<2xf32>
  // CHECK-DAG: %[[W:.*]] = hyb.constant dense<{{\[\[\[\[}}2.000000e+00]]], {{\[\[\[}}2.000000e+01]]]]> : tensor<2x1x1x1xf32>
  // CHECK: %[[Y:.*]] = hyb.conv %arg0, %[[W]]
  // CHECK: hyb.map(%[[Y]], %[[SHIFT]])
  // CHECK: arith.addf
  // CHECK-NOT: arith.mulf
  // CHECK: arith.maximumf
  %w = hyb.constant dense<[[[[1.0]]], [[[5.0]]]]> : tensor<2x1x1x1xf32>
  %mean = hyb.constant dense<[1.0, 3.0]> : tensor<2xf32>
  %scale = hyb.constant dense<[2.0, 4.0]> : tensor<2xf32>
  %shift = hyb.constant dense<[10.0, 10.0]> : tensor<2xf32>
  %0 = hyb.conv %x, %w {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>} : (tensor<1x1x4x4xf32>, tensor<2x1x1x1xf32>) -> tensor<1x2x4x4xf32>
  %1 = hyb.map (%0, %mean, %scale, %shift) by [#id, #ch, #ch, #ch] {
  ^bb0(%y: f32, %m: f32, %s: f32, %b: f32):
    %p = arith.subf %y, %m : f32
    %q = arith.mulf %p, %s : f32
    %r = arith.addf %q, %b : f32
    %z = arith.constant 0.0 : f32
    %t = arith.maximumf %r, %z : f32
    hyb.yield %t : f32
  } : (tensor<1x2x4x4xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>) -> tensor<1x2x4x4xf32>
  return %1 : tensor<1x2x4x4xf32>
}

// ((conv + bias) * scale) + shift in two maps: the convolution has a bias of its own before the BatchNormalization.
// CHECK-LABEL: @biased
func.func @biased(%x: tensor<1x1x4x4xf32>) -> tensor<1x2x4x4xf32> {
  // CHECK-DAG: %[[SHIFT:.*]] = hyb.constant dense<[1.200000e+01, 2.200000e+01]> : tensor<2xf32>
  // CHECK-DAG: %[[W:.*]] = hyb.constant dense<{{\[\[\[\[}}2.000000e+00]]], {{\[\[\[}}2.000000e+01]]]]> : tensor<2x1x1x1xf32>
  // CHECK: %[[Y:.*]] = hyb.conv %arg0, %[[W]]
  // CHECK: hyb.map(%[[Y]], %[[SHIFT]])
  // CHECK: arith.addf
  // CHECK-NOT: arith.addf
  // CHECK-NOT: arith.mulf
  // CHECK: return
  %w = hyb.constant dense<[[[[1.0]]], [[[5.0]]]]> : tensor<2x1x1x1xf32>
  %bias = hyb.constant dense<[1.0, 3.0]> : tensor<2xf32>
  %scale = hyb.constant dense<[2.0, 4.0]> : tensor<2xf32>
  %shift = hyb.constant dense<[10.0, 10.0]> : tensor<2xf32>
  %0 = hyb.conv %x, %w {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>} : (tensor<1x1x4x4xf32>, tensor<2x1x1x1xf32>) -> tensor<1x2x4x4xf32>
  %1 = hyb.map (%0, %bias) by [#id, #ch] {
  ^bb0(%y: f32, %b: f32):
    %p = arith.addf %y, %b : f32
    hyb.yield %p : f32
  } : (tensor<1x2x4x4xf32>, tensor<2xf32>) -> tensor<1x2x4x4xf32>
  %2 = hyb.map (%1, %scale, %shift) by [#id, #ch, #ch] {
  ^bb0(%y: f32, %s: f32, %b: f32):
    %q = arith.mulf %y, %s : f32
    %r = arith.addf %q, %b : f32
    hyb.yield %r : f32
  } : (tensor<1x2x4x4xf32>, tensor<2xf32>, tensor<2xf32>) -> tensor<1x2x4x4xf32>
  return %2 : tensor<1x2x4x4xf32>
}

// No scale follows: the two maps stay as they are.
// CHECK-LABEL: @bias_only
func.func @bias_only(%x: tensor<1x1x4x4xf32>) -> tensor<1x2x4x4xf32> {
  // CHECK-COUNT-2: hyb.map
  %w = hyb.constant dense<[[[[1.0]]], [[[5.0]]]]> : tensor<2x1x1x1xf32>
  %bias = hyb.constant dense<[1.0, 3.0]> : tensor<2xf32>
  %0 = hyb.conv %x, %w {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>} : (tensor<1x1x4x4xf32>, tensor<2x1x1x1xf32>) -> tensor<1x2x4x4xf32>
  %1 = hyb.map (%0, %bias) by [#id, #ch] {
  ^bb0(%y: f32, %b: f32):
    %p = arith.addf %y, %b : f32
    hyb.yield %p : f32
  } : (tensor<1x2x4x4xf32>, tensor<2xf32>) -> tensor<1x2x4x4xf32>
  %2 = hyb.map (%1) by [#id] {
  ^bb0(%y: f32):
    %z = arith.constant 0.0 : f32
    %t = arith.maximumf %y, %z : f32
    hyb.yield %t : f32
  } : (tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32>
  return %2 : tensor<1x2x4x4xf32>
}
