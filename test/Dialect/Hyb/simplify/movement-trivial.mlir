// RUN: hybrid-opt %s -hyb-canonicalize-movement | FileCheck %s

// CHECK-LABEL: @reduce_ones
func.func @reduce_ones(%x: tensor<2x1xf32>) -> tensor<2x1xf32> {
  // CHECK-NEXT: return %arg0
  %0 = hyb.reduce mean %x {axes = array<i64: 1>} : (tensor<2x1xf32>) -> tensor<2x1xf32>
  return %0 : tensor<2x1xf32>
}

// CHECK-LABEL: @argmax_of_one
func.func @argmax_of_one(%x: tensor<2x1xi64>) -> tensor<2x1xi64> {
  // CHECK-NEXT: hyb.reduce argmax
  %0 = hyb.reduce argmax %x {axes = array<i64: 1>} : (tensor<2x1xi64>) -> tensor<2x1xi64>
  return %0 : tensor<2x1xi64>
}

// CHECK-LABEL: @pool_of_one
func.func @pool_of_one(%x: tensor<1x2x3xf32>) -> tensor<1x2x3xf32> {
  // CHECK-NEXT: return %arg0
  %0 = hyb.pool max %x {window = array<i64: 1, 1, 1>, strides = array<i64: 1, 1, 1>, pads = array<i64: 0, 0, 0, 0, 0, 0>, dilations = array<i64: 1, 1, 1>} : (tensor<1x2x3xf32>) -> tensor<1x2x3xf32>
  return %0 : tensor<1x2x3xf32>
}

// CHECK-LABEL: @unpack_pack
func.func @unpack_pack(%x: tensor<1x32x4xf32>, %y: tensor<2x16xf32>) -> (tensor<1x32x4xf32>, tensor<2x16xf32>) {
  // CHECK-NEXT: return %arg0, %arg1
  %0 = hyb.pack %x {dims = array<i64: 1>, blocks = array<i64: 16>} : (tensor<1x32x4xf32>) -> tensor<1x2x4x16xf32>
  %1 = hyb.unpack %0 {dims = array<i64: 1>, blocks = array<i64: 16>} : (tensor<1x2x4x16xf32>) -> tensor<1x32x4xf32>
  %2 = hyb.unpack %y {dims = array<i64: 0>, blocks = array<i64: 16>} : (tensor<2x16xf32>) -> tensor<32xf32>
  %3 = hyb.pack %2 {dims = array<i64: 0>, blocks = array<i64: 16>} : (tensor<32xf32>) -> tensor<2x16xf32>
  return %1, %3 : tensor<1x32x4xf32>, tensor<2x16xf32>
}

// The padding that unpack cuts off may have held anything: pack makes zeros.
// CHECK-LABEL: @pack_makes_zeros
func.func @pack_makes_zeros(%y: tensor<2x16xf32>) -> tensor<2x16xf32> {
  // CHECK: hyb.pack
  %2 = hyb.unpack %y {dims = array<i64: 0>, blocks = array<i64: 16>} : (tensor<2x16xf32>) -> tensor<20xf32>
  %3 = hyb.pack %2 {dims = array<i64: 0>, blocks = array<i64: 16>} : (tensor<20xf32>) -> tensor<2x16xf32>
  return %3 : tensor<2x16xf32>
}
