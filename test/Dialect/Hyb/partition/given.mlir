// RUN: hybrid-opt %s -hyb-partition | FileCheck %s
// RUN: hybrid-opt %s -hyb-partition='place=f*=mac' | FileCheck %s --check-prefix=GLOB
// RUN: sed 's/"f32">/"f64">/' %s > %t.mlir
// RUN: not hybrid-opt %t.mlir -hyb-partition 2>&1 | FileCheck %s --check-prefix=WRONG

// A place that the text has is kept; an option that names the node wins, also by a pattern.
// CHECK: module attributes {hyb.phase = "partition"}
// CHECK: place = #hyb.place<"mac", "", "f32">, reason = "mac f32: asked for by the group's place"
// CHECK: place = #hyb.place<"array", "pcm", "analog">
// GLOB: reason = "mac f32: asked for by {{.*}}"
// GLOB: place = #hyb.place<"mac", "", "bf16">, reason = "{{.*}}asked for by --place f*=mac"
// WRONG: error: {{.*}}node 'fc' (MatMul): cannot be at the place that it has, #hyb.place<"mac", "", "f64">
func.func @fc(%x: tensor<1x8xf32>) -> tensor<1x8xf32> {
  %w = hyb.constant dense<0.5> : tensor<8x8xf32>
  %0 = hyb.group "fc" (%x, %w) {
  ^bb0(%a: tensor<1x8xf32>, %b: tensor<8x8xf32>):
    %y = hyb.matmul %a, %b : (tensor<1x8xf32>, tensor<8x8xf32>) -> tensor<1x8xf32> loc("fc"("MatMul"))
    hyb.yield %y : tensor<1x8xf32>
  } {place = #hyb.place<"mac", "", "f32">} : (tensor<1x8xf32>, tensor<8x8xf32>) -> tensor<1x8xf32> loc("fc"("MatMul"))
  %1 = hyb.group "fd" (%0, %w) {
  ^bb0(%a: tensor<1x8xf32>, %b: tensor<8x8xf32>):
    %y = hyb.matmul %a, %b : (tensor<1x8xf32>, tensor<8x8xf32>) -> tensor<1x8xf32> loc("fd"("MatMul"))
    hyb.yield %y : tensor<1x8xf32>
  } : (tensor<1x8xf32>, tensor<8x8xf32>) -> tensor<1x8xf32> loc("fd"("MatMul"))
  return %1 : tensor<1x8xf32>
}
