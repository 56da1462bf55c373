// Two entries on one chip: `train` learns the layer of linear.mlir (one epoch of 100 mini-batches), `infer` uses it. Each has
// inputs and outputs of its own; the array, and with it what was learned, is shared.
//
//   hybridc run serve.mlir --before train --before train --entry infer --inputs data.npz --outputs y.npz
!x = !tile.view<dram f32 [1000, 32] strides [32, 1] offset 0>
!xi = !tile.view<dram f32 [10, 32] strides [32, 1] offset 0>
!t = !tile.view<dram f32 [1000, 8] strides [8, 1] offset 0>
!ti = !tile.view<dram f32 [10, 8] strides [8, 1] offset 0>
!w = !tile.view<dram f32 [32, 8] strides [8, 1] offset 0>
!xs = !tile.view<sram f32 [10, 32] strides [32, 1] offset 0>
!ys = !tile.view<sram f32 [10, 8] strides [8, 1] offset 0>
!ws = !tile.view<sram f32 [32, 8] strides [8, 1] offset 0>

tile.program @minus ins 2 outs 1 registers ["f32", "f32", "f32"]
  ["load.f32 r0, 0", "load.f32 r1, 1", "sub.f32 r2, r0, r1", "store.f32 r2, 0"]
tile.array @w "ecram" rows 32 cols 8 slices 1 cell_bits 0 "offset" at 0
%start = tile.constant "start" dense<0.0> : tensor<32x8xf32> : !w
%x = tile.buffer "input" "x" : !x
%t = tile.buffer "input" "t" : !t
%q = tile.buffer "input" "q" : !xi
%y = tile.buffer "output" "y" : !ti
%loss = tile.buffer "output" "error" {tile.entry = "train"} : !ti

tile.entry @program {
  tile.group "write" on "ecram" in "analog" because "weights start at zero" {
    tile.do "program_array" ins(%start : !w) outs() {array = @w, scale = 1.0}
  }
}
tile.entry @train {
  tile.loop 100 trip() while() {
  ^bb0(%i: index):
    tile.group "step" on "ecram" in "analog" because "it learns there" {
      %xi = tile.subview %x [%i : [320]] : !x to !xi
      %ti = tile.subview %t [%i : [80]] : !t to !ti
      %xs = tile.buffer "scratch" "xs" : !xs
      %ts = tile.buffer "scratch" "ts" : !ys
      %ys = tile.buffer "scratch" "ys" : !ys
      %ds = tile.buffer "scratch" "ds" : !ys
      tile.do "copy" ins(%xi : !xi) outs(%xs : !xs) {}
      tile.do "copy" ins(%ti : !ti) outs(%ts : !ys) {}
      tile.do "mvm" ins(%xs : !xs) outs(%ys : !ys)
        {arrays = [@w], k_offsets = array<i64: 0>, n_offsets = array<i64: 0>}
      tile.do "vec" ins(%ys, %ts : !ys, !ys) outs(%ds : !ys) {program = @minus}
      tile.do "copy" ins(%ds : !ys) outs(%loss : !ti) {}
      tile.do "pulsed_update" ins(%xs, %ds : !xs, !ys) outs()
        {arrays = [@w], k_offsets = array<i64: 0>, n_offsets = array<i64: 0>, learning_rate = 0.01}
    }
  }
}
tile.entry @infer {
  tile.group "use" on "ecram" in "analog" because "what was learned lies there" {
    %qs = tile.buffer "scratch" "qs" : !xs
    %rs = tile.buffer "scratch" "rs" : !ys
    tile.do "copy" ins(%q : !xi) outs(%qs : !xs) {}
    tile.do "mvm" ins(%qs : !xs) outs(%rs : !ys)
      {arrays = [@w], k_offsets = array<i64: 0>, n_offsets = array<i64: 0>}
    tile.do "copy" ins(%rs : !ys) outs(%y : !ti) {}
  }
}
