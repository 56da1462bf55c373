"""MatMul, Gemm, Einsum, convolutions, attention."""
import numpy as np

from opcases.core import arr, case, f16, f32, f64, i32, ints, scalar, text, i8, u8, u32, boolean

case("MatMul", "2d", 9, [f32(5, 7), f32(7, 3)])
case("MatMul", "weights", 13, [f32(5, 64), f32(64, 48)], const=(1,))
case("MatMul", "k300", 13, [f32(3, 300), f32(300, 20)], const=(1,), atol=2e-5)
case("MatMul", "batch", 13, [f32(2, 3, 4, 5), f32(2, 3, 5, 6)])
case("MatMul", "broadcast", 13, [f32(3, 1, 4, 5), f32(2, 5, 6)])
case("MatMul", "nd_weights", 13, [f32(2, 3, 8), f32(8, 4)], const=(1,))
case("MatMul", "constant_left", 13, [f32(4, 5), f32(5, 6)], const=(0,))
case("MatMul", "vector_left", 13, [f32(5), f32(5, 6)])
case("MatMul", "vector_right", 13, [f32(2, 4, 5), f32(5)])
case("MatMul", "dot", 13, [f32(5), f32(5)])
case("MatMul", "empty_k", 13, [f32(3, 0), f32(0, 2)])
case("MatMul", "f64", 13, [f64(5, 7), f64(7, 3)])
case("MatMul", "f16", 13, [f16(5, 7), f16(7, 3)], rtol=1e-2, atol=5e-3)
case("MatMul", "i32", 13, [i32(5, 7), i32(7, 3)])
case("MatMul", "u32", 13, [u32(5, 7), u32(7, 3)])

case("Gemm", "plain", 13, [f32(4, 5), f32(5, 6), f32(6)])
case("Gemm", "no_bias", 11, [f32(4, 5), f32(5, 6)])
case("Gemm", "bias_required", 7, [f32(4, 5), f32(5, 6), f32(4, 6)])
case("Gemm", "trans_b", 13, [f32(4, 40), f32(30, 40), f32(30)], {"transB": 1}, const=(1, 2))
case("Gemm", "trans_ab", 13, [f32(5, 4), f32(6, 5), f32(1, 6)], {"transA": 1, "transB": 1})
case("Gemm", "alpha_beta", 9, [f32(4, 5), f32(5, 6), f32(4, 1)], {"alpha": 0.5, "beta": 2.0})
case("Gemm", "scalar_bias", 13, [f32(4, 5), f32(5, 6), scalar(3.0)])
case("Gemm", "beta_zero", 13, [f32(4, 5), f32(5, 6), f32(6)], {"beta": 0.0})
case("Gemm", "f64", 13, [f64(4, 5), f64(5, 6), f64(6)])
case("Gemm", "f16", 13, [f16(4, 5), f16(5, 6), f16(6)], rtol=1e-2, atol=5e-3)
case("Gemm", "i32", 13, [i32(4, 5, lo=-9, hi=9), i32(5, 6, lo=-9, hi=9), i32(6)])

for variant, equation, shapes in [
        ("matmul", "ij,jk->ik", [(3, 4), (4, 5)]), ("transpose", "ij->ji", [(3, 4)]),
        ("sum", "ij->i", [(3, 4)]), ("trace", "ii", [(4, 4)]), ("diagonal", "ii->i", [(4, 4)]),
        ("batch", "bij,bjk->bik", [(2, 3, 4), (2, 4, 5)]),
        ("attention", "bhid,bhjd->bhij", [(2, 3, 4, 5), (2, 3, 6, 5)]),
        ("ellipsis", "...ij,...jk->...ik", [(2, 3, 4), (2, 4, 5)]),
        ("outer", "i,j->ij", [(3,), (4,)]), ("implicit", "ij,jk", [(3, 4), (4, 5)]),
        ("three", "ij,jk,kl->il", [(2, 3), (3, 4), (4, 5)]),
        ("hadamard", "ij,ij->ij", [(3, 4), (3, 4)])]:
    case("Einsum", variant, 12, [f32(*s) for s in shapes], {"equation": equation})
case("Einsum", "f64", 12, [f64(3, 4), f64(4, 5)], {"equation": "ij,jk->ik"})
# Sums of 8-bit products stay within the type: ONNX leaves open what comes of others.
case("Einsum", "u8", 12, [u8(3, 4, hi=5), u8(4, 5, hi=5)], {"equation": "ij,jk->ik"})
case("Einsum", "i8", 12, [i8(3, 4, lo=-5, hi=5), i8(4, 5, lo=-5, hi=5)], {"equation": "ij,jk->ki"})

CONV = [
    ("plain", (1, 3, 8, 8), (4, 3, 3, 3), {}),
    ("bias_pad", (2, 3, 8, 8), (4, 3, 3, 3), {"pads": [1, 1, 1, 1]}),
    ("stride", (1, 3, 9, 9), (4, 3, 3, 3), {"strides": [2, 2], "pads": [1, 1, 1, 1]}),
    ("uneven", (1, 3, 9, 7), (4, 3, 3, 2), {"strides": [2, 1], "pads": [0, 1, 2, 0]}),
    ("dilated", (1, 2, 9, 9), (3, 2, 3, 3), {"dilations": [2, 2], "pads": [2, 2, 2, 2]}),
    ("grouped", (1, 4, 6, 6), (6, 2, 3, 3), {"group": 2}),
    ("depthwise", (1, 6, 7, 7), (6, 1, 3, 3), {"group": 6, "pads": [1, 1, 1, 1]}),
    ("depthwise_multiplier", (1, 3, 7, 7), (6, 1, 3, 3), {"group": 3}),
    ("pointwise", (1, 32, 5, 5), (48, 32, 1, 1), {}),
    ("same_upper", (1, 2, 7, 7), (3, 2, 3, 3), {"auto_pad": "SAME_UPPER", "strides": [2, 2]}),
    ("same_lower", (1, 2, 8, 8), (3, 2, 3, 3), {"auto_pad": "SAME_LOWER", "strides": [2, 2]}),
    ("valid", (1, 2, 8, 8), (3, 2, 3, 3), {"auto_pad": "VALID"}),
    ("1d", (2, 3, 16), (4, 3, 5), {"pads": [2, 2]}),
    ("1d_causal", (1, 3, 16), (4, 3, 3), {"pads": [4, 0], "dilations": [2]}),
    ("3d", (1, 2, 5, 6, 7), (3, 2, 3, 3, 3), {"pads": [1, 1, 1, 1, 1, 1]}),
    ("k_over_256", (1, 40, 6, 6), (20, 40, 3, 3), {"pads": [1, 1, 1, 1]}),
    ("stem", (1, 3, 32, 32), (16, 3, 7, 7), {"strides": [2, 2], "pads": [3, 3, 3, 3]}),
    ("kernel_is_image", (2, 5, 4, 4), (7, 5, 4, 4), {}),
]
for variant, x, w, attrs in CONV:
    bias = [f32(w[0])] if len(variant) % 2 else []
    case("Conv", variant, 11, [f32(*x), f32(*w), *bias],
         {"kernel_shape": list(w[2:]), **attrs}, const=(1, 2),
         atol=2e-5 if w[1] > 30 else None)  # long sums that cancel
case("Conv", "old", 7, [f32(1, 3, 8, 8), f32(4, 3, 3, 3)], const=(1,))
case("Conv", "newest", 22, [f32(1, 3, 8, 8), f32(4, 3, 3, 3)], const=(1,))
case("Conv", "live_weights", 11, [f32(1, 3, 8, 8), f32(4, 3, 3, 3), f32(4)])
case("Conv", "f64", 11, [f64(1, 3, 6, 6), f64(4, 3, 3, 3)], const=(1,))
case("Conv", "f16", 11, [f16(1, 3, 6, 6), f16(4, 3, 3, 3)], const=(1,), rtol=1e-2, atol=2e-2)

for variant, x, w, attrs in [
        ("plain", (1, 3, 5, 5), (3, 4, 3, 3), {}),
        ("stride", (1, 3, 5, 5), (3, 4, 4, 4), {"strides": [2, 2], "pads": [1, 1, 1, 1]}),
        ("output_padding", (1, 3, 5, 5), (3, 4, 3, 3),
         {"strides": [2, 2], "pads": [1, 1, 1, 1], "output_padding": [1, 1]}),
        ("output_shape", (1, 2, 4, 4), (2, 3, 3, 3), {"strides": [2, 2], "output_shape": [9, 8]}),
        ("same_upper", (1, 2, 4, 4), (2, 3, 3, 3), {"strides": [2, 2], "auto_pad": "SAME_UPPER"}),
        ("grouped", (1, 4, 5, 5), (4, 3, 3, 3), {"group": 2, "strides": [2, 2]}),
        ("depthwise", (1, 4, 5, 5), (4, 1, 2, 2), {"group": 4, "strides": [2, 2]}),
        ("dilated", (1, 2, 5, 5), (2, 3, 3, 3), {"dilations": [2, 2]}),
        ("1d", (1, 2, 7), (2, 3, 4), {"strides": [2], "pads": [1, 1]}),
        ("3d", (1, 2, 3, 3, 3), (2, 3, 2, 2, 2), {"strides": [2, 2, 2]})]:
    bias = [f32(w[1] * attrs.get("group", 1))] if len(variant) % 2 else []
    case("ConvTranspose", variant, 11, [f32(*x), f32(*w), *bias],
         {"kernel_shape": list(w[2:]), **attrs}, const=(1, 2))
case("ConvTranspose", "old", 7, [f32(1, 3, 5, 5), f32(3, 4, 3, 3)], const=(1,))

# Attention as one op (opset 23), and as the pattern that exporters write.
for variant, attrs, extra in [("plain", {}, []), ("causal", {"is_causal": 1}, []),
                              ("mask", {}, [f32(2, 3, 6, 6)]), ("bool", {}, [boolean(6, 6)])]:
    case("Attention", variant, 23, [f32(2, 3, 6, 8), f32(2, 3, 6, 8), f32(2, 3, 6, 8), *extra],
         attrs, core=False)
case("Attention", "gqa_3d", 23, [f32(2, 6, 32), f32(2, 7, 16), f32(2, 7, 16)],
     {"q_num_heads": 4, "kv_num_heads": 2}, core=False)
text("MatMul", "attention_pattern", 17, """g (float[2,6,16] q, float[2,6,16] k, float[2,6,16] v) => (float[2,6,16] y)
<int64[4] heads = {0, 0, 2, 8}, int64[3] back = {0, 0, 16}, float scale = {2.8284271}> {
  qh = Reshape (q, heads)  qt = Transpose <perm = [0, 2, 1, 3]> (qh)
  kh = Reshape (k, heads)  kt = Transpose <perm = [0, 2, 3, 1]> (kh)
  vh = Reshape (v, heads)  vt = Transpose <perm = [0, 2, 1, 3]> (vh)
  raw = MatMul (qt, kt)  scaled = Div (raw, scale)  p = Softmax <axis = -1> (scaled)
  o = MatMul (p, vt)  ot = Transpose <perm = [0, 2, 1, 3]> (o)  y = Reshape (ot, back)
}""", {"q": f32(2, 6, 16), "k": f32(2, 6, 16), "v": f32(2, 6, 16)})
