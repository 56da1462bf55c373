// RUN: hybrid-opt %s -hyb-to-tile | FileCheck %s
// 300 × 400 weights need 2 × 2 arrays of 256 × 256; the entry "program" writes them, column scales with them, and
// one mvm command drives all four.

// CHECK: tile.array @a0 "pcm" rows 256 cols 256 slices 1 {{.*}} at 0
// CHECK: tile.array @a1 "pcm" rows 256 cols 144 slices 1 {{.*}} at 1
// CHECK: tile.array @a2 "pcm" rows 44 cols 256 slices 1 {{.*}} at 2
// CHECK: tile.array @a3 "pcm" rows 44 cols 144 slices 1 {{.*}} at 3
// CHECK: tile.entry @program
// CHECK-COUNT-4: tile.do "program_array"
// CHECK: tile.entry @infer
// CHECK: tile.group "fc" on "pcm" in "analog"
// CHECK: tile.do "mvm" {{.*}}arrays = [@a0, @a1, @a2, @a3]{{.*}}k_offsets = array<i64: 0, 0, 256, 256>, n_offsets = array<i64: 0, 256, 0, 256>
func.func @infer(%x: tensor<2x300xf32> {hyb.name = "x"}) -> (tensor<2x400xf32> {hyb.name = "y"}) {
  %w = hyb.constant dense<0.5> : tensor<300x400xf32>
  %y = hyb.group "fc"(%x, %w) {
  ^bb0(%a: tensor<2x300xf32>, %b: tensor<300x400xf32>):
    %c = hyb.matmul %a, %b : (tensor<2x300xf32>, tensor<300x400xf32>) -> tensor<2x400xf32>
    hyb.yield %c : tensor<2x400xf32>
  } {place = #hyb.place<"array", "pcm", "analog">, reason = "asked for"} : (tensor<2x300xf32>, tensor<300x400xf32>) -> tensor<2x400xf32>
  return %y : tensor<2x400xf32>
}
