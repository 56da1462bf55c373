// An update algorithm as a program: Tiki-Taka (Gokmen and Haensch 2020). Gradients are pulsed into a fast array A; after each
// mini-batch one row of A is read, by driving it alone, and pulsed into C, which holds the weights. Devices whose steps up and
// down differ learn far better so than by pulses into C itself.
//
//   hybridc run tiki_taka.mlir --inputs data.npz --target TARGET.yaml
//
// 40 epochs of 3 · 32 mini-batches of new samples; each third of an epoch reads every row of A once. The rates are those of
// `hybridc characterize rram-sb --what regression --algorithm tiki-taka --lr 0.1`: A's is 1 (its field fast_lr), and a tenth of
// what is read goes into C (transfer_lr times lr).
!x = !tile.view<dram f32 [38400, 32] strides [32, 1] offset 0>
!xi = !tile.view<dram f32 [10, 32] strides [32, 1] offset 0>
!t = !tile.view<dram f32 [38400, 8] strides [8, 1] offset 0>
!ti = !tile.view<dram f32 [10, 8] strides [8, 1] offset 0>
!rows = !tile.view<dram f32 [32, 32] strides [32, 1] offset 0>
!row = !tile.view<dram f32 [1, 32] strides [32, 1] offset 0>
!w = !tile.view<dram f32 [32, 8] strides [8, 1] offset 0>
!xs = !tile.view<sram f32 [10, 32] strides [32, 1] offset 0>
!ys = !tile.view<sram f32 [10, 8] strides [8, 1] offset 0>
!rs = !tile.view<sram f32 [1, 32] strides [32, 1] offset 0>
!as = !tile.view<sram f32 [1, 8] strides [8, 1] offset 0>
!ws = !tile.view<sram f32 [32, 8] strides [8, 1] offset 0>

tile.program @minus ins 2 outs 1 registers ["f32", "f32", "f32"]
  ["load.f32 r0, 0", "load.f32 r1, 1", "sub.f32 r2, r0, r1", "store.f32 r2, 0"]
tile.array @a "ecram" rows 32 cols 8 slices 1 cell_bits 0 "offset" at 0
tile.array @c "ecram" rows 32 cols 8 slices 1 cell_bits 0 "offset" at 1
%start = tile.constant "start" dense<0.0> : tensor<32x8xf32> : !w
%x = tile.buffer "input" "x" : !x
%t = tile.buffer "input" "t" : !t
%rows = tile.buffer "input" "rows" : !rows // the identity
%learned = tile.buffer "output" "w" : !w

tile.entry @program {
  tile.group "write" on "ecram" in "analog" because "both start at zero" {
    tile.do "program_array" ins(%start : !w) outs() {array = @a, scale = 1.0}
    tile.do "program_array" ins(%start : !w) outs() {array = @c, scale = 1.0}
  }
}
tile.entry @infer {
  tile.loop 40 trip() while() {
  ^bb0(%epoch: index):
    tile.loop 3 trip() while() {
    ^bb0(%third: index):
      tile.loop 32 trip() while() {
      ^bb0(%i: index):
        %xs = tile.buffer "scratch" "xs" : !xs
        %ts = tile.buffer "scratch" "ts" : !ys
        %ys = tile.buffer "scratch" "ys" : !ys
        %ds = tile.buffer "scratch" "ds" : !ys
        tile.group "learn" on "ecram" in "analog" because "gradients go into A" {
          %xi = tile.subview %x [%epoch, %third, %i : [30720, 10240, 320]] : !x to !xi
          %ti = tile.subview %t [%epoch, %third, %i : [7680, 2560, 80]] : !t to !ti
          tile.do "copy" ins(%xi : !xi) outs(%xs : !xs) {}
          tile.do "copy" ins(%ti : !ti) outs(%ts : !ys) {}
          tile.do "mvm" ins(%xs : !xs) outs(%ys : !ys)
            {arrays = [@c], k_offsets = array<i64: 0>, n_offsets = array<i64: 0>}
          tile.do "vec" ins(%ys, %ts : !ys, !ys) outs(%ds : !ys) {program = @minus}
          tile.do "pulsed_update" ins(%xs, %ds : !xs, !ys) outs()
            {arrays = [@a], k_offsets = array<i64: 0>, n_offsets = array<i64: 0>, learning_rate = 1.0}
        }
        %rs = tile.buffer "scratch" "rs" : !rs
        %as = tile.buffer "scratch" "as" : !as
        tile.group "transfer" on "ecram" in "analog" because "one row of A into C" {
          %row = tile.subview %rows [%i : [32]] : !rows to !row
          tile.do "copy" ins(%row : !row) outs(%rs : !rs) {}
          tile.do "mvm" ins(%rs : !rs) outs(%as : !as)
            {arrays = [@a], k_offsets = array<i64: 0>, n_offsets = array<i64: 0>}
          tile.do "pulsed_update" ins(%rs, %as : !rs, !as) outs()
            {arrays = [@c], k_offsets = array<i64: 0>, n_offsets = array<i64: 0>, learning_rate = -0.1}
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
