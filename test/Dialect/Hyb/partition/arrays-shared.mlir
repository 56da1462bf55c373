// RUN: hybrid-opt %s -hyb-partition | FileCheck %s
// RUN: hybrid-opt %s -hyb-partition='place=b=pcm' | FileCheck %s --check-prefix=B

// 64 arrays for one, 32 for the other: the one that gains more gets them.
// CHECK: place = #hyb.place<"array", "pcm", "analog">
// CHECK: place = #hyb.place<"mac", "", "bf16">, reason = "mac bf16: the arrays serve other nodes better (this one needs 32)"
// B: reason = "mac bf16: the arrays serve other nodes better (this one needs 64)"
// B: reason = "analog: 32 of 64 arrays (pcm): asked for by --place b=pcm"
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
