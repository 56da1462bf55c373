// RUN: hybrid-opt %s -hyb-to-tile -split-input-file -verify-diagnostics

// A softmax needs its whole axis at once.
func.func @too_large(%x: tensor<1x9000000xf32>) -> tensor<1x9000000xf32> {
  // expected-error @below {{its smallest tile needs 72000000 bytes of scratchpad, chip 'hybrid-edge' has 8388608}}
  %y = hyb.normalize softmax %x {axes = array<i64: 1>} : (tensor<1x9000000xf32>) -> tensor<1x9000000xf32>
  return %y : tensor<1x9000000xf32>
}

// -----

func.func @no_such_arrays(%x: tensor<2x3xf32>) -> tensor<2x4xf32> {
  %w = hyb.constant dense<0.5> : tensor<3x4xf32>
  // expected-error @below {{chip 'hybrid-edge' has no arrays called 'mram'}}
  %y = hyb.group "fc"(%x, %w) {
  ^bb0(%a: tensor<2x3xf32>, %b: tensor<3x4xf32>):
    %c = hyb.matmul %a, %b : (tensor<2x3xf32>, tensor<3x4xf32>) -> tensor<2x4xf32>
    hyb.yield %c : tensor<2x4xf32>
  } {place = #hyb.place<"array", "mram", "analog">} : (tensor<2x3xf32>, tensor<3x4xf32>) -> tensor<2x4xf32>
  return %y : tensor<2x4xf32>
}

// -----

func.func @weights_that_change(%x: tensor<2x3xf32>, %w: tensor<3x4xf32>) -> tensor<2x4xf32> {
  // expected-error @below {{arrays hold constant f32 weights only}}
  %y = hyb.group "fc"(%x, %w) {
  ^bb0(%a: tensor<2x3xf32>, %b: tensor<3x4xf32>):
    %c = hyb.matmul %a, %b : (tensor<2x3xf32>, tensor<3x4xf32>) -> tensor<2x4xf32>
    hyb.yield %c : tensor<2x4xf32>
  } {place = #hyb.place<"array", "pcm", "analog">} : (tensor<2x3xf32>, tensor<3x4xf32>) -> tensor<2x4xf32>
  return %y : tensor<2x4xf32>
}

// -----

// expected-error @below {{input 0 has type 'tensor<2xi4>', which no memory of the chip holds}}
func.func @no_such_element(%x: tensor<2xi4>) {
  return
}
