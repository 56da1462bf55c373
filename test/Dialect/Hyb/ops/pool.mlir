// RUN: hybrid-opt %s | hybrid-opt | FileCheck %s
// RUN: hybrid-opt %s -mlir-print-op-generic | hybrid-opt | FileCheck %s

// CHECK-LABEL: func.func @pool
// CHECK: hyb.pool mean %{{.*}} {count_pad, {{.*}}window = array<i64: 1, 1, 2, 2>}
func.func @pool(%x: tensor<1x8x4x4xf32>) -> (tensor<1x8x2x2xf32>) {
  %0 = hyb.pool mean %x {window = array<i64: 1, 1, 2, 2>, strides = array<i64: 1, 1, 2, 2>, pads = array<i64: 0, 0, 0, 0, 0, 0, 0, 0>, dilations = array<i64: 1, 1, 1, 1>, count_pad} : (tensor<1x8x4x4xf32>) -> tensor<1x8x2x2xf32>
  return %0 : tensor<1x8x2x2xf32>
}
