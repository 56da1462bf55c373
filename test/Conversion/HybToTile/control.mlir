// RUN: hybrid-opt %s -hyb-to-tile -split-input-file | FileCheck %s
// Loops and branches stay structured; what a loop carries lives in DRAM, one element a turn is written in place.

// CHECK-LABEL: tile.entry @scan
// CHECK: tile.group "carry"
// CHECK: tile.loop 5 trip() while() {
// CHECK: ^bb0(%[[I:.*]]: index):
// CHECK: tile.subview {{.*}}[%[[I]] : [4]] {{.*}} to <dram f32 [1, 4]
// CHECK: tile.do "vec"
// The result of the turn goes straight to its row.
// CHECK: %[[ROW:.*]] = tile.subview {{.*}}[%[[I]] : [4]]
// CHECK-NEXT: tile.do "copy" {{.*}} outs(%[[ROW]]
func.func @scan(%x: tensor<5x4xf32> {hyb.name = "x"}) -> (tensor<5x4xf32> {hyb.name = "y"}) {
  %zero = hyb.constant dense<0.0> : tensor<5x4xf32>
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c5 = arith.constant 5 : index
  %y = scf.for %i = %c0 to %c5 step %c1 iter_args(%acc = %zero) -> (tensor<5x4xf32>) {
    %row = hyb.slice_at %x at %i {axis = 0 : i64} : (tensor<5x4xf32>) -> tensor<1x4xf32>
    %neg = hyb.map (%row) by [affine_map<(d0, d1) -> (d0, d1)>] {
    ^bb0(%a: f32):
      %n = arith.negf %a : f32
      hyb.yield %n : f32
    } : (tensor<1x4xf32>) -> tensor<1x4xf32>
    %next = hyb.insert_at %neg into %acc at %i {axis = 0 : i64} : (tensor<1x4xf32>, tensor<5x4xf32>) -> tensor<5x4xf32>
    scf.yield %next : tensor<5x4xf32>
  }
  return %y : tensor<5x4xf32>
}

// -----

// CHECK-LABEL: tile.entry @choose
// CHECK: tile.if
// CHECK: tile.do "vec"
// CHECK: } else {
// CHECK: tile.do "copy"
func.func @choose(%c: tensor<i1> {hyb.name = "c"}, %x: tensor<4xf32> {hyb.name = "x"}) -> (tensor<4xf32> {hyb.name = "y"}) {
  %flag = tensor.extract %c[] : tensor<i1>
  %y = scf.if %flag -> (tensor<4xf32>) {
    %neg = hyb.map (%x) by [affine_map<(d0) -> (d0)>] {
    ^bb0(%a: f32):
      %n = arith.negf %a : f32
      hyb.yield %n : f32
    } : (tensor<4xf32>) -> tensor<4xf32>
    scf.yield %neg : tensor<4xf32>
  } else {
    scf.yield %x : tensor<4xf32>
  }
  return %y : tensor<4xf32>
}
