// RUN: hybrid-opt %s -hyb-precision | FileCheck %s

// CHECK-NOT: truncf
// CHECK-NOT: roundeven
// CHECK: hyb.matmul {{.*}} : (tensor<3x2xf32>, tensor<2x2xf32>) -> tensor<3x2xf32>
func.func @f(%x: tensor<3x2xf32>) -> tensor<3x2xf32> {
  %w = hyb.constant dense<[[1.0, 100.0], [0.5, -254.0]]> : tensor<2x2xf32>
  %0 = hyb.group "a" (%x, %w) {
  ^bb0(%a: tensor<3x2xf32>, %b: tensor<2x2xf32>):
    %m = hyb.matmul %a, %b : (tensor<3x2xf32>, tensor<2x2xf32>) -> tensor<3x2xf32> loc("a"("MatMul"))
    hyb.yield %m : tensor<3x2xf32>
  } {place = #hyb.place<"mac", "", "f32">} : (tensor<3x2xf32>, tensor<2x2xf32>) -> tensor<3x2xf32> loc("a"("MatMul"))
  return %0 : tensor<3x2xf32>
}
