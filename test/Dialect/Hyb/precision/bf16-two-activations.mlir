// RUN: hybrid-opt %s -hyb-precision | FileCheck %s

// Without constant weights both operands are rounded inside of the group.
// CHECK-COUNT-2: arith.truncf
// CHECK: hyb.matmul
func.func @f(%x: tensor<3x2xf32>, %y: tensor<2x2xf32>) -> tensor<3x2xf32> {
  %0 = hyb.group "mm" (%x, %y) {
  ^bb0(%a: tensor<3x2xf32>, %b: tensor<2x2xf32>):
    %m = hyb.matmul %a, %b : (tensor<3x2xf32>, tensor<2x2xf32>) -> tensor<3x2xf32> loc("mm"("MatMul"))
    hyb.yield %m : tensor<3x2xf32>
  } {place = #hyb.place<"mac", "", "bf16">} : (tensor<3x2xf32>, tensor<2x2xf32>) -> tensor<3x2xf32> loc("mm"("MatMul"))
  return %0 : tensor<3x2xf32>
}
