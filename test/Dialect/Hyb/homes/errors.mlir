// A plan by hand that cannot be is refused, not mended.
// RUN: not hybrid-opt %s -split-input-file -hyb-to-tile 2>&1 | FileCheck %s

// CHECK-DAG: error: {{.*}}node 'a' (X): output 0 cannot stay in the scratchpad: branches, loops, the control core or the caller read it
// CHECK-DAG: error: {{.*}}'hyb.group' op hyb.homes must be "sram" or "dram" for each output
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
