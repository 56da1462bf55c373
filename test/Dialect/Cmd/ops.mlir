// RUN: hybrid-opt %s | hybrid-opt | FileCheck %s
// Every op of the command level prints and reads back.

// CHECK: cmd.program model "m.onnx" target "hybrid-edge" precision "exact" dram 256 sram 64 lower_bound 64
cmd.program model "m.onnx" target "hybrid-edge" precision "exact" dram 256 sram 64 lower_bound 64 {
  // CHECK: cmd.dram "w" "constant" at 0 bytes 8 blob dense<1.000000e+00> : tensor<2xf32>
  cmd.dram "w" "constant" at 0 bytes 8 blob dense<1.0> : tensor<2xf32>
  cmd.dram "x" "scratch" at 64 bytes 64
  cmd.vec_program "p" ins 1 outs 1 registers ["f32"] ["load.f32 r0, 0", "store.f32 r0, 0"]
  cmd.array "a0" "pcm" rows 9 cols 16 slices 1 cell_bits 0 "differential" at 0 from 0
  // CHECK: cmd.origin "conv1" "Conv" group "conv1" on "mac" in "f32" because "it pays"
  cmd.origin "conv1" "Conv" group "conv1" on "mac" in "f32" because "it pays" latency_ns 1.5 energy_pj 2.0
  cmd.entry "infer" {
    // CHECK: cmd.bind "input" "x" <dram f32 at 64 [4] strides [1] steps []>
    cmd.bind "input" "x" <dram f32 at 64 [4] strides [1] steps []>
    // CHECK: cmd.segment semaphores 1
    cmd.segment semaphores 1 {
      // CHECK: cmd.queue "dma0"
      cmd.queue "dma0" {
        // CHECK: cmd.repeat 3
        cmd.repeat 3 {
          // CHECK: cmd.do "copy" {{.*}}steps [16]{{.*}} -> {{.*}} waits [#cmd.wait<0, 1>] signals [0] from 0
          cmd.do "copy" [#cmd.view<dram f32 at 64 [4] strides [1] steps [16]>] -> [#cmd.view<sram f32 at 0 [4] strides [1] steps []>] {} waits [#cmd.wait<0, 1>] signals [0] from 0
        }
      }
    }
    // CHECK: cmd.if <dram bool at 64 [] strides [] steps []> from 0
    cmd.if <dram bool at 64 [] strides [] steps []> from 0 {
    } else {
    }
    // CHECK: cmd.loop 5 trip [] while [#cmd.view<dram bool at 64 [] strides [] steps []>] from 0
    cmd.loop 5 trip [] while [#cmd.view<dram bool at 64 [] strides [] steps []>] from 0 {
    }
  }
} chip ""
