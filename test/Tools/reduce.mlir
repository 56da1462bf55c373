// hybrid-reduce leaves what the script looks for, and what that cannot do without.
// RUN: hybrid-reduce %s -reduction-tree="traversal-mode=0 test=%S/Inputs/has.sh test-arg=%build_root/bin/hybrid-opt,hyb.transpose" -o %t.mlir
// RUN: FileCheck %s --input-file=%t.mlir
// CHECK: module {
// CHECK-NEXT: func.func @infer(%[[X:.*]]: tensor<8x4xf32>) -> tensor<4x8xf32> {
// CHECK-NEXT: %[[T:.*]] = hyb.transpose %[[X]] {perm = array<i64: 1, 0>}
// CHECK-NEXT: return %[[T]]
// CHECK-NEXT: }
// CHECK-NEXT: }

// Inside of a map too: its scalars, with no value from before left to compute them from.
// RUN: hybrid-reduce %s -reduction-tree="traversal-mode=0 test=%S/Inputs/has.sh test-arg=%build_root/bin/hybrid-opt,math.exp" -o %t.exp.mlir
// RUN: FileCheck %s --input-file=%t.exp.mlir --check-prefix=EXP
// EXP-NOT: hyb.conv
// EXP-NOT: tanh
// EXP: hyb.map
// EXP-NEXT: ^bb0(%[[P:[a-z0-9]+]]: f32, %{{[a-z0-9]+}}: f32):
// EXP-NEXT: %[[E:.*]] = math.exp %[[P]]
// EXP-NEXT: hyb.yield %[[E]]
// EXP-NOT: hyb.{{slice|transpose|pool}}

// By passes: the smallest text that still holds it.
// RUN: hybrid-reduce %s -opt-reduction-pass="opt-pass=symbol-dce test=%S/Inputs/has.sh test-arg=%build_root/bin/hybrid-opt,hyb.transpose" | FileCheck %s --check-prefix=DCE
// DCE-NOT: @helper
// DCE: @infer

// Not interesting to begin with: says so, and reduces nothing.
// RUN: not hybrid-reduce %s -reduction-tree="traversal-mode=0 test=%S/Inputs/has.sh test-arg=%build_root/bin/hybrid-opt,hyb.gather" 2>&1 | FileCheck %s --check-prefix=NOT
// NOT: hybrid-reduce: error: nothing was written; {{.*}}the script did not find the whole file interesting

func.func private @helper(%x: tensor<1x3x8x8xf32>, %w: tensor<4x3x3x3xf32>) -> tensor<1x4x2x2xf32> {
  %0 = hyb.conv %x, %w {strides = array<i64: 2, 2>, pads = array<i64: 1, 1, 1, 1>, dilations = array<i64: 1, 1>} : (tensor<1x3x8x8xf32>, tensor<4x3x3x3xf32>) -> tensor<1x4x4x4xf32>
  %1 = hyb.pool mean %0 {window = array<i64: 1, 1, 2, 2>, strides = array<i64: 1, 1, 2, 2>, pads = array<i64: 0, 0, 0, 0, 0, 0, 0, 0>, dilations = array<i64: 1, 1, 1, 1>, count_pad} : (tensor<1x4x4x4xf32>) -> tensor<1x4x2x2xf32>
  return %1 : tensor<1x4x2x2xf32>
}
func.func @other(%x: tensor<4xf32>, %y: tensor<4xf32>) -> tensor<4xf32> {
  %0 = hyb.map (%x, %y) by [affine_map<(n) -> (n)>, affine_map<(n) -> (n)>] {
  ^bb0(%p: f32, %q: f32):
    %r = arith.addf %p, %q : f32
    hyb.yield %r : f32
  } : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  return %0 : tensor<4xf32>
}
func.func @infer(%x: tensor<8x4xf32>) -> tensor<4x8xf32> {
  %0 = hyb.slice %x {offsets = array<i64: 7, 0>, steps = array<i64: -1, 1>} : (tensor<8x4xf32>) -> tensor<8x4xf32>
  %1 = hyb.map (%0) by [affine_map<(n,c) -> (n,c)>] {
  ^bb0(%p: f32):
    %a = math.tanh %p : f32
    %b = arith.mulf %a, %a : f32
    hyb.yield %b : f32
  } : (tensor<8x4xf32>) -> tensor<8x4xf32>
  %2 = hyb.transpose %1 {perm = array<i64: 1, 0>} : (tensor<8x4xf32>) -> tensor<4x8xf32>
  %3 = hyb.map (%2, %2) by [affine_map<(n,c) -> (n,c)>, affine_map<(n,c) -> (n,c)>] {
  ^bb0(%p: f32, %q: f32):
    %a = arith.addf %p, %q : f32
    %b = math.exp %a : f32
    %c = math.sqrt %b : f32
    hyb.yield %c : f32
  } : (tensor<4x8xf32>, tensor<4x8xf32>) -> tensor<4x8xf32>
  %4 = hyb.slice %3 {offsets = array<i64: 3, 0>, steps = array<i64: -1, 1>} : (tensor<4x8xf32>) -> tensor<4x8xf32>
  return %4 : tensor<4x8xf32>
}
