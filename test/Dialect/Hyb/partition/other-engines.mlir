// RUN: hybrid-opt %s -hyb-partition | FileCheck %s

// CHECK-LABEL: @others
// CHECK: place = #hyb.place<"vec", "", "f32">, reason = "vec: the engine for this kind of op"
// CHECK: place = #hyb.place<"dma", "", "f32">
// CHECK: place = #hyb.place<"ctl", "", "f32">
func.func @others(%x: tensor<4x8xf32>, %i: tensor<2xi64>) -> (tensor<4x8xf32>, tensor<8x8xf32>, tensor<2x8xf32>) {
  %0 = hyb.group "soft" (%x) {
  ^bb0(%a: tensor<4x8xf32>):
    %s = hyb.normalize softmax %a {axes = array<i64: 1>} : (tensor<4x8xf32>) -> tensor<4x8xf32>
    hyb.yield %s : tensor<4x8xf32>
  } : (tensor<4x8xf32>) -> tensor<4x8xf32>
  %1 = hyb.group "cat" (%x) {
  ^bb0(%a: tensor<4x8xf32>):
    %s = hyb.concat %a, %a {axis = 0 : i64} : (tensor<4x8xf32>, tensor<4x8xf32>) -> tensor<8x8xf32>
    hyb.yield %s : tensor<8x8xf32>
  } : (tensor<4x8xf32>) -> tensor<8x8xf32>
  %2 = hyb.group "rows" (%x, %i) {
  ^bb0(%a: tensor<4x8xf32>, %b: tensor<2xi64>):
    %s = hyb.gather %a, %b {axis = 0 : i64} : (tensor<4x8xf32>, tensor<2xi64>) -> tensor<2x8xf32>
    hyb.yield %s : tensor<2x8xf32>
  } : (tensor<4x8xf32>, tensor<2xi64>) -> tensor<2x8xf32>
  return %0, %1, %2 : tensor<4x8xf32>, tensor<8x8xf32>, tensor<2x8xf32>
}
