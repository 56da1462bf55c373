// RUN: hybrid-opt %s -hyb-precision | FileCheck %s

// Range [-1, 2]: i8 with scale 2 / 127. Weights: one scale a column, 1 / 127 and
// 2. The factors are their products.
// CHECK-LABEL: @f
// CHECK-DAG: %[[W:.*]] = hyb.constant dense<{{\[\[}}127, 50], [64, -127]]> : tensor<2x2xi8>
// CHECK-DAG: %[[F:.*]] = hyb.constant dense<[1.24000246E-4, 0.0314960629]> : tensor<2xf32>
// CHECK: hyb.group "fc"(%arg0, %[[W]], %[[F]])
// CHECK: arith.constant 0.0157480314 : f32
// CHECK: arith.divf
// CHECK: math.roundeven
// CHECK: arith.constant -1.280000e+02
// CHECK: arith.maximumf
// CHECK: arith.constant 1.270000e+02
// CHECK: arith.minimumf
// CHECK: arith.fptosi %{{.*}} : f32 to i8
// CHECK: hyb.matmul {{.*}} : (tensor<3x2xi8>, tensor<2x2xi8>) -> tensor<3x2xi32>
// CHECK: arith.sitofp
// CHECK: arith.mulf
// CHECK-NOT: hyb.ranges
func.func @f(%x: tensor<3x2xf32>) -> tensor<3x2xf32> {
  %w = hyb.constant dense<[[1.0, 100.0], [0.5, -254.0]]> : tensor<2x2xf32>
  %0 = hyb.group "fc" (%x, %w) {
  ^bb0(%a: tensor<3x2xf32>, %b: tensor<2x2xf32>):
    %m = hyb.matmul %a, %b : (tensor<3x2xf32>, tensor<2x2xf32>) -> tensor<3x2xf32> loc("fc"("MatMul"))
    hyb.yield %m : tensor<3x2xf32>
  } {place = #hyb.place<"mac", "", "i8">, hyb.ranges = [[-1.0, 2.0], [0.0, 0.0]]} : (tensor<3x2xf32>, tensor<2x2xf32>) -> tensor<3x2xf32> loc("fc"("MatMul"))
  return %0 : tensor<3x2xf32>
}
