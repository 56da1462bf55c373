// RUN: hybrid-opt %s -hyb-to-tile -split-input-file | FileCheck %s
// Where not even one element's operands fit, sums are taken in parts: each is loaded, multiplied and added onto the
// result before the next.

// CHECK-LABEL: tile.entry @product
// CHECK: to <dram f32 [1, 375000]
// CHECK: tile.do "matmul"
// CHECK-NOT: accumulate
// CHECK: offset 375000>
// CHECK: tile.do "matmul" {{.*}}accumulate = 1
// CHECK: offset 2625000>
// CHECK: tile.do "matmul" {{.*}}accumulate = 1
// CHECK-NOT: "matmul"
func.func @product(%x: tensor<1x3000000xf32> {hyb.name = "x"}, %w: tensor<3000000x1xf32> {hyb.name = "w"}) -> (tensor<1x1xf32> {hyb.name = "y"}) {
  %y = hyb.matmul %x, %w : (tensor<1x3000000xf32>, tensor<3000000x1xf32>) -> tensor<1x1xf32>
  return %y : tensor<1x1xf32>
}

// -----

// Grouped channels are not summed: a tile is a few groups. Plain ones are cut.
// CHECK-LABEL: tile.entry @channels
// CHECK: tile.do "conv"
// CHECK-NOT: accumulate
// CHECK: tile.do "conv" {{.*}}accumulate = 1
func.func @channels(%x: tensor<1x200000x3x3xf32> {hyb.name = "x"}, %w: tensor<1x200000x3x3xf32> {hyb.name = "w"}) -> (tensor<1x1x1x1xf32> {hyb.name = "y"}) {
  %y = hyb.conv %x, %w {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>}
       : (tensor<1x200000x3x3xf32>, tensor<1x200000x3x3xf32>) -> tensor<1x1x1x1xf32>
  return %y : tensor<1x1x1x1xf32>
}
