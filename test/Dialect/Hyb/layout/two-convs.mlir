// RUN: hybrid-opt %s -hyb-fold-constants -o %t.mlir
// RUN: hybrid-opt %t.mlir -hyb-layout | FileCheck %s
// RUN: hybrid-opt %t.mlir -hyb-fold-constants='groups limit=10000000' > %t.plain
// RUN: hybrid-opt %t.mlir -hyb-layout -hyb-verify-laid-out -hyb-fold-constants='groups limit=10000000' > %t.blocked
// RUN: sed 's/folded_[0-9]*/folded/g;/^module/d' %t.plain > %t.plain2
// RUN: sed 's/folded_[0-9]*/folded/g;/^module/d' %t.blocked > %t.blocked2
// RUN: diff %t.plain2 %t.blocked2

// Both layouts compute the same: the inputs are constants, so that the outputs are folded and compared.
// CHECK: hyb.group "a"
// CHECK: hyb.conv {{.*}}y_block = 16 : i64} : (tensor<1x3x8x8xf32>, tensor<2x3x3x3x16xf32>)
// CHECK: hyb.group "b"
// CHECK: hyb.conv {{.*}}x_block = 16 : i64, y_block = 16 : i64} : (tensor<1x2x8x8x16xf32>, tensor<1x2x3x3x16x16xf32>)
// CHECK: hyb.group "b.unpack"
func.func @net() -> (tensor<1x16x4x4xf32>) {
  %x = hyb.map () by [] {
    %m = arith.constant 7 : i64
    %k = arith.constant 11 : i64
    %acc0 = arith.constant 0 : i64
    %i0 = hyb.index 0
    %p0 = arith.muli %acc0, %m : i64
    %acc1 = arith.addi %p0, %i0 : i64
    %i1 = hyb.index 1
    %p1 = arith.muli %acc1, %m : i64
    %acc2 = arith.addi %p1, %i1 : i64
    %i2 = hyb.index 2
    %p2 = arith.muli %acc2, %m : i64
    %acc3 = arith.addi %p2, %i2 : i64
    %i3 = hyb.index 3
    %p3 = arith.muli %acc3, %m : i64
    %acc4 = arith.addi %p3, %i3 : i64
    %r = arith.remsi %acc4, %k : i64
    %h = arith.constant 5 : i64
    %c = arith.subi %r, %h : i64
    %f = arith.sitofp %c : i64 to f32
    hyb.yield %f : f32
  } : () -> tensor<1x3x8x8xf32>
  %w1 = hyb.map () by [] {
    %m = arith.constant 5 : i64
    %k = arith.constant 7 : i64
    %acc0 = arith.constant 0 : i64
    %i0 = hyb.index 0
    %p0 = arith.muli %acc0, %m : i64
    %acc1 = arith.addi %p0, %i0 : i64
    %i1 = hyb.index 1
    %p1 = arith.muli %acc1, %m : i64
    %acc2 = arith.addi %p1, %i1 : i64
    %i2 = hyb.index 2
    %p2 = arith.muli %acc2, %m : i64
    %acc3 = arith.addi %p2, %i2 : i64
    %i3 = hyb.index 3
    %p3 = arith.muli %acc3, %m : i64
    %acc4 = arith.addi %p3, %i3 : i64
    %r = arith.remsi %acc4, %k : i64
    %h = arith.constant 3 : i64
    %c = arith.subi %r, %h : i64
    %f = arith.sitofp %c : i64 to f32
    hyb.yield %f : f32
  } : () -> tensor<32x3x3x3xf32>
  %b1 = hyb.map () by [] {
    %m = arith.constant 3 : i64
    %k = arith.constant 5 : i64
    %acc0 = arith.constant 0 : i64
    %i0 = hyb.index 0
    %p0 = arith.muli %acc0, %m : i64
    %acc1 = arith.addi %p0, %i0 : i64
    %r = arith.remsi %acc1, %k : i64
    %h = arith.constant 2 : i64
    %c = arith.subi %r, %h : i64
    %f = arith.sitofp %c : i64 to f32
    hyb.yield %f : f32
  } : () -> tensor<32xf32>
  %w2 = hyb.map () by [] {
    %m = arith.constant 3 : i64
    %k = arith.constant 5 : i64
    %acc0 = arith.constant 1 : i64
    %i0 = hyb.index 0
    %p0 = arith.muli %acc0, %m : i64
    %acc1 = arith.addi %p0, %i0 : i64
    %i1 = hyb.index 1
    %p1 = arith.muli %acc1, %m : i64
    %acc2 = arith.addi %p1, %i1 : i64
    %i2 = hyb.index 2
    %p2 = arith.muli %acc2, %m : i64
    %acc3 = arith.addi %p2, %i2 : i64
    %i3 = hyb.index 3
    %p3 = arith.muli %acc3, %m : i64
    %acc4 = arith.addi %p3, %i3 : i64
    %r = arith.remsi %acc4, %k : i64
    %h = arith.constant 2 : i64
    %c = arith.subi %r, %h : i64
    %f = arith.sitofp %c : i64 to f32
    hyb.yield %f : f32
  } : () -> tensor<16x32x3x3xf32>
  %1 = hyb.group "a" (%x, %w1, %b1) {
  ^bb0(%a0: tensor<1x3x8x8xf32>, %a1: tensor<32x3x3x3xf32>, %a2: tensor<32xf32>):
    %y = hyb.conv %a0, %a1 {strides = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>, dilations = array<i64: 1, 1>} : (tensor<1x3x8x8xf32>, tensor<32x3x3x3xf32>) -> tensor<1x32x8x8xf32>
    %r = hyb.map (%y, %a2) by [affine_map<(n,c,h,w) -> (n,c,h,w)>, affine_map<(n,c,h,w) -> (c)>] {
    ^bb0(%p: f32, %q: f32):
      %s = arith.addf %p, %q : f32
      %z = arith.constant 0.0 : f32
      %t = arith.maximumf %s, %z : f32
      hyb.yield %t : f32
    } : (tensor<1x32x8x8xf32>, tensor<32xf32>) -> tensor<1x32x8x8xf32>
    hyb.yield %r : tensor<1x32x8x8xf32>
  } {place = #hyb.place<"mac", "", "f32">} : (tensor<1x3x8x8xf32>, tensor<32x3x3x3xf32>, tensor<32xf32>) -> tensor<1x32x8x8xf32> loc("a"("X"))
  %2 = hyb.group "b" (%1, %w2) {
  ^bb0(%a0: tensor<1x32x8x8xf32>, %a1: tensor<16x32x3x3xf32>):
    %y = hyb.conv %a0, %a1 {strides = array<i64: 2, 2>, pads = array<i64: 1, 1, 1, 1>, dilations = array<i64: 1, 1>} : (tensor<1x32x8x8xf32>, tensor<16x32x3x3xf32>) -> tensor<1x16x4x4xf32>
    hyb.yield %y : tensor<1x16x4x4xf32>
  } {place = #hyb.place<"mac", "", "f32">} : (tensor<1x32x8x8xf32>, tensor<16x32x3x3xf32>) -> tensor<1x16x4x4xf32> loc("b"("X"))
  return %2 : tensor<1x16x4x4xf32>
}
