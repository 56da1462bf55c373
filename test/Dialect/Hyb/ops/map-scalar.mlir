// RUN: hybrid-opt %s | hybrid-opt | FileCheck %s
// RUN: hybrid-opt %s -mlir-print-op-generic | hybrid-opt | FileCheck %s

// CHECK-LABEL: func.func @map_scalar
// CHECK: hyb.map() by [] {
// CHECK: } : () -> tensor<f32>
func.func @map_scalar() -> (tensor<f32>) {
  %0 = hyb.map () by [] {
    %c = arith.constant 1.5 : f32
    hyb.yield %c : f32
  } : () -> tensor<f32>
  return %0 : tensor<f32>
}
