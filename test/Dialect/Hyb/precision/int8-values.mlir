// RUN: hybrid-opt %s -hyb-precision -hyb-fold-constants=groups | FileCheck %s

// By hand: x = [2, -1] with scale s = f32(2 / 127) gives q = [127, -64 (63.5 to
// even)]; the sums are 127 * 127 - 64 * 64 = 12033 and 127 * 50 + 64 * 127 = 14478;
// y = 12033 * 1.24000246e-4, 14478 * 0.0314960629.
// CHECK: hyb.constant dense<{{\[\[}}1.49209499, 4.560000e+02]]> : tensor<1x2xf32>
func.func @f() -> tensor<1x2xf32> {
  %w = hyb.constant dense<[[1.0, 100.0], [0.5, -254.0]]> : tensor<2x2xf32>
  %x = hyb.constant dense<[[2.0, -1.0]]> : tensor<1x2xf32>
  %0 = hyb.group "fc" (%x, %w) {
  ^bb0(%a: tensor<1x2xf32>, %b: tensor<2x2xf32>):
    %m = hyb.matmul %a, %b : (tensor<1x2xf32>, tensor<2x2xf32>) -> tensor<1x2xf32> loc("fc"("MatMul"))
    hyb.yield %m : tensor<1x2xf32>
  } {place = #hyb.place<"mac", "", "i8">, hyb.ranges = [[-1.0, 2.0], [0.0, 0.0]]} : (tensor<1x2xf32>, tensor<2x2xf32>) -> tensor<1x2xf32> loc("fc"("MatMul"))
  return %0 : tensor<1x2xf32>
}
