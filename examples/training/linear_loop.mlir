// The same layer as linear.mlir, as commands with hardware loops: each engine's queue repeats its own part, and the queues
// meet at semaphores. The learning rate is an operand, one value an epoch, and the error is also sent backwards, as to a
// layer before this one (g = d·Wᵀ on the same array).
//
//   hybridc run linear_loop.mlir --inputs data.npz --outputs learned.npz
//
// DRAM: W at the start at 0, x at 1024, t at 129024, lr at 161024, W at 161152, g at 162176.
// SRAM: xs at 0, ts at 1280, ys at 1600, ds at 1920, lr at 2240, gs at 2304, ws at 3584.
// Semaphores: 0 loaded, 1 multiplied, 2 error computed, 3 updated and, at the end, read.
cmd.program model "linear_loop.mlir" target "hybrid-edge" precision "analog" dram 163840 sram 8192 lower_bound 4608 {
  cmd.dram "start" "constant" at 0 bytes 1024 blob dense<0.0> : tensor<32x8xf32>
  cmd.dram "x" "scratch" at 1024 bytes 128000
  cmd.dram "t" "scratch" at 129024 bytes 32000
  cmd.dram "lr" "scratch" at 161024 bytes 80
  cmd.dram "w" "scratch" at 161152 bytes 1024
  cmd.dram "g" "scratch" at 162176 bytes 1280
  cmd.vec_program "minus" ins 2 outs 1 registers ["f32", "f32", "f32"]
    ["load.f32 r0, 0", "load.f32 r1, 1", "sub.f32 r2, r0, r1", "store.f32 r2, 0"]
  cmd.array "w" "ecram" rows 32 cols 8 slices 1 cell_bits 0 "offset" at 0 from 0
  cmd.origin "start" "" group "start" on "ecram" in "analog" because "" latency_ns 0.0 energy_pj 0.0
  cmd.origin "load" "" group "load" on "dma0" in "f32" because "" latency_ns 0.0 energy_pj 0.0
  cmd.origin "forward" "MatMul" group "forward" on "ecram" in "analog" because "" latency_ns 0.0 energy_pj 0.0
  cmd.origin "error" "Sub" group "error" on "vec" in "f32" because "" latency_ns 0.0 energy_pj 0.0
  cmd.origin "backward" "MatMul" group "backward" on "ecram" in "analog" because "" latency_ns 0.0 energy_pj 0.0
  cmd.origin "update" "" group "update" on "ecram" in "analog" because "" latency_ns 0.0 energy_pj 0.0
  cmd.origin "read" "" group "read" on "ecram" in "analog" because "" latency_ns 0.0 energy_pj 0.0
  cmd.entry "program" {
    cmd.segment semaphores 0 {
      cmd.queue "ecram" {
        cmd.do "program_array" [#cmd.view<dram f32 at 0 [32, 8] strides [8, 1] steps []>] -> []
          {array = 0 : i64, scale = 1.0} waits [] signals [] from 0
      }
    }
  }
  cmd.entry "infer" {
    cmd.bind "input" "x" <dram f32 at 1024 [1000, 32] strides [32, 1] steps []>
    cmd.bind "input" "t" <dram f32 at 129024 [1000, 8] strides [8, 1] steps []>
    cmd.bind "input" "lr" <dram f32 at 161024 [20] strides [1] steps []>
    cmd.bind "output" "w" <dram f32 at 161152 [32, 8] strides [8, 1] steps []>
    cmd.bind "output" "g" <dram f32 at 162176 [10, 32] strides [32, 1] steps []>
    cmd.segment semaphores 4 {
      cmd.queue "dma0" {
        cmd.repeat 20 {
          cmd.do "copy" [#cmd.view<dram f32 at 161024 [] strides [] steps [4]>] ->
            [#cmd.view<sram f32 at 2240 [] strides [] steps []>] {} waits [#cmd.wait<3, 0, steps = [100]>] signals [0] from 1
          cmd.repeat 100 {
            cmd.do "copy" [#cmd.view<dram f32 at 1024 [10, 32] strides [32, 1] steps [0, 1280]>] ->
              [#cmd.view<sram f32 at 0 [10, 32] strides [32, 1] steps []>] {}
              waits [#cmd.wait<3, 0, steps = [100, 1]>] signals [0] from 1
            cmd.do "copy" [#cmd.view<dram f32 at 129024 [10, 8] strides [8, 1] steps [0, 320]>] ->
              [#cmd.view<sram f32 at 1280 [10, 8] strides [8, 1] steps []>] {}
              waits [#cmd.wait<2, 0, steps = [100, 1]>] signals [0] from 1
          }
        }
      }
      cmd.queue "dma1" {
        cmd.do "copy" [#cmd.view<sram f32 at 2304 [10, 32] strides [32, 1] steps []>] ->
          [#cmd.view<dram f32 at 162176 [10, 32] strides [32, 1] steps []>] {} waits [#cmd.wait<3, 2001>] signals [] from 6
        cmd.do "copy" [#cmd.view<sram f32 at 3584 [32, 8] strides [8, 1] steps []>] ->
          [#cmd.view<dram f32 at 161152 [32, 8] strides [8, 1] steps []>] {} waits [] signals [] from 6
      }
      cmd.queue "ecram" {
        cmd.repeat 20 {
          cmd.repeat 100 {
            cmd.do "mvm" [#cmd.view<sram f32 at 0 [10, 32] strides [32, 1] steps []>] ->
              [#cmd.view<sram f32 at 1600 [10, 8] strides [8, 1] steps []>]
              {arrays = 0 : i64, k_offsets = 0 : i64, n_offsets = 0 : i64}
              waits [#cmd.wait<0, 2, steps = [201, 2]>] signals [1] from 2
            cmd.do "mvm" [#cmd.view<sram f32 at 1920 [10, 8] strides [8, 1] steps []>] ->
              [#cmd.view<sram f32 at 2304 [10, 32] strides [32, 1] steps []>]
              {arrays = 0 : i64, k_offsets = 0 : i64, n_offsets = 0 : i64, transposed = 1 : i64}
              waits [#cmd.wait<2, 1, steps = [100, 1]>] signals [] from 4
            cmd.do "pulsed_update" [#cmd.view<sram f32 at 0 [10, 32] strides [32, 1] steps []>,
                                    #cmd.view<sram f32 at 1920 [10, 8] strides [8, 1] steps []>,
                                    #cmd.view<sram f32 at 2240 [] strides [] steps []>] -> []
              {arrays = 0 : i64, k_offsets = 0 : i64, n_offsets = 0 : i64} waits [] signals [3] from 5
          }
        }
        cmd.do "read_weights" [] -> [#cmd.view<sram f32 at 3584 [32, 8] strides [8, 1] steps []>]
          {arrays = 0 : i64, k_offsets = 0 : i64, n_offsets = 0 : i64, ideal = 1 : i64} waits [] signals [3] from 6
      }
      cmd.queue "vec" {
        cmd.repeat 20 {
          cmd.repeat 100 {
            cmd.do "vec" [#cmd.view<sram f32 at 1600 [10, 8] strides [8, 1] steps []>,
                          #cmd.view<sram f32 at 1280 [10, 8] strides [8, 1] steps []>] ->
              [#cmd.view<sram f32 at 1920 [10, 8] strides [8, 1] steps []>] {program = 0 : i64}
              waits [#cmd.wait<0, 3, steps = [201, 2]>, #cmd.wait<1, 1, steps = [100, 1]>] signals [2] from 3
          }
        }
      }
    }
  }
} chip ""
