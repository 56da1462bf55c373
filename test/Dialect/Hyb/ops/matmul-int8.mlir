// RUN: hybrid-opt %s | hybrid-opt | FileCheck %s
// RUN: hybrid-opt %s -mlir-print-op-generic | hybrid-opt | FileCheck %s

// CHECK-LABEL: func.func @matmul_int8
// CHECK: hyb.matmul %{{.*}}, %{{.*}} {a_zero = 3 : i64} : (tensor<4x8xui8>, tensor<8x3xi8>) -> tensor<4x3xi32>
func.func @matmul_int8(%a: tensor<4x8xui8>, %b: tensor<8x3xi8>) -> (tensor<4x3xi32>) {
  %0 = hyb.matmul %a, %b {a_zero = 3 : i64} : (tensor<4x8xui8>, tensor<8x3xi8>) -> tensor<4x3xi32>
  return %0 : tensor<4x3xi32>
}
