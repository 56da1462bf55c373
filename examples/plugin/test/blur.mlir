// The op is known to the tools that load the plug-in, and is tiled, priced and lowered as hyb's own are.
// RUN: hybrid-opt --load-pass-plugin=%plugin --load-dialect-plugin=%plugin %s --pass-pipeline='builtin.module(example-find-blur)' | FileCheck %s
// RUN: hybrid-opt --load-pass-plugin=%plugin --load-dialect-plugin=%plugin %s --pass-pipeline='builtin.module(example-find-blur, hyb-fuse, hyb-decide)' -o %t.mlir
// RUN: hybrid-opt --load-pass-plugin=%plugin --load-dialect-plugin=%plugin %t.mlir | FileCheck %s --check-prefix=PLACED
// RUN: hybrid-opt --load-pass-plugin=%plugin --load-dialect-plugin=%plugin %t.mlir --hyb-to-tile | FileCheck %s --check-prefix=TILES

// CHECK-LABEL: @f
// CHECK: example.blur %{{.*}} radius 1 : tensor<1x1x2048x2048xf32> -> tensor<1x1x2048x2048xf32>
// CHECK-NOT: hyb.pool
// PLACED: hyb.group "blur"
// PLACED: example.blur
// PLACED: cost = #hyb.cost<latency_ns = {{[1-9]}}
// PLACED-SAME: {{.*}}place = #hyb.place<"vec", "", "f32">
// Box by box, with a halo of one pixel: the first has its corner of the padding, those below it have none above.
// TILES: tile.do "pool" {{.*}}sram f32 [1, 1, 513, 513]{{.*}}pads = array<i64: 0, 0, 1, 1, 0, 0, 0, 0>
// TILES: tile.do "pool" {{.*}}sram f32 [1, 1, 514, 513]{{.*}}pads = array<i64: 0, 0, 0, 1, 0, 0, 0, 0>
func.func @f(%x: tensor<1x1x2048x2048xf32>) -> tensor<1x1x2048x2048xf32> {
  %y = hyb.pool mean %x {window = array<i64: 1, 1, 3, 3>, strides = array<i64: 1, 1, 1, 1>,
        pads = array<i64: 0, 0, 1, 1, 0, 0, 1, 1>, dilations = array<i64: 1, 1, 1, 1>, count_pad}
       : (tensor<1x1x2048x2048xf32>) -> tensor<1x1x2048x2048xf32> loc("blur"("AveragePool"))
  return %y : tensor<1x1x2048x2048xf32>
}
