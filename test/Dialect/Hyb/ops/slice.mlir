// RUN: hybrid-opt %s | hybrid-opt | FileCheck %s
// RUN: hybrid-opt %s -mlir-print-op-generic | hybrid-opt | FileCheck %s

// CHECK-LABEL: func.func @slice
// CHECK: hyb.slice %{{.*}} {offsets = array<i64: 7, 0>, steps = array<i64: -2, 1>}
func.func @slice(%x: tensor<8x4xf32>) -> (tensor<4x4xf32>) {
  %0 = hyb.slice %x {offsets = array<i64: 7, 0>, steps = array<i64: -2, 1>} : (tensor<8x4xf32>) -> tensor<4x4xf32>
  return %0 : tensor<4x4xf32>
}
