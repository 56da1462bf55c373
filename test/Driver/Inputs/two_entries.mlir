#id = affine_map<(i) -> (i)>
#id2 = affine_map<(i, j) -> (i, j)>
func.func @infer(%x: tensor<4xf32> {hyb.name = "x"}) -> (tensor<4xf32> {hyb.name = "y"}) {
  %y = hyb.map (%x) by [#id] {
  ^bb0(%a: f32):
    %n = arith.addf %a, %a : f32
    hyb.yield %n : f32
  } : (tensor<4xf32>) -> tensor<4xf32>
  return %y : tensor<4xf32>
}
func.func @train(%x: tensor<2x4xf32> {hyb.name = "x"}, %t: tensor<2x4xf32> {hyb.name = "t"}) -> (tensor<f32> {hyb.name = "y"}) {
  %d = hyb.map (%x, %t) by [#id2, #id2] {
  ^bb0(%a: f32, %b: f32):
    %c = arith.addf %a, %a : f32
    %n = arith.subf %c, %b : f32
    %m = arith.mulf %n, %n : f32
    hyb.yield %m : f32
  } : (tensor<2x4xf32>, tensor<2x4xf32>) -> tensor<2x4xf32>
  %s = hyb.reduce sum %d {axes = array<i64: 0, 1>} : (tensor<2x4xf32>) -> tensor<1x1xf32>
  %l = hyb.reshape %s : (tensor<1x1xf32>) -> tensor<f32>
  return %l : tensor<f32>
}
