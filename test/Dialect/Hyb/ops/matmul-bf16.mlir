// RUN: hybrid-opt %s | hybrid-opt | FileCheck %s
// RUN: hybrid-opt %s -mlir-print-op-generic | hybrid-opt | FileCheck %s

// CHECK-LABEL: func.func @matmul_bf16
// CHECK: (tensor<4x8xbf16>, tensor<8x3xbf16>) -> tensor<4x3xf32>
func.func @matmul_bf16(%a: tensor<4x8xbf16>, %b: tensor<8x3xbf16>) -> (tensor<4x3xf32>) {
  %0 = hyb.matmul %a, %b : (tensor<4x8xbf16>, tensor<8x3xbf16>) -> tensor<4x3xf32>
  return %0 : tensor<4x3xf32>
}
