// RUN: hybrid-opt %s -split-input-file -hyb-verify-imported -verify-diagnostics

func.func @f(%x: tensor<4xf32>) {
  // expected-error @+1 {{'hyb.reshape' after import: its location names no ONNX node}}
  %0 = hyb.reshape %x : (tensor<4xf32>) -> tensor<2x2xf32>
  return
}

// -----

func.func @f(%x: tensor<4xf32>) {
  // expected-error @+1 {{'builtin.unrealized_conversion_cast' after import: is of no dialect of this level}}
  %0 = builtin.unrealized_conversion_cast %x : tensor<4xf32> to tensor<4xf32>
  return
}
