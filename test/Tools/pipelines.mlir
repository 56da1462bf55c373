// The phases under names of their own: one after another, they are what hybridc does.
// RUN: hybrid-opt %s --hyb-simplify --hyb-fuse="precision=exact" --hyb-decide="precision=exact" --hyb-lower="precision=exact" -o %t.steps.mlir
// RUN: hybrid-opt %s --hyb-compile="precision=exact" -o %t.whole.mlir
// RUN: diff %t.steps.mlir %t.whole.mlir
// RUN: FileCheck %s < %t.whole.mlir
// Options go where they belong; what is wrong with them is said as in the pass.
// RUN: hybrid-opt %s --hyb-fuse --hyb-decide="place=neg=vec target=isaac" | FileCheck %s --check-prefix=PLACE
// RUN: not hybrid-opt %s --hyb-compile="target=nowhere" 2>&1 | FileCheck %s --check-prefix=TARGET

// CHECK: cmd.program
// CHECK-NOT: hyb.
// PLACE: hyb.group "neg"
// PLACE: reason = "vec: {{.*}}"
// TARGET: error: {{.*}}nowhere
func.func @infer(%x: tensor<4xf32> {hyb.name = "x"}) -> (tensor<4xf32> {hyb.name = "y"}) {
  %y = hyb.map (%x) by [affine_map<(i) -> (i)>] {
  ^bb0(%a: f32):
    %n = arith.negf %a : f32
    hyb.yield %n : f32
  } : (tensor<4xf32>) -> tensor<4xf32> loc("neg"("Neg"))
  return %y : tensor<4xf32>
}
