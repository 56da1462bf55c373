// RUN: hybrid-opt %s -hyb-partition='precision=exact place=fc=pcm' | FileCheck %s --check-prefix=PCM
// RUN: hybrid-opt %s -hyb-partition='place=fc=mac format=fc=fp32' | FileCheck %s --check-prefix=MAC
// RUN: hybrid-opt %s -hyb-partition='precision=bf16 format=fc=analog' | FileCheck %s --check-prefix=ANALOG
// RUN: hybrid-opt %s -hyb-partition='place=fc=array' | FileCheck %s --check-prefix=ANALOG

// PCM: place = #hyb.place<"array", "pcm", "ideal">, reason = "ideal: 4 of 64 arrays (pcm): asked for by --place fc=pcm"
// MAC: place = #hyb.place<"mac", "", "f32">, reason = "mac f32: asked for by --place fc=mac"
// ANALOG: place = #hyb.place<"array", "pcm", "analog">
func.func @fc(%x: tensor<1x512xf32>) -> tensor<1x512xf32> {
  %w = hyb.constant dense<0.5> : tensor<512x512xf32>
  %0 = hyb.group "fc" (%x, %w) {
  ^bb0(%a: tensor<1x512xf32>, %b: tensor<512x512xf32>):
    %y = hyb.matmul %a, %b : (tensor<1x512xf32>, tensor<512x512xf32>) -> tensor<1x512xf32> loc("fc"("MatMul"))
    hyb.yield %y : tensor<1x512xf32>
  } : (tensor<1x512xf32>, tensor<512x512xf32>) -> tensor<1x512xf32> loc("fc"("MatMul"))
  return %0 : tensor<1x512xf32>
}
