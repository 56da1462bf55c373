// RUN: hybrid-opt %s -hyb-precision | FileCheck %s

// Never negative: ui8 with scale 51 / 255.
// CHECK: arith.constant 2.000000e-01 : f32
// CHECK: arith.fptoui %{{.*}} : f32 to i8
// CHECK: hyb.matmul {{.*}} : (tensor<3x2xui8>, tensor<2x2xi8>) -> tensor<3x2xi32>
func.func @f(%x: tensor<3x2xf32>) -> tensor<3x2xf32> {
  %w = hyb.constant dense<[[1.0, 100.0], [0.5, -254.0]]> : tensor<2x2xf32>
  %0 = hyb.group "fc" (%x, %w) {
  ^bb0(%a: tensor<3x2xf32>, %b: tensor<2x2xf32>):
    %m = hyb.matmul %a, %b : (tensor<3x2xf32>, tensor<2x2xf32>) -> tensor<3x2xf32> loc("fc"("MatMul"))
    hyb.yield %m : tensor<3x2xf32>
  } {place = #hyb.place<"mac", "", "i8">, hyb.ranges = [[0.0, 51.0], [0.0, 0.0]]} : (tensor<3x2xf32>, tensor<2x2xf32>) -> tensor<3x2xf32> loc("fc"("MatMul"))
  return %0 : tensor<3x2xf32>
}
