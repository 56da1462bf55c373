// RUN: hybrid-opt %s -split-input-file -hyb-verify-partitioned -verify-diagnostics

func.func @f(%x: tensor<4xf32>) {
  // expected-error @+1 {{'hyb.group' after partition: has no place}}
  %1 = hyb.group "s" (%x) {
  ^bb0(%a: tensor<4xf32>):
    %s = hyb.normalize softmax %a {axes = array<i64: 0>} : (tensor<4xf32>) -> tensor<4xf32>
    hyb.yield %s : tensor<4xf32>
  } : (tensor<4xf32>) -> tensor<4xf32>
  return
}

// -----

func.func @f(%x: tensor<4xf32>) {
  // expected-error @+1 {{'hyb.group' after partition: has no reason}}
  %1 = hyb.group "s" (%x) {
  ^bb0(%a: tensor<4xf32>):
    %s = hyb.normalize softmax %a {axes = array<i64: 0>} : (tensor<4xf32>) -> tensor<4xf32>
    hyb.yield %s : tensor<4xf32>
  } {place = #hyb.place<"vec", "", "f32">} : (tensor<4xf32>) -> tensor<4xf32>
  return
}

// -----

func.func @f(%x: tensor<4xf32>) {
  // expected-error @+1 {{is placed on 'mac', its ops run on 'vec'}}
  %1 = hyb.group "s" (%x) {
  ^bb0(%a: tensor<4xf32>):
    %s = hyb.normalize softmax %a {axes = array<i64: 0>} : (tensor<4xf32>) -> tensor<4xf32>
    hyb.yield %s : tensor<4xf32>
  } {place = #hyb.place<"mac", "", "f32">, reason = ""} : (tensor<4xf32>) -> tensor<4xf32>
  return
}

// -----

func.func @f(%x: tensor<4x4xf32>) {
  // expected-error @+1 {{is placed on arrays, but its weights are not constant}}
  %1 = hyb.group "m" (%x, %x) {
  ^bb0(%a: tensor<4x4xf32>, %b: tensor<4x4xf32>):
    %s = hyb.matmul %a, %b : (tensor<4x4xf32>, tensor<4x4xf32>) -> tensor<4x4xf32>
    hyb.yield %s : tensor<4x4xf32>
  } {place = #hyb.place<"array", "pcm", "analog">, reason = ""} : (tensor<4x4xf32>, tensor<4x4xf32>) -> tensor<4x4xf32>
  return
}
