// RUN: hybrid-opt %s -hyb-form-groups -hyb-partition='precision=exact' -o %t.mlir
// RUN: hybrid-opt %t.mlir --load-pass-plugin=%plugin --pass-pipeline='builtin.module(engine-summary)' 2>&1 | FileCheck %s

// CHECK: remark: groups by engine: vec 1
func.func @f(%x: tensor<4xf32>) -> tensor<4xf32> {
  %y = hyb.map (%x) by [affine_map<(i) -> (i)>] {
  ^bb0(%a: f32):
    %n = arith.negf %a : f32
    hyb.yield %n : f32
  } : (tensor<4xf32>) -> tensor<4xf32> loc("neg"("Neg"))
  return %y : tensor<4xf32>
}
