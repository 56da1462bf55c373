func.func @infer(%x: tensor<8x4xf32>) -> tensor<4x8xf32> {
  %first = hyb.slice %x {offsets = array<i64: 7, 0>, steps = array<i64: -1, 1>} : (tensor<8x4xf32>) -> tensor<8x4xf32>
  %last = hyb.transpose %first {perm = array<i64: 1, 0>} : (tensor<8x4xf32>) -> tensor<4x8xf32>
  return %last : tensor<4x8xf32>
}
