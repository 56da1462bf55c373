// RUN: hybrid-opt %s -hyb-to-tile | FileCheck %s
// A map is loaded, computed on vec and stored; the bias broadcasts by stride 0.

#id = affine_map<(d0, d1) -> (d0, d1)>
#col = affine_map<(d0, d1) -> (d1)>
// CHECK: %[[X:.*]] = tile.buffer "input" "x"
// CHECK: %[[Y:.*]] = tile.buffer "output" "y"
// CHECK: tile.program @v0 ins 2 outs 1
// CHECK: tile.entry @infer
func.func @infer(%x: tensor<4x8xf32> {hyb.name = "x"}) -> (tensor<4x8xf32> {hyb.name = "y"}) {
  %b = hyb.constant dense<1.0> : tensor<8xf32>
  // CHECK: tile.do "copy" ins(%[[X]] {{.*}}) outs(%[[A:.*]] : !tile.view<sram
  // CHECK: tile.do "copy"
  // CHECK: tile.subview {{.*}} to <sram f32 [4, 8] strides [0, 1] offset 0>
  // CHECK: tile.do "vec" ins(%[[A]], {{.*}}) {program = @v0}
  // CHECK: tile.do "copy" {{.*}} outs(%[[Y]]
  %y = hyb.map (%x, %b) by [#id, #col] {
  ^bb0(%a: f32, %c: f32):
    %s = arith.addf %a, %c : f32
    hyb.yield %s : f32
  } : (tensor<4x8xf32>, tensor<8xf32>) -> tensor<4x8xf32>
  return %y : tensor<4x8xf32>
}
