// RUN: not hybrid-opt %s -hyb-precision 2>&1 | FileCheck %s

// CHECK: error: {{.*}}node 'fc' (MatMul): int8 needs the range of its input; calibrate with --calibrate FILE.npz
func.func @f(%x: tensor<3x2xf32>) -> tensor<3x2xf32> {
  %w = hyb.constant dense<[[1.0, 100.0], [0.5, -254.0]]> : tensor<2x2xf32>
  %0 = hyb.group "fc" (%x, %w) {
  ^bb0(%a: tensor<3x2xf32>, %b: tensor<2x2xf32>):
    %m = hyb.matmul %a, %b : (tensor<3x2xf32>, tensor<2x2xf32>) -> tensor<3x2xf32> loc("fc"("MatMul"))
    hyb.yield %m : tensor<3x2xf32>
  } {place = #hyb.place<"mac", "", "i8">} : (tensor<3x2xf32>, tensor<2x2xf32>) -> tensor<3x2xf32> loc("fc"("MatMul"))
  return %0 : tensor<3x2xf32>
}
