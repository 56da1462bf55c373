// RUN: hybrid-opt %s | hybrid-opt | FileCheck %s
// RUN: hybrid-opt %s -mlir-print-op-generic | hybrid-opt | FileCheck %s

// CHECK-LABEL: func.func @gather
// CHECK: hyb.gather %{{.*}}, %{{.*}} {axis = 0 : i64}
func.func @gather(%x: tensor<8x4xf32>, %i: tensor<2x3xi64>) -> (tensor<2x3x4xf32>) {
  %0 = hyb.gather %x, %i {axis = 0 : i64} : (tensor<8x4xf32>, tensor<2x3xi64>) -> tensor<2x3x4xf32>
  return %0 : tensor<2x3x4xf32>
}
