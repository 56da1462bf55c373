// RUN: hybrid-opt %s | hybrid-opt | FileCheck %s
// RUN: hybrid-opt %s -mlir-print-op-generic | hybrid-opt | FileCheck %s

// CHECK-LABEL: func.func @map_unsigned
// CHECK: ^bb0(%{{.*}}: i8):
// CHECK: } : (tensor<4xui8>) -> tensor<4xf32>
func.func @map_unsigned(%x: tensor<4xui8>) -> (tensor<4xf32>) {
  %0 = hyb.map (%x) by [affine_map<(n) -> (n)>] {
  ^bb0(%p: i8):
    %r = arith.uitofp %p : i8 to f32
    hyb.yield %r : f32
  } : (tensor<4xui8>) -> tensor<4xf32>
  return %0 : tensor<4xf32>
}
