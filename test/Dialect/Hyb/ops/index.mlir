// RUN: hybrid-opt %s | hybrid-opt | FileCheck %s
// RUN: hybrid-opt %s -mlir-print-op-generic | hybrid-opt | FileCheck %s

// CHECK-LABEL: func.func @index
// CHECK: %[[I:.*]] = hyb.index 1
// CHECK: arith.addi %{{.*}}, %[[I]] : i64
func.func @index(%x: tensor<4x8xi64>) -> (tensor<4x8xi64>) {
  %0 = hyb.map (%x) by [affine_map<(n,c) -> (n,c)>] {
  ^bb0(%p: i64):
    %i = hyb.index 1
    %r = arith.addi %p, %i : i64
    hyb.yield %r : i64
  } : (tensor<4x8xi64>) -> tensor<4x8xi64>
  return %0 : tensor<4x8xi64>
}
