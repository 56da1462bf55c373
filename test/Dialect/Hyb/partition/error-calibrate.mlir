// RUN: not hybrid-opt %s -hyb-partition=precision=int8 2>&1 | FileCheck %s

// CHECK: error: {{.*}}node 'fc' (MatMul): int8 needs the ranges of its inputs; calibrate on sample inputs with --calibrate FILE.npz, or choose another --precision
func.func @fc(%x: tensor<1x8xf32>) -> tensor<1x8xf32> {
  %w = hyb.constant dense<0.5> : tensor<8x8xf32>
  %0 = hyb.group "fc" (%x, %w) {
  ^bb0(%a: tensor<1x8xf32>, %b: tensor<8x8xf32>):
    %y = hyb.matmul %a, %b : (tensor<1x8xf32>, tensor<8x8xf32>) -> tensor<1x8xf32> loc("fc"("MatMul"))
    hyb.yield %y : tensor<1x8xf32>
  } : (tensor<1x8xf32>, tensor<8x8xf32>) -> tensor<1x8xf32> loc("fc"("MatMul"))
  return %0 : tensor<1x8xf32>
}
