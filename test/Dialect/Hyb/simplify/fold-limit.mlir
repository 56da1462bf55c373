// RUN: hybrid-opt %s -hyb-fold-constants | FileCheck %s
// RUN: hybrid-opt %s -hyb-fold-constants=limit=1000000 | FileCheck %s --check-prefix=MORE

// A broadcast constant stays a map: it would only make the program larger.
// CHECK-LABEL: @broadcast
// MORE-LABEL: @broadcast
func.func @broadcast() -> tensor<100x1000xf32> {
  // CHECK: hyb.map
  // MORE-NOT: hyb.map
  // MORE: hyb.constant dense_resource<folded> : tensor<100x1000xf32>
  %a = hyb.constant dense<[0.0, 1.0]> : tensor<2xf32>
  %s = hyb.slice %a {offsets = array<i64: 0>, steps = array<i64: 1>} : (tensor<2xf32>) -> tensor<1xf32>
  %0 = hyb.map (%s) by [affine_map<(n,c) -> (0)>] {
  ^bb0(%p: f32):
    %i = hyb.index 1
    %f = arith.sitofp %i : i64 to f32
    %r = arith.addf %f, %p : f32
    hyb.yield %r : f32
  } : (tensor<1xf32>) -> tensor<100x1000xf32>
  return %0 : tensor<100x1000xf32>
}

// An index out of range is an error at run time, not while compiling.
// CHECK-LABEL: @out_of_range
func.func @out_of_range() -> tensor<1xf32> {
  // CHECK: hyb.gather
  %a = hyb.constant dense<[0.0, 1.0]> : tensor<2xf32>
  %i = hyb.constant dense<5> : tensor<1xi64>
  %0 = hyb.gather %a, %i {axis = 0 : i64} : (tensor<2xf32>, tensor<1xi64>) -> tensor<1xf32>
  return %0 : tensor<1xf32>
}

// CHECK-LABEL: @unknown_kernel
func.func @unknown_kernel() -> tensor<2xf32> {
  // CHECK: hyb.host "no_such_kernel"
  %a = hyb.constant dense<[0.0, 1.0]> : tensor<2xf32>
  %0 = hyb.host "no_such_kernel"(%a) : (tensor<2xf32>) -> tensor<2xf32>
  return %0 : tensor<2xf32>
}
