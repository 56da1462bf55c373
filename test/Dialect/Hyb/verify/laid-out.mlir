// RUN: hybrid-opt %s -split-input-file -hyb-verify-laid-out -verify-diagnostics

func.func @f(%x: tensor<32xf32>) {
  // expected-error @+1 {{changes a layout beside other work}}
  %1 = hyb.group "m" (%x) {
  ^bb0(%a: tensor<32xf32>):
    %s = hyb.normalize softmax %a {axes = array<i64: 0>} : (tensor<32xf32>) -> tensor<32xf32>
    %p = hyb.pack %s {dims = array<i64: 0>, blocks = array<i64: 16>} : (tensor<32xf32>) -> tensor<2x16xf32>
    hyb.yield %p : tensor<2x16xf32>
  } : (tensor<32xf32>) -> tensor<2x16xf32>
  return
}

// -----

func.func @f(%x: tensor<2x16xf32>) {
  %0 = hyb.group "u" (%x) {
  ^bb0(%a: tensor<2x16xf32>):
    %p = hyb.unpack %a {dims = array<i64: 0>, blocks = array<i64: 16>} : (tensor<2x16xf32>) -> tensor<32xf32>
    hyb.yield %p : tensor<32xf32>
  } : (tensor<2x16xf32>) -> tensor<32xf32>
  // expected-error @+1 {{packs what 'u' unpacks}}
  %1 = hyb.group "p" (%0) {
  ^bb0(%a: tensor<32xf32>):
    %p = hyb.pack %a {dims = array<i64: 0>, blocks = array<i64: 16>} : (tensor<32xf32>) -> tensor<2x16xf32>
    hyb.yield %p : tensor<2x16xf32>
  } : (tensor<32xf32>) -> tensor<2x16xf32>
  return
}

// -----

func.func @f(%x: tensor<1x2x4x4x16xf32>, %w: tensor<2x2x1x1x16x16xf32>) {
  // expected-error @+1 {{has a blocked convolution whose weights are not constant}}
  %1 = hyb.group "m" (%x, %w) {
  ^bb0(%a: tensor<1x2x4x4x16xf32>, %b: tensor<2x2x1x1x16x16xf32>):
    %s = hyb.conv %a, %b {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, x_block = 16 : i64, y_block = 16 : i64} : (tensor<1x2x4x4x16xf32>, tensor<2x2x1x1x16x16xf32>) -> tensor<1x2x4x4x16xf32>
    hyb.yield %s : tensor<1x2x4x4x16xf32>
  } : (tensor<1x2x4x4x16xf32>, tensor<2x2x1x1x16x16xf32>) -> tensor<1x2x4x4x16xf32>
  return
}
