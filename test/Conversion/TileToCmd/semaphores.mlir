// RUN: hybrid-opt %s -tile-schedule -tile-allocate -tile-to-cmd | FileCheck %s
// The vector program waits for the load, the store for the vector program; nothing waits twice.

// CHECK: cmd.program model "" target "hybrid-edge"
// CHECK: cmd.dram "input x" "scratch" at 0 bytes 32
// CHECK: cmd.vec_program "neg"
// CHECK: cmd.origin "relu1" "Relu" group "g" on "vec" in "f32" because "why"
// CHECK: cmd.entry "infer"
// CHECK-NEXT: cmd.bind "input" "x" <dram f32 at 0 [8] strides [1] steps []>
// CHECK-NEXT: cmd.bind "output" "y" <dram f32 at 64 [8] strides [1] steps []>
// CHECK-NEXT: cmd.segment semaphores 3
// CHECK-NEXT: cmd.queue "dma0"
// CHECK-NEXT: cmd.do "copy" {{.*}} waits [] signals [0] from 0
// CHECK: cmd.queue "dma3"
// CHECK-NEXT: cmd.do "copy" {{.*}} waits [#cmd.wait<2, 1>] signals [] from 0
// CHECK: cmd.queue "vec"
// CHECK-NEXT: cmd.do "vec" {{.*}} {program = 0 : i64} waits [#cmd.wait<0, 1>] signals [2] from 0
!d = !tile.view<dram f32 [8] strides [1] offset 0>
!s = !tile.view<sram f32 [8] strides [1] offset 0>
tile.program @neg ins 1 outs 1 registers ["f32", "f32"] ["load.f32 r0, 0", "neg.f32 r1, r0", "store.f32 r1, 0"]
%x = tile.buffer "input" "x" : !d
%y = tile.buffer "output" "y" : !d
tile.entry @infer {
  tile.group "g" on "vec" in "f32" because "why" {
    %a = tile.buffer "scratch" "a" : !s
    tile.do "copy" ins(%x : !d) outs(%a : !s) {}
    %b = tile.buffer "scratch" "b" : !s
    tile.do "vec" ins(%a : !s) outs(%b : !s) {program = @neg}
    tile.do "copy" ins(%b : !s) outs(%y : !d) {}
  } loc("relu1"("Relu"))
}
