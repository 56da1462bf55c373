// RUN: hybrid-opt %s -hyb-precision | FileCheck %s

// The calibrated range is the full scale of the DAC.
// CHECK: hyb.input_range = 2.000000e+00 : f64
// CHECK-NOT: hyb.ranges
// CHECK: hyb.input_range = 0.000000e+00 : f64
func.func @f(%x: tensor<3x2xf32>) -> tensor<3x2xf32> {
  %w = hyb.constant dense<[[1.0, 100.0], [0.5, -254.0]]> : tensor<2x2xf32>
  %0 = hyb.group "a" (%x, %w) {
  ^bb0(%a: tensor<3x2xf32>, %b: tensor<2x2xf32>):
    %m = hyb.matmul %a, %b : (tensor<3x2xf32>, tensor<2x2xf32>) -> tensor<3x2xf32> loc("a"("MatMul"))
    hyb.yield %m : tensor<3x2xf32>
  } {place = #hyb.place<"array", "pcm", "analog">, hyb.ranges = [[-1.0, 2.0], [0.0, 0.0]]} : (tensor<3x2xf32>, tensor<2x2xf32>) -> tensor<3x2xf32> loc("a"("MatMul"))
  %1 = hyb.group "b" (%0, %w) {
  ^bb0(%a: tensor<3x2xf32>, %b: tensor<2x2xf32>):
    %m = hyb.matmul %a, %b : (tensor<3x2xf32>, tensor<2x2xf32>) -> tensor<3x2xf32> loc("b"("MatMul"))
    hyb.yield %m : tensor<3x2xf32>
  } {place = #hyb.place<"array", "pcm", "analog">} : (tensor<3x2xf32>, tensor<2x2xf32>) -> tensor<3x2xf32> loc("b"("MatMul"))
  return %1 : tensor<3x2xf32>
}
