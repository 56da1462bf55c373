// RUN: hybrid-opt %s | hybrid-opt | FileCheck %s
// RUN: hybrid-opt %s -mlir-print-op-generic | hybrid-opt | FileCheck %s

// CHECK-LABEL: func.func @pad
// CHECK: hyb.pad %{{.*}} value 1.000000e+00 : f32 {high = array<i64: 2, -1>, low = array<i64: 0, 1>}
func.func @pad(%x: tensor<2x3xf32>) -> (tensor<4x3xf32>) {
  %0 = hyb.pad %x value 1.0 : f32 {low = array<i64: 0, 1>, high = array<i64: 2, -1>} : (tensor<2x3xf32>) -> tensor<4x3xf32>
  return %0 : tensor<4x3xf32>
}
