// RUN: hybrid-opt %s | hybrid-opt | FileCheck %s
// RUN: hybrid-opt %s -mlir-print-op-generic | hybrid-opt | FileCheck %s

// CHECK-LABEL: func.func @reshape
// CHECK: hyb.reshape %{{.*}} : (tensor<2x8xf32>) -> tensor<4x4xf32>
func.func @reshape(%x: tensor<2x8xf32>) -> (tensor<4x4xf32>) {
  %0 = hyb.reshape %x : (tensor<2x8xf32>) -> tensor<4x4xf32>
  return %0 : tensor<4x4xf32>
}
