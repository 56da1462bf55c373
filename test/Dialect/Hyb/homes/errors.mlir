// A plan by hand that cannot be is refused, not mended.
// RUN: not hybrid-opt %s -split-input-file -hyb-to-tile 2>&1 | FileCheck %s

// CHECK-DAG: error: {{.*}}node 'a' (X): output 0 cannot stay in the scratchpad: branches, loops, the control core or the caller read it
// CHECK-DAG: error: {{.*}}'hyb.group' op hyb.homes must be "sram" or "dram" for each output
// CHECK-DAG: error: {{.*}}node 'big' (X): homes take 67108864 bytes of scratchpad while it runs, the chip has 8388608
func.func private @declared(tensor<4xf32>)

func.func @large(%x: tensor<4096x4096xf32>) -> tensor<4096x4096xf32> {
  %1 = hyb.group "big" (%x) {
  ^bb0(%a: tensor<4096x4096xf32>):
    %y = hyb.normalize softmax %a {axes = array<i64: 1>} : (tensor<4096x4096xf32>) -> tensor<4096x4096xf32>
    hyb.yield %y : tensor<4096x4096xf32>
  } {hyb.homes = ["sram"], place = #hyb.place<"vec", "", "f32">} : (tensor<4096x4096xf32>) -> tensor<4096x4096xf32> loc("big"("X"))
  %2 = hyb.group "b" (%1) {
  ^bb0(%a: tensor<4096x4096xf32>):
    %y = hyb.normalize softmax %a {axes = array<i64: 1>} : (tensor<4096x4096xf32>) -> tensor<4096x4096xf32>
    hyb.yield %y : tensor<4096x4096xf32>
  } {place = #hyb.place<"vec", "", "f32">} : (tensor<4096x4096xf32>) -> tensor<4096x4096xf32> loc("b"("X"))
  return %2 : tensor<4096x4096xf32>
}

// -----

func.func @caller(%x: tensor<8x4xf32>) -> (tensor<8x4xf32>) {
  %1 = hyb.group "a" (%x) {
  ^bb0(%a: tensor<8x4xf32>):
    %y = hyb.normalize softmax %a {axes = array<i64: 1>} : (tensor<8x4xf32>) -> tensor<8x4xf32>
    hyb.yield %y : tensor<8x4xf32>
  } {hyb.homes = ["sram"], place = #hyb.place<"vec", "", "f32">} : (tensor<8x4xf32>) -> tensor<8x4xf32> loc("a"("X"))
  return %1 : tensor<8x4xf32>
}

// -----

func.func @wrong(%x: tensor<8x4xf32>) -> (tensor<8x4xf32>) {
  %1 = hyb.group "a" (%x) {
  ^bb0(%a: tensor<8x4xf32>):
    %y = hyb.normalize softmax %a {axes = array<i64: 1>} : (tensor<8x4xf32>) -> tensor<8x4xf32>
    hyb.yield %y : tensor<8x4xf32>
  } {hyb.homes = ["cache"], place = #hyb.place<"vec", "", "f32">} : (tensor<8x4xf32>) -> tensor<8x4xf32> loc("a"("X"))
  return %1 : tensor<8x4xf32>
}
