// RUN: not hybrid-opt %s '-hyb-partition=place=fc=pcm' 2>&1 | FileCheck %s

// CHECK: error: {{.*}}node 'fc' (MatMul): cannot run on 'pcm': needs 128 arrays, the chip has 64; leave out --place fc=pcm
func.func @fc(%x: tensor<1x4096xf32>) -> tensor<1x2048xf32> {
  %w = hyb.constant dense<0.5> : tensor<4096x2048xf32>
  %0 = hyb.group "fc" (%x, %w) {
  ^bb0(%a: tensor<1x4096xf32>, %b: tensor<4096x2048xf32>):
    %y = hyb.matmul %a, %b : (tensor<1x4096xf32>, tensor<4096x2048xf32>) -> tensor<1x2048xf32> loc("fc"("MatMul"))
    hyb.yield %y : tensor<1x2048xf32>
  } : (tensor<1x4096xf32>, tensor<4096x2048xf32>) -> tensor<1x2048xf32> loc("fc"("MatMul"))
  return %0 : tensor<1x2048xf32>
}
