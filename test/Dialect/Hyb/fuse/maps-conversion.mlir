// RUN: hybrid-opt %s -hyb-fuse-maps | FileCheck %s
// RUN: hybrid-opt %s -hyb-fuse-maps=max-ops=2 | FileCheck %s --check-prefix=FEW

#id = affine_map<(n) -> (n)>
// A conversion is repeated in each of its users; limits are kept.
// CHECK-LABEL: @conversion
// FEW-LABEL: @conversion
func.func @conversion(%x: tensor<4xi8>) -> (tensor<4xf32>, tensor<4xf32>) {
  // CHECK-COUNT-2: arith.sitofp
  // CHECK-NOT: hyb.map(%0)
  // FEW-COUNT-3: hyb.map
  %0 = hyb.map (%x) by [#id] {
  ^bb0(%p: i8):
    %r = arith.sitofp %p : i8 to f32
    hyb.yield %r : f32
  } : (tensor<4xi8>) -> tensor<4xf32>
  %1 = hyb.map (%0) by [#id] {
  ^bb0(%p: f32):
    %r = math.exp %p : f32
    hyb.yield %r : f32
  } : (tensor<4xf32>) -> tensor<4xf32>
  %2 = hyb.map (%0) by [#id] {
  ^bb0(%p: f32):
    %r = math.sin %p : f32
    hyb.yield %r : f32
  } : (tensor<4xf32>) -> tensor<4xf32>
  return %1, %2 : tensor<4xf32>, tensor<4xf32>
}

// Every intermediate keeps its type: rounding to bf16 in between stays.
// CHECK-LABEL: @types
func.func @types(%x: tensor<4xf32>) -> tensor<4xf32> {
  // CHECK: hyb.map(%arg0)
  // CHECK: arith.truncf %{{.*}} : f32 to bf16
  // CHECK: arith.extf %{{.*}} : bf16 to f32
  // CHECK-NOT: hyb.map
  %0 = hyb.map (%x) by [#id] {
  ^bb0(%p: f32):
    %r = arith.truncf %p : f32 to bf16
    hyb.yield %r : bf16
  } : (tensor<4xf32>) -> tensor<4xbf16>
  %1 = hyb.map (%0) by [#id] {
  ^bb0(%p: bf16):
    %r = arith.extf %p : bf16 to f32
    hyb.yield %r : f32
  } : (tensor<4xbf16>) -> tensor<4xf32>
  return %1 : tensor<4xf32>
}
