// RUN: hybrid-opt %s -split-input-file -hyb-fold-constants -check-expectations -verify-diagnostics
// Values are computed by the executor's own kernels and compared here.

func.func @matmul() {
  %a = hyb.constant dense<[[1.0, 2.0], [3.0, 4.0]]> : tensor<2x2xf32>
  %b = hyb.constant dense<[[5.0], [6.0]]> : tensor<2x1xf32>
  %c = hyb.matmul %a, %b : (tensor<2x2xf32>, tensor<2x1xf32>) -> tensor<2x1xf32>
  check.close %c, dense<[[17.0], [39.0]]> : tensor<2x1xf32>
  return
}

// -----

func.func @tolerance() {
  %x = hyb.constant dense<[1.0, 2.0]> : tensor<2xf32>
  %y = hyb.normalize softmax %x {axes = array<i64: 0>} : (tensor<2xf32>) -> tensor<2xf32>
  check.close %y, dense<[0.268941, 0.731059]> : tensor<2xf32> {rtol = 1.0e-5}
  return
}

// -----

func.func @wrong() {
  %x = hyb.constant dense<[1.0, 2.0]> : tensor<2xf32>
  // expected-error @below {{element 1 is 2.000000e+00 : f32, expected 3.000000e+00 : f32}}
  check.close %x, dense<[1.0, 3.0]> : tensor<2xf32>
  return
}

// -----

func.func @unknown(%x: tensor<2xf32>) {
  // expected-error @below {{is not a constant}}
  check.close %x, dense<[1.0, 3.0]> : tensor<2xf32>
  return
}
