// RUN: hybrid-opt %s -split-input-file -hyb-verify-fused -verify-diagnostics

func.func @f(%x: tensor<4xf32>) {
  // expected-error @+1 {{'hyb.normalize' after fuse: is in no group}}
  %0 = hyb.normalize softmax %x {axes = array<i64: 0>} : (tensor<4xf32>) -> tensor<4xf32>
  return
}

// -----

func.func @f(%x: tensor<4xf32>) {
  %0 = hyb.group "s" (%x) {
  ^bb0(%a: tensor<4xf32>):
    %s = hyb.normalize softmax %a {axes = array<i64: 0>} : (tensor<4xf32>) -> tensor<4xf32>
    hyb.yield %s : tensor<4xf32>
  } : (tensor<4xf32>) -> tensor<4xf32>
  // expected-error @+1 {{'hyb.group' after fuse: another group is called 's', too}}
  %1 = hyb.group "s" (%x) {
  ^bb0(%a: tensor<4xf32>):
    %s = hyb.normalize softmax %a {axes = array<i64: 0>} : (tensor<4xf32>) -> tensor<4xf32>
    hyb.yield %s : tensor<4xf32>
  } : (tensor<4xf32>) -> tensor<4xf32>
  return
}

// -----

func.func @f(%x: tensor<4xf32>) {
  // expected-error @+1 {{'hyb.group' after fuse: the group is empty}}
  %1 = hyb.group "s" (%x) {
  ^bb0(%a: tensor<4xf32>):
    
    hyb.yield %a : tensor<4xf32>
  } : (tensor<4xf32>) -> tensor<4xf32>
  return
}
