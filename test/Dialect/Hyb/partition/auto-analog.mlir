// RUN: hybrid-opt %s -hyb-partition | FileCheck %s
// RUN: hybrid-opt %s -hyb-partition=precision=analog | FileCheck %s --check-prefix=ANALOG

// 4 arrays of 256x256 hold the weights: less energy than the matrix engine,
// which would read them from DRAM.
// CHECK-LABEL: @fc
// CHECK: cost = #hyb.cost<
// CHECK-SAME: hyb.alternatives = [
// CHECK-SAME: arrays = 4 : i64
// CHECK-SAME: place = #hyb.place<"array", "pcm", "analog">
// CHECK-SAME: reason = "analog: 4 of 64 arrays (pcm), {{[0-9]\.[0-9][0-9]|[1-9][0-9]\.[0-9]|[1-9][0-9][0-9]+}}x less energy than mac bf16 ({{[0-9.]+ [npum]J}} against {{[0-9.]+ [npum]J}})"
// ANALOG: place = #hyb.place<"array", "pcm", "analog">
func.func @fc(%x: tensor<1x512xf32>) -> tensor<1x512xf32> {
  %w = hyb.constant dense<0.5> : tensor<512x512xf32>
  %0 = hyb.group "fc" (%x, %w) {
  ^bb0(%a: tensor<1x512xf32>, %b: tensor<512x512xf32>):
    %y = hyb.matmul %a, %b : (tensor<1x512xf32>, tensor<512x512xf32>) -> tensor<1x512xf32> loc("fc"("MatMul"))
    hyb.yield %y : tensor<1x512xf32>
  } : (tensor<1x512xf32>, tensor<512x512xf32>) -> tensor<1x512xf32> loc("fc"("MatMul"))
  return %0 : tensor<1x512xf32>
}
