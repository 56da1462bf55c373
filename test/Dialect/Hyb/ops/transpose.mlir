// RUN: hybrid-opt %s | hybrid-opt | FileCheck %s
// RUN: hybrid-opt %s -mlir-print-op-generic | hybrid-opt | FileCheck %s

// CHECK-LABEL: func.func @transpose
// CHECK: hyb.transpose %{{.*}} {perm = array<i64: 2, 0, 1>}
func.func @transpose(%x: tensor<2x3x4xf32>) -> (tensor<4x2x3xf32>) {
  %0 = hyb.transpose %x {perm = array<i64: 2, 0, 1>} : (tensor<2x3x4xf32>) -> tensor<4x2x3xf32>
  return %0 : tensor<4x2x3xf32>
}
