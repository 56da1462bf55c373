// RUN: hybrid-opt %s -split-input-file -verify-diagnostics

func.func @f(%x: tensor<2xf32>) {
  // expected-error @+1 {{low and high need one entry a dimension}}
  %0 = hyb.pad %x value 0.0 : f32 {low = array<i64>, high = array<i64: 0>} : (tensor<2xf32>) -> tensor<2xf32>
  return
}

// -----

func.func @f(%x: tensor<2xf32>) {
  // expected-error @+1 {{result has the wrong shape}}
  %0 = hyb.pad %x value 0.0 : f32 {low = array<i64: 1>, high = array<i64: 0>} : (tensor<2xf32>) -> tensor<2xf32>
  return
}

// -----

func.func @f(%x: tensor<2xf32>) {
  // expected-error @+1 {{the value must have type 'f32'}}
  %0 = hyb.pad %x value 0 : i32 {low = array<i64: 1>, high = array<i64: 0>} : (tensor<2xf32>) -> tensor<3xf32>
  return
}

// -----

func.func @f(%x: tensor<2xf32>) {
  // expected-error @+1 {{crops more than there is in dimension 0}}
  %0 = hyb.pad %x value 0.0 : f32 {low = array<i64: -3>, high = array<i64: 2>} : (tensor<2xf32>) -> tensor<1xf32>
  return
}
