// RUN: hybrid-opt %s -hyb-fold-constants | FileCheck %s

// CHECK-LABEL: @round
func.func @round() -> tensor<5xf32> {
  // CHECK-NEXT: hyb.constant dense<[1.000000e+00, -1.000000e+00, 2.000000e+00, -2.000000e+00, 0.000000e+00]> : tensor<5xf32>
  %a = hyb.constant dense<[0.5, -0.5, 1.5, -2.4, 0.49999997]> : tensor<5xf32>
  %0 = hyb.map (%a) by [affine_map<(n) -> (n)>] {
  ^bb0(%p: f32):
    %r = math.round %p : f32
    hyb.yield %r : f32
  } : (tensor<5xf32>) -> tensor<5xf32>
  return %0 : tensor<5xf32>
}

// CHECK-LABEL: @roundeven
func.func @roundeven() -> tensor<4xf32> {
  // CHECK-NEXT: hyb.constant dense<[0.000000e+00, 2.000000e+00, 2.000000e+00, -1.000000e+00]> : tensor<4xf32>
  %a = hyb.constant dense<[0.5, 1.5, 2.5, -0.75]> : tensor<4xf32>
  %0 = hyb.map (%a) by [affine_map<(n) -> (n)>] {
  ^bb0(%p: f32):
    %r = math.roundeven %p : f32
    hyb.yield %r : f32
  } : (tensor<4xf32>) -> tensor<4xf32>
  return %0 : tensor<4xf32>
}

// CHECK-LABEL: @copysign
func.func @copysign() -> tensor<4xf32> {
  // CHECK-NEXT: hyb.constant dense<[-2.000000e+00, 2.000000e+00, -2.000000e+00, 2.000000e+00]> : tensor<4xf32>
  %a = hyb.constant dense<[-0.0, 0.0, -3.0, 4.0]> : tensor<4xf32>
  %0 = hyb.map (%a) by [affine_map<(n) -> (n)>] {
  ^bb0(%p: f32):
    %c = arith.constant -2.0 : f32
    %r = math.copysign %c, %p : f32
    hyb.yield %r : f32
  } : (tensor<4xf32>) -> tensor<4xf32>
  return %0 : tensor<4xf32>
}

// CHECK-LABEL: @maximum_keeps_nan
func.func @maximum_keeps_nan() -> tensor<2xi1> {
  // CHECK-NEXT: hyb.constant dense<[true, false]> : tensor<2xi1>
  %a = hyb.constant dense<[0x7FC00000, 1.0]> : tensor<2xf32>
  %0 = hyb.map (%a) by [affine_map<(n) -> (n)>] {
  ^bb0(%p: f32):
    %c = arith.constant 0.0 : f32
    %m = arith.maximumf %p, %c : f32
    %r = math.isnan %m : f32
    hyb.yield %r : i1
  } : (tensor<2xf32>) -> tensor<2xi1>
  return %0 : tensor<2xi1>
}

// CHECK-LABEL: @maxnum_drops_nan
func.func @maxnum_drops_nan() -> tensor<3xf32> {
  // CHECK-NEXT: hyb.constant dense<[5.000000e-01, 1.000000e+00, 5.000000e-01]> : tensor<3xf32>
  %a = hyb.constant dense<[0x7FC00000, 1.0, -1.0]> : tensor<3xf32>
  %0 = hyb.map (%a) by [affine_map<(n) -> (n)>] {
  ^bb0(%p: f32):
    %c = arith.constant 0.5 : f32
    %r = arith.maxnumf %p, %c : f32
    hyb.yield %r : f32
  } : (tensor<3xf32>) -> tensor<3xf32>
  return %0 : tensor<3xf32>
}

// CHECK-LABEL: @isfinite
func.func @isfinite() -> tensor<3xi1> {
  // CHECK-NEXT: hyb.constant dense<[false, false, true]> : tensor<3xi1>
  %a = hyb.constant dense<[0x7FC00000, 0x7F800000, 1.0]> : tensor<3xf32>
  %0 = hyb.map (%a) by [affine_map<(n) -> (n)>] {
  ^bb0(%p: f32):
    %r = math.isfinite %p : f32
    hyb.yield %r : i1
  } : (tensor<3xf32>) -> tensor<3xi1>
  return %0 : tensor<3xi1>
}

// CHECK-LABEL: @unordered_less
func.func @unordered_less() -> tensor<3xi1> {
  // CHECK-NEXT: hyb.constant dense<[true, true, false]> : tensor<3xi1>
  %a = hyb.constant dense<[0x7FC00000, 0.0, 2.0]> : tensor<3xf32>
  %0 = hyb.map (%a) by [affine_map<(n) -> (n)>] {
  ^bb0(%p: f32):
    %c = arith.constant 1.0 : f32
    %r = arith.cmpf ult, %p, %c : f32
    hyb.yield %r : i1
  } : (tensor<3xf32>) -> tensor<3xi1>
  return %0 : tensor<3xi1>
}

// CHECK-LABEL: @ordered_unequal
func.func @ordered_unequal() -> tensor<3xi1> {
  // CHECK-NEXT: hyb.constant dense<[false, false, true]> : tensor<3xi1>
  %a = hyb.constant dense<[0x7FC00000, 1.0, 2.0]> : tensor<3xf32>
  %0 = hyb.map (%a) by [affine_map<(n) -> (n)>] {
  ^bb0(%p: f32):
    %c = arith.constant 1.0 : f32
    %r = arith.cmpf one, %p, %c : f32
    hyb.yield %r : i1
  } : (tensor<3xf32>) -> tensor<3xi1>
  return %0 : tensor<3xi1>
}

// CHECK-LABEL: @floor_division
func.func @floor_division() -> tensor<4xi32> {
  // CHECK-NEXT: hyb.constant dense<[1, -2, 2, -2]> : tensor<4xi32>
  %a = hyb.constant dense<[7, -7, 8, -8]> : tensor<4xi32>
  %0 = hyb.map (%a) by [affine_map<(n) -> (n)>] {
  ^bb0(%p: i32):
    %c = arith.constant 4 : i32
    %r = arith.floordivsi %p, %c : i32
    hyb.yield %r : i32
  } : (tensor<4xi32>) -> tensor<4xi32>
  return %0 : tensor<4xi32>
}

// CHECK-LABEL: @ceil_division
func.func @ceil_division() -> tensor<4xi32> {
  // CHECK-NEXT: hyb.constant dense<[2, -1, 2, -2]> : tensor<4xi32>
  %a = hyb.constant dense<[7, -7, 8, -8]> : tensor<4xi32>
  %0 = hyb.map (%a) by [affine_map<(n) -> (n)>] {
  ^bb0(%p: i32):
    %c = arith.constant 4 : i32
    %r = arith.ceildivsi %p, %c : i32
    hyb.yield %r : i32
  } : (tensor<4xi32>) -> tensor<4xi32>
  return %0 : tensor<4xi32>
}

// CHECK-LABEL: @unsigned_order
func.func @unsigned_order() -> tensor<2xi1> {
  // CHECK-NEXT: hyb.constant dense<[true, false]> : tensor<2xi1>
  %a = hyb.constant dense<[-1, 1]> : tensor<2xi8>
  %0 = hyb.map (%a) by [affine_map<(n) -> (n)>] {
  ^bb0(%p: i8):
    %c = arith.constant 2 : i8
    %r = arith.cmpi ugt, %p, %c : i8
    hyb.yield %r : i1
  } : (tensor<2xi8>) -> tensor<2xi1>
  return %0 : tensor<2xi1>
}

// CHECK-LABEL: @signed_order
func.func @signed_order() -> tensor<2xi1> {
  // CHECK-NEXT: hyb.constant dense<true> : tensor<2xi1>
  %a = hyb.constant dense<[255, 1]> : tensor<2xui8>
  %0 = hyb.map (%a) by [affine_map<(n) -> (n)>] {
  ^bb0(%p: i8):
    %c = arith.constant 2 : i8
    %r = arith.cmpi slt, %p, %c : i8
    hyb.yield %r : i1
  } : (tensor<2xui8>) -> tensor<2xi1>
  return %0 : tensor<2xi1>
}

// CHECK-LABEL: @shifts
func.func @shifts() -> tensor<1xi8> {
  // CHECK-NEXT: hyb.constant dense<120> : tensor<1xi8>
  %a = hyb.constant dense<[-8]> : tensor<1xi8>
  %0 = hyb.map (%a) by [affine_map<(n) -> (n)>] {
  ^bb0(%p: i8):
    %c = arith.constant 1 : i8
    %u = arith.shrui %p, %c : i8
    %s = arith.shrsi %p, %c : i8
    %r = arith.addi %u, %s : i8
    hyb.yield %r : i8
  } : (tensor<1xi8>) -> tensor<1xi8>
  return %0 : tensor<1xi8>
}

// CHECK-LABEL: @truncation_to_bool
func.func @truncation_to_bool() -> tensor<2xi1> {
  // CHECK-NEXT: hyb.constant dense<[false, true]> : tensor<2xi1>
  %a = hyb.constant dense<[2, 3]> : tensor<2xi32>
  %0 = hyb.map (%a) by [affine_map<(n) -> (n)>] {
  ^bb0(%p: i32):
    %r = arith.trunci %p : i32 to i1
    hyb.yield %r : i1
  } : (tensor<2xi32>) -> tensor<2xi1>
  return %0 : tensor<2xi1>
}

// CHECK-LABEL: @bool_as_number
func.func @bool_as_number() -> tensor<2xi32> {
  // CHECK-NEXT: hyb.constant dense<[9, 0]> : tensor<2xi32>
  %a = hyb.constant dense<[true, false]> : tensor<2xi1>
  %0 = hyb.map (%a) by [affine_map<(n) -> (n)>] {
  ^bb0(%p: i1):
    %s = arith.extsi %p : i1 to i32
    %u = arith.extui %p : i1 to i32
    %c = arith.constant 10 : i32
    %m = arith.muli %u, %c : i32
    %r = arith.addi %s, %m : i32
    hyb.yield %r : i32
  } : (tensor<2xi1>) -> tensor<2xi32>
  return %0 : tensor<2xi32>
}

// CHECK-LABEL: @saturating_conversion
func.func @saturating_conversion() -> tensor<3xui8> {
  // CHECK-NEXT: hyb.constant dense<[255, 0, 2]> : tensor<3xui8>
  %a = hyb.constant dense<[300.0, -1.0, 2.7]> : tensor<3xf32>
  %0 = hyb.map (%a) by [affine_map<(n) -> (n)>] {
  ^bb0(%p: f32):
    %r = arith.fptoui %p : f32 to i8
    hyb.yield %r : i8
  } : (tensor<3xf32>) -> tensor<3xui8>
  return %0 : tensor<3xui8>
}

// CHECK-LABEL: @rounding_to_bf16
func.func @rounding_to_bf16() -> tensor<2xf32> {
  // CHECK-NEXT: hyb.constant dense<[1.000000e+00, 1.015625]> : tensor<2xf32>
  %a = hyb.constant dense<[1.00390625, 1.01171875]> : tensor<2xf32>
  %0 = hyb.map (%a) by [affine_map<(n) -> (n)>] {
  ^bb0(%p: f32):
    %b = arith.truncf %p : f32 to bf16
    %r = arith.extf %b : bf16 to f32
    hyb.yield %r : f32
  } : (tensor<2xf32>) -> tensor<2xf32>
  return %0 : tensor<2xf32>
}

// CHECK-LABEL: @sigmoid
func.func @sigmoid() -> tensor<1xf32> {
  // CHECK-NEXT: hyb.constant dense<5.000000e-01> : tensor<1xf32>
  %a = hyb.constant dense<[0.0]> : tensor<1xf32>
  %0 = hyb.map (%a) by [affine_map<(n) -> (n)>] {
  ^bb0(%p: f32):
    %c = arith.constant 1.0 : f32
    %n = arith.negf %p : f32
    %e = math.exp %n : f32
    %s = arith.addf %e, %c : f32
    %r = arith.divf %c, %s : f32
    hyb.yield %r : f32
  } : (tensor<1xf32>) -> tensor<1xf32>
  return %0 : tensor<1xf32>
}
