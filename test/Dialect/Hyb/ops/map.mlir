// RUN: hybrid-opt %s | hybrid-opt | FileCheck %s
// RUN: hybrid-opt %s -mlir-print-op-generic | hybrid-opt | FileCheck %s

// CHECK-LABEL: func.func @map
// CHECK: hyb.map(%{{.*}}, %{{.*}}) by [#map, #map1] {
// CHECK: ^bb0(%[[A:.*]]: f32, %[[B:.*]]: f32):
// CHECK: %[[S:.*]] = arith.addf %[[A]], %[[B]]
// CHECK: hyb.yield %[[S]] : f32
// CHECK: } : (tensor<4x8xf32>, tensor<8xf32>) -> tensor<4x8xf32>
func.func @map(%x: tensor<4x8xf32>, %b: tensor<8xf32>) -> (tensor<4x8xf32>) {
  %0 = hyb.map (%x, %b) by [affine_map<(n,c) -> (n,c)>, affine_map<(n,c) -> (c)>] {
  ^bb0(%p: f32, %q: f32):
    %r = arith.addf %p, %q : f32
    hyb.yield %r : f32
  } : (tensor<4x8xf32>, tensor<8xf32>) -> tensor<4x8xf32>
  return %0 : tensor<4x8xf32>
}
