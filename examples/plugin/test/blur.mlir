// The op is known to the tools that load the plug-in, and is tiled, priced and lowered as hyb's own are.
// RUN: hybrid-opt --load-pass-plugin=%plugin --load-dialect-plugin=%plugin %s --example-find-blur | FileCheck %s
// RUN: hybrid-opt --load-pass-plugin=%plugin --load-dialect-plugin=%plugin %s --example-find-blur --hyb-fuse --hyb-decide -o %t.mlir
// RUN: hybrid-opt --load-pass-plugin=%plugin --load-dialect-plugin=%plugin %t.mlir | FileCheck %s --check-prefix=PLACED
// RUN: hybrid-opt --load-pass-plugin=%plugin --load-dialect-plugin=%plugin %t.mlir --hyb-to-tile | FileCheck %s --check-prefix=TILES

// CHECK-LABEL: @f
// CHECK: example.blur %{{.*}} radius 1 : tensor<1x8x512x512xf32> -> tensor<1x8x512x512xf32>
// CHECK-NOT: hyb.pool
// PLACED: hyb.group "blur"
// PLACED: example.blur
// PLACED: cost = #hyb.cost<{{[1-9]}}
// PLACED-SAME: place = #hyb.place<"vec", "", "f32">
// One band of rows after another, with a row of halo: the first has none above it.
// TILES: tile.do "pool" {{.*}}pads = array<i64: 0, 0, 1, 1, 0, 0, 0, 1>
// TILES: tile.do "pool" {{.*}}pads = array<i64: 0, 0, 0, 1, 0, 0, 0, 1>
func.func @f(%x: tensor<1x8x512x512xf32>) -> tensor<1x8x512x512xf32> {
  %y = hyb.pool mean %x {window = array<i64: 1, 1, 3, 3>, strides = array<i64: 1, 1, 1, 1>,
        pads = array<i64: 0, 0, 1, 1, 0, 0, 1, 1>, dilations = array<i64: 1, 1, 1, 1>, count_pad}
       : (tensor<1x8x512x512xf32>) -> tensor<1x8x512x512xf32> loc("blur"("AveragePool"))
  return %y : tensor<1x8x512x512xf32>
}
