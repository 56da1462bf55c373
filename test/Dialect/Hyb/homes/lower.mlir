// A plan by hand is lowered: what stays is written and read where it lies, without a copy.
// RUN: hybrid-opt %s -hyb-to-tile | FileCheck %s

// CHECK: tile.entry @chain
// CHECK: %[[HOME:.*]] = tile.buffer "scratch" "home{{.*}}" : <sram f32 [8, 4]
// CHECK: tile.group "a"
// CHECK: tile.do "copy"
// CHECK: tile.do "normalize" {{.*}} outs(%[[HOME]] :
// CHECK-NOT: tile.do "copy"
// CHECK: tile.group "b"
// CHECK-NOT: tile.do "copy"
// CHECK: tile.do "normalize" ins(%[[HOME]] :
// CHECK: tile.do "copy"
func.func @chain(%x: tensor<8x4xf32> {hyb.name = "x"}) -> (tensor<8x4xf32> {hyb.name = "y"}) {
  %1 = hyb.group "a" (%x) {
  ^bb0(%a: tensor<8x4xf32>):
    %y = hyb.normalize softmax %a {axes = array<i64: 1>} : (tensor<8x4xf32>) -> tensor<8x4xf32>
    hyb.yield %y : tensor<8x4xf32>
  } {hyb.homes = ["sram"], place = #hyb.place<"vec", "", "f32">} : (tensor<8x4xf32>) -> tensor<8x4xf32> loc("a"("X"))
  %2 = hyb.group "b" (%1) {
  ^bb0(%a: tensor<8x4xf32>):
    %y = hyb.normalize softmax %a {axes = array<i64: 1>} : (tensor<8x4xf32>) -> tensor<8x4xf32>
    hyb.yield %y : tensor<8x4xf32>
  } {place = #hyb.place<"vec", "", "f32">} : (tensor<8x4xf32>) -> tensor<8x4xf32> loc("b"("X"))
  return %2 : tensor<8x4xf32>
}
