// RUN: hybrid-opt %s -hyb-to-tile | FileCheck %s
// A convolution that does not fit is cut into bands of rows: the upper one meets the padding above, the lower one
// that below, and both load the halo of the filter (301 of 600 rows for 300).

// CHECK: to <dram f32 [1, 8, 301, 256]
// CHECK: tile.do "conv" {{.*}}pads = array<i64: 1, 1, 0, 1>
// CHECK: to <dram f32 [1, 8, 301, 256] {{.*}} offset 76544>
// CHECK: tile.do "conv" {{.*}}pads = array<i64: 0, 1, 1, 1>
func.func @infer(%x: tensor<1x8x600x256xf32> {hyb.name = "x"}) -> (tensor<1x8x600x256xf32> {hyb.name = "y"}) {
  %w = hyb.constant dense<0.5> : tensor<8x8x3x3xf32>
  %y = hyb.conv %x, %w {strides = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>, dilations = array<i64: 1, 1>}
       : (tensor<1x8x600x256xf32>, tensor<8x8x3x3xf32>) -> tensor<1x8x600x256xf32>
  return %y : tensor<1x8x600x256xf32>
}
