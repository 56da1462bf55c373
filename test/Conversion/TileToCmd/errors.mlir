// RUN: hybrid-opt %s -tile-to-cmd -split-input-file -verify-diagnostics

!d = !tile.view<dram f32 [8] strides [1] offset 0>
%x = tile.buffer "input" "x" {address = 0 : i64} : !d
%y = tile.buffer "output" "y" {address = 64 : i64} : !d
tile.entry @infer {
  // expected-error @below {{has no queue; run tile-schedule before}}
  tile.do "copy" ins(%x : !d) outs(%y : !d) {}
}

// -----

!d = !tile.view<dram f32 [8] strides [1] offset 0>
%x = tile.buffer "input" "x" {address = 0 : i64} : !d
%y = tile.buffer "scratch" "y" : !d
tile.entry @infer {
  // expected-error @below {{an operand's buffer has no address; run tile-allocate before}}
  tile.do "copy" ins(%x : !d) outs(%y : !d) {} {queue = "dma0"}
}
