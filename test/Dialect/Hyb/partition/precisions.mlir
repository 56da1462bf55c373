// RUN: hybrid-opt %s -hyb-partition=precision=exact | FileCheck %s --check-prefix=EXACT
// RUN: hybrid-opt %s -hyb-partition=precision=fp32 | FileCheck %s --check-prefix=EXACT
// RUN: hybrid-opt %s -hyb-partition=precision=bf16 | FileCheck %s --check-prefix=BF16
// RUN: hybrid-opt %s -hyb-partition=precision=int8 | FileCheck %s --check-prefix=INT8

// EXACT: place = #hyb.place<"mac", "", "f32">
// EXACT-SAME: reason = "mac f32: precision {{exact|fp32}}"
// BF16: place = #hyb.place<"mac", "", "bf16">
// INT8: place = #hyb.place<"mac", "", "i8">
func.func @fc(%x: tensor<1x512xf32>) -> tensor<1x512xf32> {
  %w = hyb.constant dense<0.5> : tensor<512x512xf32>
  %0 = hyb.group "fc" (%x, %w) {
  ^bb0(%a: tensor<1x512xf32>, %b: tensor<512x512xf32>):
    %y = hyb.matmul %a, %b : (tensor<1x512xf32>, tensor<512x512xf32>) -> tensor<1x512xf32> loc("fc"("MatMul"))
    hyb.yield %y : tensor<1x512xf32>
  } {hyb.ranges = [[-1.0, 1.0], [0.0, 1.0]]} : (tensor<1x512xf32>, tensor<512x512xf32>) -> tensor<1x512xf32> loc("fc"("MatMul"))
  return %0 : tensor<1x512xf32>
}
