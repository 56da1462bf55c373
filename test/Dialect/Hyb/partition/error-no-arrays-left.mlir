// RUN: not hybrid-opt %s '-hyb-partition=place=a=pcm,b=pcm' 2>&1 | FileCheck %s

// CHECK: error: {{.*}}node 'b' (MatMul): needs 32 pcm arrays, 0 are left after the nodes placed before it; place fewer nodes on arrays
func.func @two(%x: tensor<1x2048xf32>) -> (tensor<1x2048xf32>, tensor<1x1024xf32>) {
  %w = hyb.constant dense<0.5> : tensor<2048x2048xf32>
  %v = hyb.constant dense<0.5> : tensor<2048x1024xf32>
  %0 = hyb.group "a" (%x, %w) {
  ^bb0(%a: tensor<1x2048xf32>, %b: tensor<2048x2048xf32>):
    %y = hyb.matmul %a, %b : (tensor<1x2048xf32>, tensor<2048x2048xf32>) -> tensor<1x2048xf32>
    hyb.yield %y : tensor<1x2048xf32>
  } : (tensor<1x2048xf32>, tensor<2048x2048xf32>) -> tensor<1x2048xf32> loc("a"("MatMul"))
  %1 = hyb.group "b" (%x, %v) {
  ^bb0(%a: tensor<1x2048xf32>, %b: tensor<2048x1024xf32>):
    %y = hyb.matmul %a, %b : (tensor<1x2048xf32>, tensor<2048x1024xf32>) -> tensor<1x1024xf32>
    hyb.yield %y : tensor<1x1024xf32>
  } : (tensor<1x2048xf32>, tensor<2048x1024xf32>) -> tensor<1x1024xf32> loc("b"("MatMul"))
  return %0, %1 : tensor<1x2048xf32>, tensor<1x1024xf32>
}
