// RUN: not hybrid-opt %s -hyb-precision 2>&1 | FileCheck %s

// CHECK: error: {{.*}}node 'fc' (MatMul): sums of 70000 int8 products can exceed 32 bits; --set-precision NODE=bf16 would help
func.func @f(%x: tensor<1x70000xf32>) -> tensor<1x2xf32> {
  %w = hyb.constant dense<1.0> : tensor<70000x2xf32>
  %0 = hyb.group "fc" (%x, %w) {
  ^bb0(%a: tensor<1x70000xf32>, %b: tensor<70000x2xf32>):
    %m = hyb.matmul %a, %b : (tensor<1x70000xf32>, tensor<70000x2xf32>) -> tensor<1x2xf32> loc("fc"("MatMul"))
    hyb.yield %m : tensor<1x2xf32>
  } {place = #hyb.place<"mac", "", "i8">, hyb.ranges = [[-1.0, 2.0], [0.0, 0.0]]} : (tensor<1x70000xf32>, tensor<70000x2xf32>) -> tensor<1x2xf32> loc("fc"("MatMul"))
  return %0 : tensor<1x2xf32>
}
