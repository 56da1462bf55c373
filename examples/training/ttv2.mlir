// TTv2 (Gokmen 2021) as a program: what is read of the fast array A adds up in a digital buffer H, and C gets one pulse where
// abs(H) reaches 1. After each sample the next row of A is read. Gradients so small that C could not follow them one by one are
// summed up digitally first, and the pulses into C are few.
//
//   hybridc run ttv2.mlir --inputs data.npz --target TARGET.yaml
//
// 20 epochs of 30 · 4 mini-batches of 8 new samples; four mini-batches read every row of A once. As
// `hybridc characterize rram-sb --what regression --algorithm ttv2 --lr 0.1 --batch 8 --set auto_scale=0 --set fast_lr=0.1
// --set auto_granularity=200` does it: A's rate is 0.1, and H += lr · read / (dw_min · auto_granularity / 32), which for a
// dw_min of 0.002 is 8 · read.
!x = !tile.view<dram f32 [19200, 32] strides [32, 1] offset 0>
!xi = !tile.view<dram f32 [8, 32] strides [32, 1] offset 0>
!t = !tile.view<dram f32 [19200, 8] strides [8, 1] offset 0>
!ti = !tile.view<dram f32 [8, 8] strides [8, 1] offset 0>
!rows = !tile.view<dram f32 [32, 32] strides [32, 1] offset 0>
!row = !tile.view<dram f32 [1, 32] strides [32, 1] offset 0>
!w = !tile.view<dram f32 [32, 8] strides [8, 1] offset 0>
!h = !tile.view<dram f32 [1, 8] strides [8, 1] offset 0>
!xs = !tile.view<sram f32 [8, 32] strides [32, 1] offset 0>
!ys = !tile.view<sram f32 [8, 8] strides [8, 1] offset 0>
!rs = !tile.view<sram f32 [1, 32] strides [32, 1] offset 0>
!as = !tile.view<sram f32 [1, 8] strides [8, 1] offset 0>
!ws = !tile.view<sram f32 [32, 8] strides [8, 1] offset 0>

tile.program @minus ins 2 outs 1 registers ["f32", "f32", "f32"]
  ["load.f32 r0, 0", "load.f32 r1, 1", "sub.f32 r2, r0, r1", "store.f32 r2, 0"]
// h + 8 · read; n = trunc of it within ±1 are C's pulses, and H is empty after one: H = |n| < 1 ? h + 8 · read : 0.
tile.program @collect ins 2 outs 2 registers ["f32", "f32", "f32", "f32", "f32", "f32", "f32", "f32", "bool", "f32"]
  ["load.f32 r0, 0", "load.f32 r1, 1", "const.f32 r2, 0x41000000", "mul.f32 r1, r1, r2", "add.f32 r3, r0, r1",
   "trunc.f32 r4, r3", "const.f32 r5, 0x3F800000", "min.f32 r4, r4, r5", "const.f32 r6, 0xBF800000", "max.f32 r4, r4, r6",
   "const.f32 r7, 0x0", "eq.f32 r8, r4, r7", "select.f32 r9, r8, r3, r7", "store.f32 r9, 0", "store.f32 r4, 1"]
tile.array @a "ecram" rows 32 cols 8 slices 1 cell_bits 0 "offset" at 0
tile.array @c "ecram" rows 32 cols 8 slices 1 cell_bits 0 "offset" at 1
%start = tile.constant "start" dense<0.0> : tensor<32x8xf32> : !w
%x = tile.buffer "input" "x" : !x
%t = tile.buffer "input" "t" : !t
%rows = tile.buffer "input" "rows" : !rows // the identity
%buffer = tile.buffer "state" "h" : !w
%learned = tile.buffer "output" "w" : !w

tile.entry @program {
  tile.group "write" on "ecram" in "analog" because "both start at zero" {
    tile.do "program_array" ins(%start : !w) outs() {array = @a, scale = 1.0}
    tile.do "program_array" ins(%start : !w) outs() {array = @c, scale = 1.0}
  }
}
tile.entry @infer {
  tile.loop 20 trip() while() {
  ^bb0(%epoch: index):
    tile.loop 30 trip() while() {
    ^bb0(%part: index):
      tile.loop 4 trip() while() {
      ^bb0(%i: index):
        %xs = tile.buffer "scratch" "xs" : !xs
        %ds = tile.buffer "scratch" "ds" : !ys
        tile.group "error" on "ecram" in "analog" because "C holds the weights" {
          %xi = tile.subview %x [%epoch, %part, %i : [30720, 1024, 256]] : !x to !xi
          %ti = tile.subview %t [%epoch, %part, %i : [7680, 256, 64]] : !t to !ti
          %ts = tile.buffer "scratch" "ts" : !ys
          %ys = tile.buffer "scratch" "ys" : !ys
          tile.do "copy" ins(%xi : !xi) outs(%xs : !xs) {}
          tile.do "copy" ins(%ti : !ti) outs(%ts : !ys) {}
          tile.do "mvm" ins(%xs : !xs) outs(%ys : !ys)
            {arrays = [@c], k_offsets = array<i64: 0>, n_offsets = array<i64: 0>}
          tile.do "vec" ins(%ys, %ts : !ys, !ys) outs(%ds : !ys) {program = @minus}
        }
        tile.loop 8 trip() while() {
        ^bb0(%sample: index):
          %row = tile.subview %rows [%i, %sample : [256, 32]] : !rows to !row
          %hi = tile.subview %buffer [%i, %sample : [64, 8]] : !w to !h
          tile.group "learn" on "ecram" in "analog" because "gradients go into A" {
            %x1 = tile.subview %xs [%sample : [32]] : !xs to !rs
            %d1 = tile.subview %ds [%sample : [8]] : !ys to !as
            tile.do "pulsed_update" ins(%x1, %d1 : !rs, !as) outs()
              {arrays = [@a], k_offsets = array<i64: 0>, n_offsets = array<i64: 0>, learning_rate = 0.1}
          }
          tile.group "transfer" on "ecram" in "analog" because "one row of A into H, and where it is full into C" {
            %rs = tile.buffer "scratch" "rs" : !rs
            %as = tile.buffer "scratch" "as" : !as
            %hs = tile.buffer "scratch" "hs" : !as
            %next = tile.buffer "scratch" "next" : !as
            %n = tile.buffer "scratch" "n" : !as
            tile.do "copy" ins(%row : !row) outs(%rs : !rs) {}
            tile.do "copy" ins(%hi : !h) outs(%hs : !as) {}
            tile.do "mvm" ins(%rs : !rs) outs(%as : !as)
              {arrays = [@a], k_offsets = array<i64: 0>, n_offsets = array<i64: 0>}
            tile.do "vec" ins(%hs, %as : !as, !as) outs(%next, %n : !as, !as) {program = @collect}
            tile.do "copy" ins(%next : !as) outs(%hi : !h) {}
            tile.do "pulsed_update" ins(%rs, %n : !rs, !as) outs()
              {arrays = [@c], k_offsets = array<i64: 0>, n_offsets = array<i64: 0>, learning_rate = -0.002}
          }
        }
      }
    }
  }
  tile.group "read" on "ecram" in "analog" because "to see what was learned" {
    %ws = tile.buffer "scratch" "ws" : !ws
    tile.do "read_weights" ins() outs(%ws : !ws)
      {arrays = [@c], k_offsets = array<i64: 0>, n_offsets = array<i64: 0>, ideal = 1 : i64}
    tile.do "copy" ins(%ws : !ws) outs(%learned : !w) {}
  }
}
