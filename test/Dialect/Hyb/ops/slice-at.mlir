// RUN: hybrid-opt %s | hybrid-opt | FileCheck %s
// RUN: hybrid-opt %s -mlir-print-op-generic | hybrid-opt | FileCheck %s

// CHECK-LABEL: func.func @slice_at
// CHECK: hyb.slice_at %{{.*}} at %{{.*}} {axis = 0 : i64, reversed}
// CHECK: hyb.insert_at %{{.*}} into %{{.*}} at %{{.*}} {axis = 0 : i64}
func.func @slice_at(%x: tensor<8x4xf32>, %i: index, %v: tensor<1x4xf32>) -> (tensor<1x4xf32>, tensor<8x4xf32>) {
  %0 = hyb.slice_at %x at %i {axis = 0 : i64, reversed} : (tensor<8x4xf32>) -> tensor<1x4xf32>
  %1 = hyb.insert_at %v into %x at %i {axis = 0 : i64} : (tensor<1x4xf32>, tensor<8x4xf32>) -> tensor<8x4xf32>
  return %0, %1 : tensor<1x4xf32>, tensor<8x4xf32>
}
