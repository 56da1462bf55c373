// RUN: hybrid-opt %s -split-input-file -verify-diagnostics

func.func @f(%x: tensor<2xf32>) {
  // expected-error @+1 {{place: unknown engine 'gpu'}}
  %0 = hyb.group "g" (%x) {
  ^bb0(%a: tensor<2xf32>):
    hyb.yield %a : tensor<2xf32>
  } {place = #hyb.place<"gpu", "", "f32">} : (tensor<2xf32>) -> tensor<2xf32>
  return
}

// -----

func.func @f(%x: tensor<2xf32>) {
  // expected-error @+1 {{place: an array kind is named exactly when the engine is 'array'}}
  %0 = hyb.group "g" (%x) {
  ^bb0(%a: tensor<2xf32>):
    hyb.yield %a : tensor<2xf32>
  } {place = #hyb.place<"array", "", "analog">} : (tensor<2xf32>) -> tensor<2xf32>
  return
}

// -----

func.func @f(%x: tensor<2xf32>) {
  // expected-error @+1 {{place: an array kind is named exactly when the engine is 'array'}}
  %0 = hyb.group "g" (%x) {
  ^bb0(%a: tensor<2xf32>):
    hyb.yield %a : tensor<2xf32>
  } {place = #hyb.place<"mac", "pcm", "f32">} : (tensor<2xf32>) -> tensor<2xf32>
  return
}

// -----

func.func @f(%x: tensor<2xf32>) {
  // expected-error @+1 {{the region's arguments must have the inputs' types}}
  %0 = hyb.group "g" (%x) {
  ^bb0(%a: tensor<3xf32>):
    hyb.yield %a : tensor<3xf32>
  } : (tensor<2xf32>) -> tensor<2xf32>
  return
}

// -----

func.func @f(%x: tensor<2xf32>) {
  // expected-error @+1 {{the region must yield the results' types}}
  %0 = hyb.group "g" (%x) {
  ^bb0(%a: tensor<2xf32>):
    hyb.yield %a : tensor<2xf32>
  } : (tensor<2xf32>) -> tensor<3xf32>
  return
}
