// RUN: hybrid-opt %s -tile-schedule | FileCheck %s --check-prefix=QUEUE
// RUN: hybrid-opt %s -tile-schedule -tile-allocate | FileCheck %s --check-prefix=ADDR
// RUN: hybrid-opt %s -tile-schedule -tile-allocate=no-reuse=true | FileCheck %s --check-prefix=OWN
// Loads go round the first DMA channels, stores to the last; a dead buffer's bytes are used again only when the
// scratchpad has no other.

// QUEUE: tile.do "copy" {{.*}}{queue = "dma0"}
// QUEUE: tile.do "vec" {{.*}}{queue = "vec"}
// QUEUE: tile.do "copy" {{.*}}{queue = "dma3"}
// QUEUE: tile.do "copy" {{.*}}{queue = "dma1"}

// Three buffers of 3 MiB do not fit at once into 8 MiB, any two do.
// ADDR: tile.sram_bytes = 6291456
// ADDR: tile.sram_lower_bound = 6291456
// ADDR: tile.buffer "scratch" "a" {address = 0 : i64}
// ADDR: tile.buffer "scratch" "b" {address = 3145728 : i64}
// ADDR: tile.buffer "scratch" "c" {address = 0 : i64}

// OWN: tile.buffer "scratch" "c" {address = 6291456 : i64}
!d = !tile.view<dram f32 [786432] strides [1] offset 0>
!s = !tile.view<sram f32 [786432] strides [1] offset 0>
tile.program @neg ins 1 outs 1 registers ["f32", "f32"] ["load.f32 r0, 0", "neg.f32 r1, r0", "store.f32 r1, 0"]
%x = tile.buffer "input" "x" : !d
%y = tile.buffer "output" "y" : !d
tile.entry @infer {
  tile.group "g" on "vec" in "f32" because "" {
    %a = tile.buffer "scratch" "a" : !s
    tile.do "copy" ins(%x : !d) outs(%a : !s) {}
    %b = tile.buffer "scratch" "b" : !s
    tile.do "vec" ins(%a : !s) outs(%b : !s) {program = @neg}
    tile.do "copy" ins(%b : !s) outs(%y : !d) {}
    %c = tile.buffer "scratch" "c" : !s
    tile.do "copy" ins(%x : !d) outs(%c : !s) {}
  }
}
