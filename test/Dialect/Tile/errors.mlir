// RUN: hybrid-opt %s -split-input-file -verify-diagnostics

// expected-error @below {{unknown memory space 'l2'}}
%a = tile.buffer "scratch" "a" : !tile.view<l2 f32 [4] strides [1] offset 0>

// -----

// expected-error @below {{one stride a dimension}}
%a = tile.buffer "scratch" "a" : !tile.view<sram f32 [4] strides [] offset 0>

// -----

// expected-error @below {{no memory holds elements of type 'i4'}}
%a = tile.buffer "scratch" "a" : !tile.view<sram i4 [4] strides [1] offset 0>

// -----

// expected-error @below {{cannot start before its buffer}}
%a = tile.buffer "scratch" "a" : !tile.view<sram f32 [4] strides [1] offset -1>

// -----

// expected-error @below {{unknown kind 'weights'}}
%a = tile.buffer "weights" "a" : !tile.view<dram f32 [4] strides [1] offset 0>

// -----

// expected-error @below {{a scratchpad buffer is always scratch}}
%a = tile.buffer "input" "a" : !tile.view<sram f32 [4] strides [1] offset 0>

// -----

// expected-error @below {{dense box of the value}}
%w = tile.constant "w" dense<1.0> : tensor<2xf32> : !tile.view<dram f32 [3] strides [1] offset 0>

// -----

%a = tile.buffer "scratch" "a" : !tile.view<sram f32 [4] strides [1] offset 0>
// expected-error @below {{must keep the memory space and the element type}}
%b = tile.subview %a [ : []] : !tile.view<sram f32 [4] strides [1] offset 0> to !tile.view<dram f32 [4] strides [1] offset 0>

// -----

%a = tile.buffer "scratch" "a" : !tile.view<sram f32 [4] strides [1] offset 0>
// expected-error @below {{unknown command 'teleport'}}
tile.do "teleport" ins(%a : !tile.view<sram f32 [4] strides [1] offset 0>) outs() {}

// -----

%a = tile.buffer "scratch" "a" : !tile.view<sram f32 [4] strides [1] offset 0>
%b = tile.buffer "scratch" "b" : !tile.view<sram f32 [5] strides [1] offset 0>
// expected-error @below {{copy: }}
tile.do "copy" ins(%a : !tile.view<sram f32 [4] strides [1] offset 0>) outs(%b : !tile.view<sram f32 [5] strides [1] offset 0>) {}

// -----

// expected-error @below {{cannot read the instruction 'fly.f32 r0, 0'}}
tile.program @p ins 1 outs 1 registers ["f32"] ["fly.f32 r0, 0"]

// -----

// expected-error @below {{unknown register type 'f31'}}
tile.program @p ins 1 outs 1 registers ["f31"] ["load.f32 r0, 0", "store.f32 r0, 0"]
