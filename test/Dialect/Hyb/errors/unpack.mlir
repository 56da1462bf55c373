// RUN: hybrid-opt %s -split-input-file -verify-diagnostics

func.func @f(%x: tensor<2x4x3xf32>) {
  // expected-error @+1 {{the packed shape does not follow from the plain one}}
  %0 = hyb.unpack %x {dims = array<i64: 0>, blocks = array<i64: 3>} : (tensor<2x4x3xf32>) -> tensor<7x4xf32>
  return
}
