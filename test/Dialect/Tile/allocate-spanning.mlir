// RUN: hybrid-opt %s -tile-schedule -tile-allocate -tile-verify-allocated | FileCheck %s
// What a block and the loop inside of it both use has scratchpad of its own, below that of the runs.

// CHECK: tile.buffer "scratch" "kept" {address = 0 : i64}
// CHECK: tile.buffer "scratch" "in" {address = 64 : i64}
// CHECK: tile.buffer "scratch" "row" {address = {{64|128}} : i64}
!d = !tile.view<dram f32 [16] strides [1] offset 0>
!s = !tile.view<sram f32 [16] strides [1] offset 0>
tile.program @neg ins 1 outs 1 registers ["f32", "f32"] ["load.f32 r0, 0", "neg.f32 r1, r0", "store.f32 r1, 0"]
%x = tile.buffer "input" "x" : !d
%y = tile.buffer "output" "y" : !d
tile.entry @infer {
  %kept = tile.buffer "scratch" "kept" : !s
  tile.group "g" on "vec" in "f32" because "" {
    %in = tile.buffer "scratch" "in" : !s
    tile.do "copy" ins(%x : !d) outs(%in : !s) {}
    tile.do "vec" ins(%in : !s) outs(%kept : !s) {program = @neg}
  }
  tile.loop 2 trip() while() {
  ^bb0(%i: index):
    tile.group "h" on "vec" in "f32" because "" {
      %row = tile.buffer "scratch" "row" : !s
      tile.do "vec" ins(%kept : !s) outs(%row : !s) {program = @neg}
      tile.do "copy" ins(%row : !s) outs(%y : !d) {}
    }
  }
}
