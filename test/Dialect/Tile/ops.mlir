// RUN: hybrid-opt %s | hybrid-opt | FileCheck %s
// Every op of the buffer level prints and reads back.

// CHECK: tile.program @relu ins 1 outs 1 registers ["f32", "f32", "f32"]
tile.program @relu ins 1 outs 1 registers ["f32", "f32", "f32"]
  ["load.f32 r0, 0", "const.f32 r1, 0x0", "max.f32 r2, r0, r1", "store.f32 r2, 0"]
// CHECK: tile.array @a0 "pcm" rows 9 cols 16 slices 1 cell_bits 0 "differential" at 3
tile.array @a0 "pcm" rows 9 cols 16 slices 1 cell_bits 0 "differential" at 3
// CHECK: tile.buffer "input" "x"
%x = tile.buffer "input" "x" : !tile.view<dram f32 [4, 8] strides [8, 1] offset 0>
// CHECK: tile.buffer "output" "y" {address = 128 : i64}
%y = tile.buffer "output" "y" {address = 128 : i64} : !tile.view<dram f32 [4, 8] strides [8, 1] offset 0>
// CHECK: tile.constant "w" dense<1.000000e+00> : tensor<2xf32>
%w = tile.constant "w" dense<1.0> : tensor<2xf32> : !tile.view<dram f32 [2] strides [1] offset 0>
%c = tile.buffer "scratch" "flag" : !tile.view<dram i1 [] strides [] offset 0>
// CHECK: tile.entry @infer
tile.entry @infer {
  // CHECK: tile.group "relu" on "vec" in "f32" because "it is element-wise"
  tile.group "relu" on "vec" in "f32" because "it is element-wise" {
    %a = tile.buffer "scratch" "a" : !tile.view<sram f32 [4, 8] strides [8, 1] offset 0>
    // CHECK: tile.do "copy" ins({{.*}}) outs({{.*}}) {} {queue = "dma0"}
    tile.do "copy" ins(%x : !tile.view<dram f32 [4, 8] strides [8, 1] offset 0>)
      outs(%a : !tile.view<sram f32 [4, 8] strides [8, 1] offset 0>) {} {queue = "dma0"}
    // CHECK: tile.do "vec" ins({{.*}}) outs({{.*}}) {program = @relu}
    tile.do "vec" ins(%a : !tile.view<sram f32 [4, 8] strides [8, 1] offset 0>)
      outs(%a : !tile.view<sram f32 [4, 8] strides [8, 1] offset 0>) {program = @relu}
  }
  // CHECK: tile.loop 4 trip() while()
  tile.loop 4 trip() while() {
  ^bb0(%i: index):
    // CHECK: tile.subview %{{.*}}[%{{.*}} : [8]]
    %row = tile.subview %x [%i : [8]] : !tile.view<dram f32 [4, 8] strides [8, 1] offset 0>
      to !tile.view<dram f32 [1, 8] strides [8, 1] offset 0>
  }
  // CHECK: tile.if
  tile.if %c {
    tile.group "then" on "dma" in "" because "" {
    }
  } else {
    // CHECK: } else {
    tile.group "else" on "dma" in "" because "" {
    }
  } : !tile.view<dram i1 [] strides [] offset 0>
}
