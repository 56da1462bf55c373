// RUN: hybrid-opt %s -split-input-file -verify-diagnostics

// expected-error @below {{unknown memory space 'l2'}}
cmd.bind "input" "x" <l2 f32 at 64 [4] strides [1] steps []>

// -----

// expected-error @below {{unknown element type 'f31'}}
cmd.bind "input" "x" <dram f31 at 64 [4] strides [1] steps []>

// -----

// expected-error @below {{direction must be input or output}}
cmd.bind "sideways" "x" <dram f32 at 64 [4] strides [1] steps []>

// -----

// expected-error @below {{unknown kind 'magic'}}
cmd.dram "x" "magic" at 64 bytes 64

// -----

// expected-error @below {{unknown command 'teleport'}}
cmd.do "teleport" [] -> [] {} waits [] signals [] from 0

// -----

// expected-error @below {{operands must be #cmd.view}}
cmd.do "copy" [1 : i64] -> [] {} waits [] signals [] from 0

// -----

// expected-error @below {{waits must be #cmd.wait}}
cmd.do "fill" [] -> [#cmd.view<sram f32 at 0 [4] strides [1] steps []>] {bits = 0 : i64} waits [1 : i64] signals [] from 0

// -----

// expected-error @below {{at most one trip count and one condition}}
cmd.loop 5 trip [#cmd.view<dram i64 at 64 [] strides [] steps []>, #cmd.view<dram i64 at 64 [] strides [] steps []>] while [] from 0 {
}
