// RUN: hybrid-opt %s -hyb-fold-constants | FileCheck %s

// CHECK-LABEL: @chain
func.func @chain() -> tensor<2xf32> {
  // CHECK-NEXT: hyb.constant dense<[7.500000e-01, 1.500000e+00]> : tensor<2xf32>
  // CHECK-NEXT: return
  %a = hyb.constant dense<[1.0, 2.0]> : tensor<2xf32>
  %b = hyb.constant dense<0.5> : tensor<f32>
  %0 = hyb.map (%a, %b) by [affine_map<(n) -> (n)>, affine_map<(n) -> ()>] {
  ^bb0(%p: f32, %q: f32):
    %s = arith.mulf %p, %q : f32
    hyb.yield %s : f32
  } : (tensor<2xf32>, tensor<f32>) -> tensor<2xf32>
  %1 = hyb.map (%0) by [affine_map<(n) -> (n)>] {
  ^bb0(%p: f32):
    %c = arith.constant 1.5 : f32
    %s = arith.mulf %p, %c : f32
    hyb.yield %s : f32
  } : (tensor<2xf32>) -> tensor<2xf32>
  return %1 : tensor<2xf32>
}

// Signless scalars, signed and unsigned by the op.
// CHECK-LABEL: @unsigned
func.func @unsigned() -> (tensor<2xf32>, tensor<2xf32>) {
  // CHECK-DAG: hyb.constant dense<[2.000000e+02, 3.000000e+00]>
  // CHECK-DAG: hyb.constant dense<[-5.600000e+01, 3.000000e+00]>
  %a = hyb.constant dense<[200, 3]> : tensor<2xui8>
  %0 = hyb.map (%a) by [affine_map<(n) -> (n)>] {
  ^bb0(%p: i8):
    %s = arith.uitofp %p : i8 to f32
    hyb.yield %s : f32
  } : (tensor<2xui8>) -> tensor<2xf32>
  %1 = hyb.map (%a) by [affine_map<(n) -> (n)>] {
  ^bb0(%p: i8):
    %s = arith.sitofp %p : i8 to f32
    hyb.yield %s : f32
  } : (tensor<2xui8>) -> tensor<2xf32>
  return %0, %1 : tensor<2xf32>, tensor<2xf32>
}

// CHECK-LABEL: @contractions
func.func @contractions() -> (tensor<2x2xf32>, tensor<1x1x2xf32>) {
  // CHECK-DAG: hyb.constant dense<{{\[\[}}7.000000e+00, 1.000000e+01], [1.500000e+01, 2.200000e+01]]>
  // CHECK-DAG: hyb.constant dense<{{\[\[\[}}5.000000e+00, 8.000000e+00]]]>
  %a = hyb.constant dense<[[1.0, 2.0], [3.0, 4.0]]> : tensor<2x2xf32>
  %0 = hyb.matmul %a, %a : (tensor<2x2xf32>, tensor<2x2xf32>) -> tensor<2x2xf32>
  %x = hyb.constant dense<[[[1.0, 2.0, 3.0]]]> : tensor<1x1x3xf32>
  %w = hyb.constant dense<[[[1.0, 2.0]]]> : tensor<1x1x2xf32>
  %1 = hyb.conv %x, %w {strides = array<i64: 1>, pads = array<i64: 0, 0>, dilations = array<i64: 1>} : (tensor<1x1x3xf32>, tensor<1x1x2xf32>) -> tensor<1x1x2xf32>
  return %0, %1 : tensor<2x2xf32>, tensor<1x1x2xf32>
}

// CHECK-LABEL: @reductions
func.func @reductions() -> (tensor<1x1xf32>, tensor<2x1xi64>, tensor<1x1xf32>) {
  // CHECK-DAG: hyb.constant dense<1.000000e+01> : tensor<1x1xf32>
  // CHECK-DAG: hyb.constant dense<1> : tensor<2x1xi64>
  // CHECK-DAG: hyb.constant dense<4.000000e+00> : tensor<1x1xf32>
  %a = hyb.constant dense<[[1.0, 2.0], [3.0, 4.0]]> : tensor<2x2xf32>
  %0 = hyb.reduce sum %a {axes = array<i64: 0, 1>} : (tensor<2x2xf32>) -> tensor<1x1xf32>
  %1 = hyb.reduce argmax %a {axes = array<i64: 1>} : (tensor<2x2xf32>) -> tensor<2x1xi64>
  %2 = hyb.pool max %a {window = array<i64: 2, 2>, strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>} : (tensor<2x2xf32>) -> tensor<1x1xf32>
  return %0, %1, %2 : tensor<1x1xf32>, tensor<2x1xi64>, tensor<1x1xf32>
}

// CHECK-LABEL: @bools
func.func @bools() -> tensor<3xi1> {
  // CHECK-NEXT: hyb.constant dense<[true, false, true]> : tensor<3xi1>
  %a = hyb.constant dense<[false, true, false]> : tensor<3xi1>
  %0 = hyb.map (%a) by [affine_map<(n) -> (n)>] {
  ^bb0(%p: i1):
    %t = arith.constant true
    %s = arith.xori %p, %t : i1
    hyb.yield %s : i1
  } : (tensor<3xi1>) -> tensor<3xi1>
  return %0 : tensor<3xi1>
}
