// RUN: hybrid-opt %s | hybrid-opt | FileCheck %s
// RUN: hybrid-opt %s -mlir-print-op-generic | hybrid-opt | FileCheck %s

// CHECK-LABEL: func.func @conv_first_blocked
// CHECK: y_block = 16 : i64} : (tensor<1x3x8x8xf32>, tensor<4x3x3x3x16xf32>)
func.func @conv_first_blocked(%x: tensor<1x3x8x8xf32>, %w: tensor<4x3x3x3x16xf32>) -> (tensor<1x4x8x8x16xf32>) {
  %0 = hyb.conv %x, %w {strides = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>, dilations = array<i64: 1, 1>, y_block = 16 : i64} : (tensor<1x3x8x8xf32>, tensor<4x3x3x3x16xf32>) -> tensor<1x4x8x8x16xf32>
  return %0 : tensor<1x4x8x8x16xf32>
}
