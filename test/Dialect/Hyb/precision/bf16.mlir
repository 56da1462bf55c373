// RUN: hybrid-opt %s -hyb-precision | FileCheck %s

// CHECK-LABEL: @f
// CHECK: %[[W:.*]] = hyb.constant dense<{{.*}}> : tensor<2x2xbf16>
// CHECK: hyb.group "fc"(%arg0, %[[W]])
// CHECK: %[[X:.*]] = hyb.map
// CHECK: arith.truncf %{{.*}} : f32 to bf16
// CHECK: hyb.matmul %[[X]], %{{.*}} : (tensor<3x2xbf16>, tensor<2x2xbf16>) -> tensor<3x2xf32>
// CHECK: hyb.yield %{{.*}} : tensor<3x2xf32>
func.func @f(%x: tensor<3x2xf32>) -> tensor<3x2xf32> {
  %w = hyb.constant dense<[[1.0, 100.0], [0.5, -254.0]]> : tensor<2x2xf32>
  %0 = hyb.group "fc" (%x, %w) {
  ^bb0(%a: tensor<3x2xf32>, %b: tensor<2x2xf32>):
    %m = hyb.matmul %a, %b : (tensor<3x2xf32>, tensor<2x2xf32>) -> tensor<3x2xf32> loc("fc"("MatMul"))
    hyb.yield %m : tensor<3x2xf32>
  } {place = #hyb.place<"mac", "", "bf16">} : (tensor<3x2xf32>, tensor<2x2xf32>) -> tensor<3x2xf32> loc("fc"("MatMul"))
  return %0 : tensor<3x2xf32>
}
