// RUN: hybrid-opt %s | hybrid-opt | FileCheck %s
// RUN: hybrid-opt %s -mlir-print-op-generic | hybrid-opt | FileCheck %s

// CHECK-LABEL: func.func @pack
// CHECK: %[[P:.*]] = hyb.pack
// CHECK: hyb.unpack %[[P]] {{.*}} -> tensor<1x20x4xf32>
func.func @pack(%x: tensor<1x20x4xf32>) -> (tensor<1x20x4xf32>) {
  %0 = hyb.pack %x {dims = array<i64: 1>, blocks = array<i64: 16>} : (tensor<1x20x4xf32>) -> tensor<1x2x4x16xf32>
  %1 = hyb.unpack %0 {dims = array<i64: 1>, blocks = array<i64: 16>} : (tensor<1x2x4x16xf32>) -> tensor<1x20x4xf32>
  return %1 : tensor<1x20x4xf32>
}
