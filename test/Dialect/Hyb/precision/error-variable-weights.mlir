// RUN: not hybrid-opt %s -hyb-precision 2>&1 | FileCheck %s

// CHECK: error: {{.*}}node 'fc' (MatMul): int8 needs constant weights; --set-precision NODE=bf16 would help
func.func @f(%x: tensor<3x2xf32>, %y: tensor<2x2xf32>) -> tensor<3x2xf32> {
  %0 = hyb.group "fc" (%x, %y) {
  ^bb0(%a: tensor<3x2xf32>, %b: tensor<2x2xf32>):
    %m = hyb.matmul %a, %b : (tensor<3x2xf32>, tensor<2x2xf32>) -> tensor<3x2xf32> loc("fc"("MatMul"))
    hyb.yield %m : tensor<3x2xf32>
  } {place = #hyb.place<"mac", "", "i8">, hyb.ranges = [[-1.0, 2.0], [0.0, 0.0]]} : (tensor<3x2xf32>, tensor<2x2xf32>) -> tensor<3x2xf32> loc("fc"("MatMul"))
  return %0 : tensor<3x2xf32>
}
