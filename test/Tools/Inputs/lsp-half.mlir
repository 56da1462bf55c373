func.func @infer(%x: tensor<8x4xf32>) -> tensor<8x4xf32> {
  %y = hyb.
  return %x : tensor<8x4xf32>
}
