// RUN: hybrid-opt %s | hybrid-opt | FileCheck %s
// RUN: hybrid-opt %s -mlir-print-op-generic | hybrid-opt | FileCheck %s

// CHECK-LABEL: func.func @reduce
// CHECK: hyb.reduce mean %{{.*}} {axes = array<i64: 1, 2>}
// CHECK: hyb.reduce argmax %{{.*}} {axes = array<i64: 2>, select_last}
func.func @reduce(%x: tensor<2x3x4xf32>) -> (tensor<2x1x1xf32>, tensor<2x3x1xi64>) {
  %0 = hyb.reduce mean %x {axes = array<i64: 1, 2>} : (tensor<2x3x4xf32>) -> tensor<2x1x1xf32>
  %1 = hyb.reduce argmax %x {axes = array<i64: 2>, select_last} : (tensor<2x3x4xf32>) -> tensor<2x3x1xi64>
  return %0, %1 : tensor<2x1x1xf32>, tensor<2x3x1xi64>
}
