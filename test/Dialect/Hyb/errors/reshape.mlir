// RUN: hybrid-opt %s -split-input-file -verify-diagnostics

func.func @f(%x: tensor<2x3xf32>) {
  // expected-error @+1 {{must keep the number of elements}}
  %0 = hyb.reshape %x : (tensor<2x3xf32>) -> tensor<7xf32>
  return
}

// -----

func.func @f(%x: tensor<2x3xf32>) {
  // expected-error @+1 {{moves elements of one type only}}
  %0 = hyb.reshape %x : (tensor<2x3xf32>) -> tensor<6xi32>
  return
}
