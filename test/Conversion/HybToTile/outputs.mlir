// RUN: hybrid-opt %s -hyb-to-tile -split-input-file | FileCheck %s
// Every output is written, also where its value turns out to be a view of something else.

// CHECK-LABEL: tile.entry @handed_through
// CHECK: tile.do "copy" {{.*}} outs(%[[Y:.*]] :
func.func @handed_through(%x: tensor<4xf32> {hyb.name = "x"}) -> (tensor<4xf32> {hyb.name = "y"}) {
  %0 = hyb.group "a" (%x) {
  ^bb0(%a: tensor<4xf32>):
    hyb.yield %a : tensor<4xf32>
  } {place = #hyb.place<"vec", "", "f32">, reason = ""} : (tensor<4xf32>) -> tensor<4xf32>
  return %0 : tensor<4xf32>
}

// -----

// A choice between two tensors that are there anyway is a branch that copies.
// CHECK-LABEL: tile.entry @choice
// CHECK: tile.if
// CHECK: tile.do "copy"
// CHECK: } else {
// CHECK: tile.do "copy"
func.func @choice(%c: tensor<i1> {hyb.name = "c"}, %x: tensor<4xf32> {hyb.name = "x"}, %z: tensor<4xf32> {hyb.name = "z"}) -> (tensor<4xf32> {hyb.name = "y"}) {
  %flag = tensor.extract %c[] : tensor<i1>
  %y = arith.select %flag, %x, %z : tensor<4xf32>
  return %y : tensor<4xf32>
}
