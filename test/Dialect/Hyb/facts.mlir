// What one pass leaves for a later one is verified: neither typing errors nor facts of another shape pass.
// RUN: hybrid-opt %s -split-input-file -verify-diagnostics

// expected-error @+1 {{hyb.phase must be text, on a module}}
module attributes {hyb.phase = 3 : i64} {}

// -----

// expected-error @+1 {{knows no attribute 'hyb.rangs'}}
module attributes {hyb.rangs = []} {}

// -----

// expected-error @+1 {{tile.scratch_bytes must be an i64, 0 or more}}
module attributes {tile.scratch_bytes = -1 : i64} {}

// -----

// expected-error @+1 {{tile.recalibrate_s must be seconds, 0 or more, for each entry}}
module attributes {tile.recalibrate_s = {program = array<f64: -1.0>}} {}

// -----

// expected-error @+1 {{tile.horizon_s must be seconds, 0 or more}}
module attributes {tile.horizon_s = 1 : i64} {}

// -----

func.func @f(%x: tensor<4xf32>) -> tensor<4xf32> {
  // expected-error @+1 {{hyb.ranges has 2 ranges, the group 1 inputs}}
  %y = hyb.group "a" (%x) {
  ^bb0(%a: tensor<4xf32>):
    hyb.yield %a : tensor<4xf32>
  } {hyb.ranges = [[0.0, 1.0], [0.0, 1.0]]} : (tensor<4xf32>) -> tensor<4xf32>
  return %y : tensor<4xf32>
}

// -----

func.func @f(%x: tensor<4xf32>) -> tensor<4xf32> {
  // expected-error @+1 {{hyb.ranges must be [[least, greatest], …]}}
  %y = hyb.group "a" (%x) {
  ^bb0(%a: tensor<4xf32>):
    hyb.yield %a : tensor<4xf32>
  } {hyb.ranges = [[0.0]]} : (tensor<4xf32>) -> tensor<4xf32>
  return %y : tensor<4xf32>
}

// -----

func.func @f(%x: tensor<4xf32>) -> tensor<4xf32> {
  // expected-error @+1 {{hyb.input_range must be a finite float, 0 or more}}
  %y = hyb.group "a" (%x) {
  ^bb0(%a: tensor<4xf32>):
    hyb.yield %a : tensor<4xf32>
  } {hyb.input_range = -1.0 : f64} : (tensor<4xf32>) -> tensor<4xf32>
  return %y : tensor<4xf32>
}

// -----

func.func @f(%x: tensor<4xf32>) -> tensor<4xf32> {
  // expected-error @+1 {{hyb.alternatives belongs to a hyb.group}}
  %y = hyb.reshape %x {hyb.alternatives = []} : (tensor<4xf32>) -> tensor<4xf32>
  return %y : tensor<4xf32>
}
