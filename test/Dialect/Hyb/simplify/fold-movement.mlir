// RUN: hybrid-opt %s -hyb-fold-constants | FileCheck %s

// CHECK-LABEL: @moves
func.func @moves() -> (tensor<3x2xi32>, tensor<2xi32>, tensor<2x4xi32>, tensor<1x5xi32>) {
  // CHECK-DAG: hyb.constant dense<{{\[\[}}1, 4], [2, 5], [3, 6]]> : tensor<3x2xi32>
  // CHECK-DAG: hyb.constant dense<[3, 1]> : tensor<2xi32>
  // CHECK-DAG: hyb.constant dense<{{\[\[}}1, 2, 3, 1], [4, 5, 6, 4]]> : tensor<2x4xi32>
  // CHECK-DAG: hyb.constant dense<{{\[\[}}9, 4, 5, 6, 9]]> : tensor<1x5xi32>
  %a = hyb.constant dense<[[1, 2, 3], [4, 5, 6]]> : tensor<2x3xi32>
  %0 = hyb.transpose %a {perm = array<i64: 1, 0>} : (tensor<2x3xi32>) -> tensor<3x2xi32>
  %1 = hyb.slice %a {offsets = array<i64: 0, 2>, steps = array<i64: 1, -2>} : (tensor<2x3xi32>) -> tensor<1x2xi32>
  %2 = hyb.reshape %1 : (tensor<1x2xi32>) -> tensor<2xi32>
  %3 = hyb.slice %a {offsets = array<i64: 0, 0>, steps = array<i64: 1, 1>} : (tensor<2x3xi32>) -> tensor<2x1xi32>
  %4 = hyb.concat %a, %3 {axis = 1 : i64} : (tensor<2x3xi32>, tensor<2x1xi32>) -> tensor<2x4xi32>
  %5 = hyb.pad %a value 9 : i32 {low = array<i64: -1, 1>, high = array<i64: 0, 1>} : (tensor<2x3xi32>) -> tensor<1x5xi32>
  return %0, %2, %4, %5 : tensor<3x2xi32>, tensor<2xi32>, tensor<2x4xi32>, tensor<1x5xi32>
}

// Blocks are appended in the order of dims; what is missing becomes zero.
// CHECK-LABEL: @packs
func.func @packs() -> (tensor<1x2x2x2xi32>, tensor<2x3xi32>) {
  // CHECK-DAG: hyb.constant dense<{{\[\[\[\[}}1, 4], [2, 5]], {{\[\[}}3, 6], [0, 0]]]]> : tensor<1x2x2x2xi32>
  // CHECK-DAG: hyb.constant dense<{{\[\[}}1, 2, 3], [4, 5, 6]]> : tensor<2x3xi32>
  %a = hyb.constant dense<[[1, 2, 3], [4, 5, 6]]> : tensor<2x3xi32>
  %0 = hyb.pack %a {dims = array<i64: 1, 0>, blocks = array<i64: 2, 2>} : (tensor<2x3xi32>) -> tensor<1x2x2x2xi32>
  %1 = hyb.unpack %0 {dims = array<i64: 1, 0>, blocks = array<i64: 2, 2>} : (tensor<1x2x2x2xi32>) -> tensor<2x3xi32>
  return %0, %1 : tensor<1x2x2x2xi32>, tensor<2x3xi32>
}

// CHECK-LABEL: @gathers
func.func @gathers() -> (tensor<2x2xi32>, tensor<1xi64>) {
  // CHECK-DAG: hyb.constant dense<{{\[\[}}3, 1], [6, 4]]> : tensor<2x2xi32>
  // CHECK-DAG: hyb.constant dense<2> : tensor<1xi64>
  %a = hyb.constant dense<[[1, 2, 3], [4, 5, 6]]> : tensor<2x3xi32>
  %i = hyb.constant dense<[-1, 0]> : tensor<2xi64>
  %0 = hyb.gather %a, %i {axis = 1 : i64} : (tensor<2x3xi32>, tensor<2xi64>) -> tensor<2x2xi32>
  %f = hyb.constant dense<[1.0, 2.0, 5.0]> : tensor<3xf32>
  %v, %k = hyb.host "topk"(%f) {axis = 0 : i64} : (tensor<3xf32>) -> (tensor<1xf32>, tensor<1xi64>)
  return %0, %k : tensor<2x2xi32>, tensor<1xi64>
}
