// RUN: hybrid-opt %s -hyb-fold-scale -hyb-fold-constants -hyb-canonicalize-movement | FileCheck %s

// Scaled and negated: a - y * 2 with one factor for all channels.
// CHECK-LABEL: @reversed
func.func @reversed(%x: tensor<4x1xf32>) -> tensor<4x2xf32> {
  // CHECK-DAG: %[[W:.*]] = hyb.constant dense<{{\[\[}}-2.000000e+00, -6.000000e+00]]> : tensor<1x2xf32>
  // CHECK: hyb.matmul %arg0, %[[W]]
  // CHECK: arith.addf
  // CHECK-NOT: arith.subf
  %w = hyb.constant dense<[[1.0, 3.0]]> : tensor<1x2xf32>
  %k = hyb.constant dense<[5.0, 7.0]> : tensor<2xf32>
  %0 = hyb.matmul %x, %w : (tensor<4x1xf32>, tensor<1x2xf32>) -> tensor<4x2xf32>
  %1 = hyb.map (%0, %k) by [affine_map<(n,c) -> (n,c)>, affine_map<(n,c) -> (c)>] {
  ^bb0(%y: f32, %a: f32):
    %c = arith.constant 2.0 : f32
    %p = arith.mulf %y, %c : f32
    %q = arith.subf %a, %p : f32
    hyb.yield %q : f32
  } : (tensor<4x2xf32>, tensor<2xf32>) -> tensor<4x2xf32>
  return %1 : tensor<4x2xf32>
}
