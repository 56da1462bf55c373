// RUN: hybrid-opt %s -hyb-form-groups | FileCheck %s

// Inside of loops, too; the counter is an input of the group.
// CHECK-LABEL: @loop
func.func @loop(%x: tensor<4x8xf32>) -> tensor<1x8xf32> {
  // CHECK: scf.for %[[I:[a-z0-9]+]] =
  // CHECK: hyb.group "step"(%arg0, %[[I]]) {
  // CHECK: ^bb0(%{{.*}}: tensor<4x8xf32>, %{{.*}}: index):
  // CHECK: hyb.slice_at
  // CHECK: hyb.group "add"
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c4 = arith.constant 4 : index
  %init = hyb.constant dense<0.0> : tensor<1x8xf32>
  %r = scf.for %i = %c0 to %c4 step %c1 iter_args(%a = %init) -> tensor<1x8xf32> {
    %s = hyb.slice_at %x at %i {axis = 0 : i64} : (tensor<4x8xf32>) -> tensor<1x8xf32> loc("step"("LSTM"))
    %n = hyb.map (%s, %a) by [affine_map<(n,c) -> (n,c)>, affine_map<(n,c) -> (n,c)>] {
    ^bb0(%p: f32, %q: f32):
      %t = arith.addf %p, %q : f32
      hyb.yield %t : f32
    } : (tensor<1x8xf32>, tensor<1x8xf32>) -> tensor<1x8xf32> loc("add"("Add"))
    scf.yield %n : tensor<1x8xf32>
  }
  return %r : tensor<1x8xf32>
}
