// RUN: hybrid-opt %s -split-input-file -verify-diagnostics

func.func @f() {
  // expected-error @+1 {{all of {value, result} have same type}}
  %0 = "hyb.constant"() {value = dense<1.0> : tensor<3xf32>} : () -> tensor<2xf32>
  return
}

// -----

func.func @f(%x: tensor<?xf32>) {
  // expected-error @+1 {{must be statically shaped tensor of any type values}}
  %0 = hyb.reshape %x : (tensor<?xf32>) -> tensor<4xf32>
  return
}
