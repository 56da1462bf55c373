// RUN: hybrid-opt %s -hyb-fold-constants -o %t.mlir
// RUN: hybrid-opt %t.mlir -hyb-layout | FileCheck %s
// RUN: hybrid-opt %t.mlir -hyb-fold-constants='groups limit=10000000' > %t.plain
// RUN: hybrid-opt %t.mlir -hyb-layout -hyb-verify-laid-out -hyb-fold-constants='groups limit=10000000' > %t.blocked
// RUN: sed 's/folded_[0-9]*/folded/g;/^module/d' %t.plain > %t.plain2
// RUN: sed 's/folded_[0-9]*/folded/g;/^module/d' %t.blocked > %t.blocked2
// RUN: diff %t.plain2 %t.blocked2

// Both layouts compute the same: the inputs are constants, so that the outputs are folded and compared.
// CHECK: hyb.group "a"
// CHECK: hyb.concat {{.*}} : (tensor<1x2x4x4x16xf32>, tensor<1x1x4x4x16xf32>) -> tensor<1x3x4x4x16xf32>
// CHECK: hyb.group "c"
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
  } : () -> tensor<1x16x4x4xf32>
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
  } : () -> tensor<32x16x1x1xf32>
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
  } : () -> tensor<16x48x1x1xf32>
  %1 = hyb.group "a" (%x, %w1) {
  ^bb0(%a0: tensor<1x16x4x4xf32>, %a1: tensor<32x16x1x1xf32>):
    %y = hyb.conv %a0, %a1 {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>} : (tensor<1x16x4x4xf32>, tensor<32x16x1x1xf32>) -> tensor<1x32x4x4xf32>
    hyb.yield %y : tensor<1x32x4x4xf32>
  } {place = #hyb.place<"mac", "", "f32">} : (tensor<1x16x4x4xf32>, tensor<32x16x1x1xf32>) -> tensor<1x32x4x4xf32> loc("a"("X"))
  %2 = hyb.group "cat" (%1, %x) {
  ^bb0(%a0: tensor<1x32x4x4xf32>, %a1: tensor<1x16x4x4xf32>):
    %y = hyb.concat %a0, %a1 {axis = 1 : i64} : (tensor<1x32x4x4xf32>, tensor<1x16x4x4xf32>) -> tensor<1x48x4x4xf32>
    hyb.yield %y : tensor<1x48x4x4xf32>
  } {place = #hyb.place<"dma", "", "f32">} : (tensor<1x32x4x4xf32>, tensor<1x16x4x4xf32>) -> tensor<1x48x4x4xf32> loc("cat"("X"))
  %3 = hyb.group "c" (%2, %w2) {
  ^bb0(%a0: tensor<1x48x4x4xf32>, %a1: tensor<16x48x1x1xf32>):
    %y = hyb.conv %a0, %a1 {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>} : (tensor<1x48x4x4xf32>, tensor<16x48x1x1xf32>) -> tensor<1x16x4x4xf32>
    hyb.yield %y : tensor<1x16x4x4xf32>
  } {place = #hyb.place<"mac", "", "f32">} : (tensor<1x48x4x4xf32>, tensor<16x48x1x1xf32>) -> tensor<1x16x4x4xf32> loc("c"("X"))
  return %3 : tensor<1x16x4x4xf32>
}
