// RUN: hybrid-opt %s -hyb-form-groups | FileCheck %s
// RUN: hybrid-opt %s -hyb-form-groups=attention=false | FileCheck %s --check-prefix=APART

// CHECK-LABEL: @attention
func.func @attention(%q: tensor<2x16x8xf32>, %k: tensor<2x8x16xf32>, %v: tensor<2x16x8xf32>) -> tensor<2x16x8xf32> {
  // CHECK-NEXT: %[[G:.*]] = hyb.group "qk"(%arg0, %arg1, %arg2) {
  // CHECK: hyb.matmul
  // CHECK: hyb.map
  // CHECK: hyb.normalize softmax
  // CHECK: hyb.matmul
  // CHECK: return %[[G]]
  // APART: hyb.group "qk"
  // APART: hyb.group "softmax"
  // APART: hyb.group "av"
  %0 = hyb.matmul %q, %k : (tensor<2x16x8xf32>, tensor<2x8x16xf32>) -> tensor<2x16x16xf32> loc("qk"("MatMul"))
  %1 = hyb.map (%0) by [affine_map<(n,c,h) -> (n,c,h)>] {
  ^bb0(%p: f32):
    %c = arith.constant 0.25 : f32
    %r = arith.mulf %p, %c : f32
    hyb.yield %r : f32
  } : (tensor<2x16x16xf32>) -> tensor<2x16x16xf32> loc("scale"("Mul"))
  %2 = hyb.normalize softmax %1 {axes = array<i64: 2>} : (tensor<2x16x16xf32>) -> tensor<2x16x16xf32> loc("softmax"("Softmax"))
  %3 = hyb.matmul %2, %v : (tensor<2x16x16xf32>, tensor<2x16x8xf32>) -> tensor<2x16x8xf32> loc("av"("MatMul"))
  return %3 : tensor<2x16x8xf32>
}
