// RUN: hybrid-opt %s -hyb-f32-contractions | FileCheck %s --check-prefixes=CHECK,ALL
// RUN: hybrid-opt %s -hyb-f32-contractions=constant-only | FileCheck %s --check-prefixes=CHECK,SOME
// RUN: hybrid-opt %s -hyb-f32-contractions=keep-bf16 | FileCheck %s --check-prefixes=CHECK,KEEP

// Constants are converted at once, values by maps.
// CHECK-LABEL: @half
// CHECK-DAG: hyb.constant dense<1.500000e+00> : tensor<4x3xf32>
// CHECK-DAG: arith.extf {{.*}} f16 to f32
// CHECK-DAG: hyb.matmul {{.*}}tensor<2x4xf32>, tensor<4x3xf32>) -> tensor<2x3xf32>
// CHECK: arith.truncf {{.*}} f32 to f16
func.func @half(%x: tensor<2x4xf16>) -> tensor<2x3xf16> {
  %w = hyb.constant dense<1.5> : tensor<4x3xf16>
  %0 = hyb.matmul %x, %w : (tensor<2x4xf16>, tensor<4x3xf16>) -> tensor<2x3xf16>
  return %0 : tensor<2x3xf16>
}

// CHECK-LABEL: @variable
// ALL: hyb.matmul {{.*}}tensor<2x4xf32>, tensor<4x3xf32>) -> tensor<2x3xf32>
// SOME: hyb.matmul {{.*}}tensor<2x4xf64>, tensor<4x3xf64>) -> tensor<2x3xf64>
// KEEP: hyb.matmul {{.*}}tensor<2x4xf32>
func.func @variable(%x: tensor<2x4xf64>, %w: tensor<4x3xf64>) -> tensor<2x3xf64> {
  %0 = hyb.matmul %x, %w : (tensor<2x4xf64>, tensor<4x3xf64>) -> tensor<2x3xf64>
  return %0 : tensor<2x3xf64>
}

// A sum that is f32 already needs no way back.
// CHECK-LABEL: @brain
// ALL: hyb.matmul {{.*}}tensor<2x4xf32>
// KEEP: hyb.matmul {{.*}}tensor<2x4xbf16>
// CHECK-NOT: arith.truncf
// CHECK: return
func.func @brain(%x: tensor<2x4xbf16>) -> tensor<2x3xf32> {
  %w = hyb.constant dense<1.5> : tensor<4x3xbf16>
  %0 = hyb.matmul %x, %w : (tensor<2x4xbf16>, tensor<4x3xbf16>) -> tensor<2x3xf32>
  return %0 : tensor<2x3xf32>
}
