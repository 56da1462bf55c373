// RUN: hybrid-opt %s -tile-verify-allocated -split-input-file -verify-diagnostics -o /dev/null

!d = !tile.view<dram f32 [16] strides [1] offset 0>
!s = !tile.view<sram f32 [16] strides [1] offset 0>
%x = tile.buffer "input" "x" {address = 0 : i64} : !d
%y = tile.buffer "output" "y" {address = 64 : i64} : !d
// Bytes are used again once their buffer is dead.
tile.entry @infer {
  %a = tile.buffer "scratch" "a" {address = 0 : i64} : !s
  tile.do "copy" ins(%x : !d) outs(%a : !s) {}
  tile.do "copy" ins(%a : !s) outs(%y : !d) {}
  %b = tile.buffer "scratch" "b" {address = 0 : i64} : !s
  tile.do "copy" ins(%x : !d) outs(%b : !s) {}
  tile.do "copy" ins(%b : !s) outs(%y : !d) {}
}

// -----

!d = !tile.view<dram f32 [16] strides [1] offset 0>
!s = !tile.view<sram f32 [16] strides [1] offset 0>
%x = tile.buffer "input" "x" {address = 0 : i64} : !d
%y = tile.buffer "output" "y" {address = 64 : i64} : !d
tile.entry @infer {
  %a = tile.buffer "scratch" "a" {address = 0 : i64} : !s
  tile.do "copy" ins(%x : !d) outs(%a : !s) {}
  // expected-error @+1 {{scratchpad buffers 'b' (bytes 32 to 96) and 'a' (bytes 0 to 64) are live at the same time}}
  %b = tile.buffer "scratch" "b" {address = 32 : i64} : !s
  tile.do "copy" ins(%x : !d) outs(%b : !s) {}
  tile.do "copy" ins(%a : !s) outs(%y : !d) {}
}

// -----

!d = !tile.view<dram f32 [16] strides [1] offset 0>
!s = !tile.view<sram f32 [16] strides [1] offset 0>
%x = tile.buffer "input" "x" {address = 0 : i64} : !d
// expected-error @+1 {{DRAM buffers 'y' (bytes 60 to 124) and 'x' (bytes 0 to 64) are live at the same time}}
%y = tile.buffer "output" "y" {address = 60 : i64} : !d
tile.entry @infer {
  %a = tile.buffer "scratch" "a" {address = 0 : i64} : !s
  tile.do "copy" ins(%x : !d) outs(%a : !s) {}
  tile.do "copy" ins(%a : !s) outs(%y : !d) {}
}

// -----

!d = !tile.view<dram f32 [16] strides [1] offset 0>
!s = !tile.view<sram f32 [16] strides [1] offset 0>
%x = tile.buffer "input" "x" {address = 0 : i64} : !d
%y = tile.buffer "output" "y" {address = 64 : i64} : !d
// What the next turn reads is live between its last use in this one and its first in that.
%carried = tile.buffer "scratch" "carried" {address = 128 : i64} : !d
// expected-error @+1 {{DRAM buffers 'tmp' (bytes 128 to 192) and 'carried' (bytes 128 to 192) are live at the same time}}
%tmp = tile.buffer "scratch" "tmp" {address = 128 : i64} : !d
tile.entry @infer {
  tile.loop 4 trip() while() {
  ^bb0(%i: index):
    tile.do "copy" ins(%x : !d) outs(%tmp : !d) {}
    tile.do "copy" ins(%tmp : !d) outs(%y : !d) {}
    tile.do "copy" ins(%carried : !d) outs(%y : !d) {}
    tile.do "copy" ins(%x : !d) outs(%carried : !d) {}
  }
}

// -----

!d = !tile.view<dram f32 [16] strides [1] offset 0>
%x = tile.buffer "input" "x" {address = 0 : i64} : !d
// expected-error @+1 {{buffer 'y' has no address}}
%y = tile.buffer "output" "y" : !d
tile.entry @infer {
  tile.do "copy" ins(%x : !d) outs(%y : !d) {}
}

// -----

!d = !tile.view<dram f32 [16] strides [1] offset 0>
!e = !tile.view<dram f32 [4] strides [1] offset 0>
%x = tile.buffer "input" "x" {address = 0 : i64} : !d
%y = tile.buffer "output" "y" {address = 64 : i64} : !d
// Filled in the turns of a loop and used behind it: live in all of them.
// expected-error @+1 {{DRAM buffers 'tmp' (bytes 128 to 192) and 'all' (bytes 128 to 192) are live at the same time}}
%tmp = tile.buffer "scratch" "tmp" {address = 128 : i64} : !d
%all = tile.buffer "scratch" "all" {address = 128 : i64} : !d
tile.entry @infer {
  tile.loop 4 trip() while() {
  ^bb0(%i: index):
    tile.do "copy" ins(%x : !d) outs(%tmp : !d) {}
    tile.do "copy" ins(%tmp : !d) outs(%y : !d) {}
    %one = tile.subview %all [%i : [4]] : !d to !e
    %from = tile.subview %x [%i : [4]] : !d to !e
    tile.do "copy" ins(%from : !e) outs(%one : !e) {}
  }
  tile.do "copy" ins(%all : !d) outs(%y : !d) {}
}
