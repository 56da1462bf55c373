// RUN: hybrid-opt %s | hybrid-opt | FileCheck %s
// RUN: hybrid-opt %s -mlir-print-op-generic | hybrid-opt | FileCheck %s

// CHECK-LABEL: func.func @group
// CHECK: %[[S:.*]] = hyb.group "soft"(%{{.*}}) {
// CHECK: cost = #hyb.cost<latency_ns = 1.000000e+00 : f64
// CHECK: place = #hyb.place<"vec", "", "f32">
// CHECK: hyb.group "step"(%[[S]], %{{.*}}) {
// CHECK: ^bb0(%{{.*}}: tensor<2x8xf32>, %{{.*}}: index):
func.func @group(%x: tensor<2x8xf32>, %n: index) -> (tensor<1x8xf32>) {
  %0 = hyb.group "soft" (%x) {
  ^bb0(%a: tensor<2x8xf32>):
    %s = hyb.normalize softmax %a {axes = array<i64: 1>} : (tensor<2x8xf32>) -> tensor<2x8xf32>
    hyb.yield %s : tensor<2x8xf32>
  } {place = #hyb.place<"vec", "", "f32">, reason = "why", cost = #hyb.cost<latency_ns = 1.0 : f64, energy_pj = 2.0 : f64, sqnr_db = 3.0 : f64>} : (tensor<2x8xf32>) -> tensor<2x8xf32>
  %1 = hyb.group "step" (%0, %n) {
  ^bb0(%a: tensor<2x8xf32>, %i: index):
    %s = hyb.slice_at %a at %i {axis = 0 : i64} : (tensor<2x8xf32>) -> tensor<1x8xf32>
    hyb.yield %s : tensor<1x8xf32>
  } : (tensor<2x8xf32>, index) -> tensor<1x8xf32>
  return %1 : tensor<1x8xf32>
}
