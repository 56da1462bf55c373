// Which results stay in the scratchpad: what groups of the same straight run alone read.
// RUN: hybrid-opt %s -split-input-file -hyb-plan-homes='dump-problem=%t.json' | FileCheck %s
// RUN: hybrid-opt %s -split-input-file -hyb-plan-homes=none | FileCheck %s --check-prefix=NONE
// NONE-NOT: "sram"

// A chain: all but what the caller reads. The view between them is a reader like any other.
// CHECK-LABEL: @chain
// CHECK: hyb.group "a"
// CHECK: hyb.homes = ["sram"]
// CHECK: hyb.group "b"
// CHECK-NOT: hyb.homes
// CHECK: return
func.func @chain(%x: tensor<8x4xf32>) -> tensor<4x8xf32> {
  %1 = hyb.group "a" (%x) {
  ^bb0(%a: tensor<8x4xf32>):
    %y = hyb.normalize softmax %a {axes = array<i64: 1>} : (tensor<8x4xf32>) -> tensor<8x4xf32>
    hyb.yield %y : tensor<8x4xf32>
  } {place = #hyb.place<"vec", "", "f32">} : (tensor<8x4xf32>) -> tensor<8x4xf32> loc("a"("X"))
  %t = hyb.transpose %1 {perm = array<i64: 1, 0>} : (tensor<8x4xf32>) -> tensor<4x8xf32> loc("t"("X"))
  %2 = hyb.group "b" (%t) {
  ^bb0(%a: tensor<4x8xf32>):
    %y = hyb.normalize softmax %a {axes = array<i64: 1>} : (tensor<4x8xf32>) -> tensor<4x8xf32>
    hyb.yield %y : tensor<4x8xf32>
  } {place = #hyb.place<"vec", "", "f32">} : (tensor<4x8xf32>) -> tensor<4x8xf32> loc("b"("X"))
  return %2 : tensor<4x8xf32>
}

// -----

// The control core and branches find their values in DRAM; a plan by hand stays.
// CHECK-LABEL: @others
// CHECK: hyb.group "by hand"
// CHECK: hyb.homes = ["dram"]
// CHECK: hyb.group "for ctl"
// CHECK-NOT: hyb.homes
// CHECK: hyb.group "for branch"
// CHECK-NOT: hyb.homes
// CHECK: scf.if
func.func @others(%x: tensor<4xf32>, %c: i1) -> (tensor<4xf32>, tensor<1xf32>, tensor<4xf32>) {
  %1 = hyb.group "by hand" (%x) {
  ^bb0(%a: tensor<4xf32>):
    %y = hyb.normalize softmax %a {axes = array<i64: 0>} : (tensor<4xf32>) -> tensor<4xf32>
    hyb.yield %y : tensor<4xf32>
  } {hyb.homes = ["dram"], place = #hyb.place<"vec", "", "f32">} : (tensor<4xf32>) -> tensor<4xf32> loc("a"("X"))
  %2 = hyb.group "for ctl" (%1) {
  ^bb0(%a: tensor<4xf32>):
    %y = hyb.normalize softmax %a {axes = array<i64: 0>} : (tensor<4xf32>) -> tensor<4xf32>
    hyb.yield %y : tensor<4xf32>
  } {place = #hyb.place<"vec", "", "f32">} : (tensor<4xf32>) -> tensor<4xf32> loc("b"("X"))
  %v, %i = hyb.group "k" (%2) {
  ^bb0(%a: tensor<4xf32>):
    %v, %i = hyb.host "topk"(%a) {axis = 0 : i64, k = 1 : i64} : (tensor<4xf32>) -> (tensor<1xf32>, tensor<1xi64>)
    hyb.yield %v, %i : tensor<1xf32>, tensor<1xi64>
  } {place = #hyb.place<"ctl", "", "f32">} : (tensor<4xf32>) -> (tensor<1xf32>, tensor<1xi64>) loc("k"("X"))
  %3 = hyb.group "for branch" (%1) {
  ^bb0(%a: tensor<4xf32>):
    %y = hyb.normalize softmax %a {axes = array<i64: 0>} : (tensor<4xf32>) -> tensor<4xf32>
    hyb.yield %y : tensor<4xf32>
  } {place = #hyb.place<"vec", "", "f32">} : (tensor<4xf32>) -> tensor<4xf32> loc("c"("X"))
  %4 = scf.if %c -> tensor<4xf32> {
    %5 = hyb.group "d" (%3) {
    ^bb0(%a: tensor<4xf32>):
      %y = hyb.normalize softmax %a {axes = array<i64: 0>} : (tensor<4xf32>) -> tensor<4xf32>
      hyb.yield %y : tensor<4xf32>
    } {place = #hyb.place<"vec", "", "f32">} : (tensor<4xf32>) -> tensor<4xf32> loc("d"("X"))
    scf.yield %5 : tensor<4xf32>
  } else {
    scf.yield %3 : tensor<4xf32>
  }
  return %2, %v, %4 : tensor<4xf32>, tensor<1xf32>, tensor<4xf32>
}

// -----

// A select is lowered to a branch: what lies across it is in DRAM. A group that hands on a view has no bytes of its own, and nobody
// who reads through it finds the value in the scratchpad.
// CHECK-LABEL: @across
// CHECK: hyb.group "a"
// CHECK-NOT: hyb.homes
// CHECK: arith.select
// CHECK: hyb.group "v"
// CHECK-NOT: hyb.homes
// CHECK: return
func.func @across(%x: tensor<4x4xf32>, %c: i1) -> (tensor<4x4xf32>) {
  %1 = hyb.group "a" (%x) {
  ^bb0(%a: tensor<4x4xf32>):
    %y = hyb.normalize softmax %a {axes = array<i64: 0>} : (tensor<4x4xf32>) -> tensor<4x4xf32>
    hyb.yield %y : tensor<4x4xf32>
  } {place = #hyb.place<"vec", "", "f32">} : (tensor<4x4xf32>) -> tensor<4x4xf32> loc("a"("X"))
  %2 = arith.select %c, %x, %x : tensor<4x4xf32>
  %3 = hyb.group "v" (%1) {
  ^bb0(%a: tensor<4x4xf32>):
    %y = hyb.transpose %a {perm = array<i64: 1, 0>} : (tensor<4x4xf32>) -> tensor<4x4xf32>
    hyb.yield %y : tensor<4x4xf32>
  } {place = #hyb.place<"dma", "", "f32">} : (tensor<4x4xf32>) -> tensor<4x4xf32> loc("v"("X"))
  %4 = hyb.group "b" (%3, %2) {
  ^bb0(%a: tensor<4x4xf32>, %b: tensor<4x4xf32>):
    %y = hyb.matmul %a, %b : (tensor<4x4xf32>, tensor<4x4xf32>) -> tensor<4x4xf32>
    hyb.yield %y : tensor<4x4xf32>
  } {place = #hyb.place<"mac", "", "f32">} : (tensor<4x4xf32>, tensor<4x4xf32>) -> tensor<4x4xf32> loc("b"("X"))
  return %4 : tensor<4x4xf32>
}
