// RUN: hybrid-opt %s -split-input-file -hyb-verify-precise -verify-diagnostics

func.func @f(%x: tensor<4x4xf32>) {
  // expected-error @+1 {{its format is bf16, its contraction computes in f32}}
  %1 = hyb.group "m" (%x, %x) {
  ^bb0(%a: tensor<4x4xf32>, %b: tensor<4x4xf32>):
    %s = hyb.matmul %a, %b : (tensor<4x4xf32>, tensor<4x4xf32>) -> tensor<4x4xf32>
    hyb.yield %s : tensor<4x4xf32>
  } {place = #hyb.place<"mac", "", "bf16">} : (tensor<4x4xf32>, tensor<4x4xf32>) -> tensor<4x4xf32>
  return
}

// -----

func.func @f(%x: tensor<4x4xf32>) {
  // expected-error @+1 {{calibrated ranges are left over}}
  %1 = hyb.group "m" (%x, %x) {
  ^bb0(%a: tensor<4x4xf32>, %b: tensor<4x4xf32>):
    %s = hyb.matmul %a, %b : (tensor<4x4xf32>, tensor<4x4xf32>) -> tensor<4x4xf32>
    hyb.yield %s : tensor<4x4xf32>
  } {place = #hyb.place<"mac", "", "f32">, hyb.ranges = [[0.0, 1.0], [0.0, 1.0]]} : (tensor<4x4xf32>, tensor<4x4xf32>) -> tensor<4x4xf32>
  return
}

// -----

func.func @f(%x: tensor<4x4xf64>) {
  // expected-error @+1 {{arrays read f32, not 'f64'}}
  %1 = hyb.group "m" (%x, %x) {
  ^bb0(%a: tensor<4x4xf64>, %b: tensor<4x4xf64>):
    %s = hyb.matmul %a, %b : (tensor<4x4xf64>, tensor<4x4xf64>) -> tensor<4x4xf64>
    hyb.yield %s : tensor<4x4xf64>
  } {place = #hyb.place<"array", "pcm", "analog">} : (tensor<4x4xf64>, tensor<4x4xf64>) -> tensor<4x4xf64>
  return
}
