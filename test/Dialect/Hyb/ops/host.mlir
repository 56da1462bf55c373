// RUN: hybrid-opt %s | hybrid-opt | FileCheck %s
// RUN: hybrid-opt %s -mlir-print-op-generic | hybrid-opt | FileCheck %s

// CHECK-LABEL: func.func @host
// CHECK: hyb.host "topk"(%{{.*}}) {axis = 1 : i64}
func.func @host(%x: tensor<2x8xf32>) -> (tensor<2x3xf32>, tensor<2x3xi64>) {
  %v, %i = hyb.host "topk"(%x) {axis = 1 : i64} : (tensor<2x8xf32>) -> (tensor<2x3xf32>, tensor<2x3xi64>)
  return %v, %i : tensor<2x3xf32>, tensor<2x3xi64>
}
