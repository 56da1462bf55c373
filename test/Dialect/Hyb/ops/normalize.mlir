// RUN: hybrid-opt %s | hybrid-opt | FileCheck %s
// RUN: hybrid-opt %s -mlir-print-op-generic | hybrid-opt | FileCheck %s

// CHECK-LABEL: func.func @normalize
// CHECK: hyb.normalize softmax
// CHECK: hyb.normalize mean_variance %{{.*}} {axes = array<i64: 1>, epsilon = 1.000000e-05 : f64}
func.func @normalize(%x: tensor<2x8xf32>) -> (tensor<2x8xf32>, tensor<2x8xf32>) {
  %0 = hyb.normalize softmax %x {axes = array<i64: 1>} : (tensor<2x8xf32>) -> tensor<2x8xf32>
  %1 = hyb.normalize mean_variance %x {axes = array<i64: 1>, epsilon = 1.0e-5 : f64} : (tensor<2x8xf32>) -> tensor<2x8xf32>
  return %0, %1 : tensor<2x8xf32>, tensor<2x8xf32>
}
