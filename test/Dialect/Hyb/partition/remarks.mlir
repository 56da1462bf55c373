// RUN: hybrid-opt %s -hyb-partition='precision=fp32 remarks' 2>&1 >/dev/null | FileCheck %s

// CHECK: remark: {{.*}}mac f32: precision fp32
func.func @fc(%x: tensor<1x8xf32>) -> tensor<1x8xf32> {
  %w = hyb.constant dense<0.5> : tensor<8x8xf32>
  %0 = hyb.group "fc" (%x, %w) {
  ^bb0(%a: tensor<1x8xf32>, %b: tensor<8x8xf32>):
    %y = hyb.matmul %a, %b : (tensor<1x8xf32>, tensor<8x8xf32>) -> tensor<1x8xf32> loc("fc"("MatMul"))
    hyb.yield %y : tensor<1x8xf32>
  } : (tensor<1x8xf32>, tensor<8x8xf32>) -> tensor<1x8xf32> loc("fc"("MatMul"))
  return %0 : tensor<1x8xf32>
}
