// RUN: hybrid-opt %s -hyb-form-groups | FileCheck %s

// Views and constants stay outside; movement and kernels are alone.
// CHECK-LABEL: @single
func.func @single(%x: tensor<4x8xf32>) -> (tensor<64xf32>, tensor<8x2xf32>, tensor<8x2xi64>) {
  // CHECK-NEXT: %[[T:.*]] = hyb.transpose %arg0
  // CHECK-NEXT: %[[C:.*]] = hyb.group "cat"(%[[T]]) {
  // CHECK: hyb.concat %[[A:.*]], %[[A]]
  // CHECK: hyb.reshape %[[C]]
  // CHECK: %{{.*}}:2 = hyb.group "top"(%[[T]]) {
  // CHECK: hyb.host "topk"
  %t = hyb.transpose %x {perm = array<i64: 1, 0>} : (tensor<4x8xf32>) -> tensor<8x4xf32>
  %0 = hyb.concat %t, %t {axis = 0 : i64} : (tensor<8x4xf32>, tensor<8x4xf32>) -> tensor<16x4xf32> loc("cat"("Concat"))
  %1 = hyb.reshape %0 : (tensor<16x4xf32>) -> tensor<64xf32>
  %v, %i = hyb.host "topk"(%t) {axis = 1 : i64} : (tensor<8x4xf32>) -> (tensor<8x2xf32>, tensor<8x2xi64>) loc("top"("TopK"))
  return %1, %v, %i : tensor<64xf32>, tensor<8x2xf32>, tensor<8x2xi64>
}
