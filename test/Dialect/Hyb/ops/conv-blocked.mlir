// RUN: hybrid-opt %s | hybrid-opt | FileCheck %s
// RUN: hybrid-opt %s -mlir-print-op-generic | hybrid-opt | FileCheck %s

// CHECK-LABEL: func.func @conv_blocked
// CHECK: x_block = 16 : i64, y_block = 16 : i64} : {{.*}} -> tensor<1x4x8x8x16xf32>
func.func @conv_blocked(%x: tensor<1x2x8x8x16xf32>, %w: tensor<4x2x3x3x16x16xf32>) -> (tensor<1x4x8x8x16xf32>) {
  %0 = hyb.conv %x, %w {strides = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>, dilations = array<i64: 1, 1>, x_block = 16 : i64, y_block = 16 : i64} : (tensor<1x2x8x8x16xf32>, tensor<4x2x3x3x16x16xf32>) -> tensor<1x4x8x8x16xf32>
  return %0 : tensor<1x4x8x8x16xf32>
}
