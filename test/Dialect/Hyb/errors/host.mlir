// RUN: hybrid-opt %s -split-input-file -verify-diagnostics

func.func @f(%x: tensor<4xf32>) {
  // expected-error @+1 {{names no kernel}}
  %0 = hyb.host ""(%x) : (tensor<4xf32>) -> tensor<4xf32>
  return
}
