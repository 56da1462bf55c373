// RUN: hybrid-opt %s -hyb-to-tile | FileCheck %s
// Transposes, slices and reshapes are access patterns of the load, not copies.

// CHECK: tile.entry @infer
// CHECK-NEXT: tile.group
// CHECK-NEXT: tile.buffer
// CHECK-NEXT: tile.subview {{.*}} to <dram f32 [6, 2] strides [1, 12] offset 6>
// CHECK-NEXT: tile.do "copy"
// CHECK: tile.do "vec"
// CHECK-NEXT: tile.do "copy"
// CHECK-NOT: tile.do
func.func @infer(%x: tensor<4x6xf32> {hyb.name = "x"}) -> (tensor<6x2xf32> {hyb.name = "y"}) {
  %s = hyb.slice %x {offsets = array<i64: 1, 0>, steps = array<i64: 2, 1>} : (tensor<4x6xf32>) -> tensor<2x6xf32>
  %t = hyb.transpose %s {perm = array<i64: 1, 0>} : (tensor<2x6xf32>) -> tensor<6x2xf32>
  %y = hyb.map (%t) by [affine_map<(d0, d1) -> (d0, d1)>] {
  ^bb0(%a: f32):
    %n = arith.negf %a : f32
    hyb.yield %n : f32
  } : (tensor<6x2xf32>) -> tensor<6x2xf32>
  return %y : tensor<6x2xf32>
}
