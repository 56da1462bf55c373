// RUN: hybrid-opt %s -hyb-canonicalize-movement | FileCheck %s

// CHECK-LABEL: @nested
func.func @nested(%a: tensor<2xf32>, %b: tensor<0xf32>, %c: tensor<3xf32>) -> tensor<7xf32> {
  // CHECK-NEXT: hyb.concat %arg0, %arg0, %arg2 {axis = 0 : i64}
  // CHECK-NEXT: return
  %0 = hyb.concat %a, %b, %a {axis = 0 : i64} : (tensor<2xf32>, tensor<0xf32>, tensor<2xf32>) -> tensor<4xf32>
  %1 = hyb.concat %0, %c {axis = 0 : i64} : (tensor<4xf32>, tensor<3xf32>) -> tensor<7xf32>
  return %1 : tensor<7xf32>
}

// CHECK-LABEL: @other_axis
func.func @other_axis(%a: tensor<2x2xf32>, %c: tensor<4x1xf32>) -> tensor<4x3xf32> {
  // CHECK-COUNT-2: hyb.concat
  %0 = hyb.concat %a, %a {axis = 0 : i64} : (tensor<2x2xf32>, tensor<2x2xf32>) -> tensor<4x2xf32>
  %1 = hyb.concat %0, %c {axis = 1 : i64} : (tensor<4x2xf32>, tensor<4x1xf32>) -> tensor<4x3xf32>
  return %1 : tensor<4x3xf32>
}
