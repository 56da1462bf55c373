"""Cast, and quantise/dequantise with the integer contractions."""
import numpy as np

from opcases.core import (BY_NAME, arr, case, f16, f32, i32, i8, ints, scalar, text, u8)

CODES = {"f32": 1, "u8": 2, "i8": 3, "u16": 4, "i16": 5, "i32": 6, "i64": 7, "bool": 9,
         "f16": 10, "f64": 11, "u32": 12, "u64": 13, "bf16": 16}
PAIRS = ["f32 f16", "f16 f32", "f32 f64", "f64 f32", "f32 i32", "f32 i64", "f32 i8",
         "f32 u8", "f32 bool", "i32 f32", "i64 f32", "i64 i32", "i32 i64", "i8 f32",
         "u8 f32", "u8 i8", "bool f32", "bool i64", "bool i32", "i64 bool", "i64 f64",
         "i32 f16", "f64 i64", "u8 i32", "i64 u8"]
for pair in PAIRS:
    source, target = pair.split()
    hi = 100
    lo = 0 if target[0] == "u" or source[0] == "u" else -100
    value = BY_NAME[source](3, 7) if source == "bool" else BY_NAME[source](3, 7, lo=lo, hi=hi)
    case("Cast", f"{source}_to_{target}", 13, [value], {"to": CODES[target]})
case("Cast", "old", 9, [f32(5)], {"to": CODES["i32"]})
case("Cast", "truncates", 13, [arr(np.float32, 1.9, -1.9, 0.5, -0.5, 2.5)], {"to": CODES["i32"]})
case("Cast", "nan_to_bool", 13, [arr(np.float32, np.nan, 0, -0.0, 1e-20)], {"to": CODES["bool"]})
case("Cast", "f16_overflow", 13, [arr(np.float32, 1e6, -1e6, 65504, 6e-8)], {"to": CODES["f16"]})
case("Cast", "scalar", 19, [scalar(3.7)], {"to": CODES["i64"]})
text("Cast", "bf16_round_trip", 13, """g (float[4,5] x) => (float[4,5] y) {
  b = Cast <to = 16> (x)  y = Cast <to = 1> (b)
}""", {"x": f32(4, 5)})
case("CastLike", "f32_i64", 15, [f32(5, lo=-9, hi=9), ints(0)], core=False)

# Quantisation. Zero points are part of the model, as exporters write them.
SCALE = scalar(0.05)
case("QuantizeLinear", "u8", 10, [f32(3, 9, lo=-9, hi=9), SCALE, scalar(128, "uint8")], const=(1, 2))
case("QuantizeLinear", "i8", 13, [f32(3, 9, lo=-9, hi=9), SCALE, scalar(3, "int8")], const=(1, 2))
case("QuantizeLinear", "no_zero_point", 13, [f32(3, 9, lo=-1, hi=14), SCALE], const=(1,))
case("QuantizeLinear", "ties", 13, [arr(np.float32, 0.5, 1.5, 2.5, -0.5, -1.5, 300, -300),
                                    scalar(1.0), scalar(0, "int8")], const=(1, 2))
case("QuantizeLinear", "axis", 13, [f32(2, 3, 4), arr(np.float32, 0.01, 0.02, 0.05),
                                    arr(np.int8, 0, 5, -7)], {"axis": 1}, const=(1, 2))
case("QuantizeLinear", "axis_negative", 19, [f32(2, 4, 3), arr(np.float32, 0.01, 0.02, 0.05),
                                             arr(np.uint8, 0, 5, 7)], {"axis": -1}, const=(1, 2))
case("QuantizeLinear", "blocked", 21, [f32(2, 8), f32(2, 2, lo=0.01, hi=0.1)],
     {"axis": 1, "block_size": 4, "output_dtype": CODES["i8"]}, const=(1,))
case("QuantizeLinear", "i16", 21, [f32(3, 9), scalar(1e-4), scalar(3, "int16")], const=(1, 2))
case("QuantizeLinear", "live", 13, [f32(3, 9), scalar(0.03), scalar(9, "int8")])
case("DequantizeLinear", "u8", 10, [u8(3, 9), SCALE, scalar(128, "uint8")], const=(1, 2))
case("DequantizeLinear", "i8", 13, [i8(3, 9), SCALE, scalar(-4, "int8")], const=(1, 2))
case("DequantizeLinear", "i32", 10, [i32(3, 9), SCALE], const=(1,))
case("DequantizeLinear", "axis", 13, [i8(2, 3, 4), arr(np.float32, 0.01, 0.02, 0.05),
                                      arr(np.int8, 0, 5, -7)], {"axis": 1}, const=(1, 2))
case("DequantizeLinear", "weights", 13, [i8(4, 3, 3, 3), f32(4, lo=0.01, hi=0.1)], {"axis": 0},
     const=(0, 1))
case("DequantizeLinear", "blocked", 21, [i8(2, 8), f32(2, 2, lo=0.01, hi=0.1)],
     {"axis": 1, "block_size": 4}, const=(1,))
case("DequantizeLinear", "f16", 19, [i8(3, 9), scalar(0.05, "float16")], const=(1,))
case("DynamicQuantizeLinear", "plain", 11, [f32(3, 9)], outputs=3, core=False)

case("MatMulInteger", "plain", 10, [u8(3, 5), i8(5, 4), scalar(100, "uint8"), scalar(3, "int8")],
     core=False)
case("ConvInteger", "plain", 10, [u8(1, 2, 5, 5), u8(3, 2, 3, 3), scalar(100, "uint8")],
     {"pads": [1, 1, 1, 1]}, core=False)
case("QLinearMatMul", "u8", 10, [u8(3, 5), scalar(0.02), scalar(100, "uint8"),
                                 u8(5, 4), scalar(0.03), scalar(90, "uint8"),
                                 scalar(0.1), scalar(120, "uint8")],
     const=range(1, 8), core=False)
case("QLinearConv", "u8_i8", 10, [u8(1, 2, 6, 6), scalar(0.02), scalar(100, "uint8"),
                                  i8(3, 2, 3, 3), f32(3, lo=0.01, hi=0.03), np.zeros(3, np.int8),
                                  scalar(0.1), scalar(120, "uint8"), i32(3)],
     {"pads": [1, 1, 1, 1]}, const=range(1, 9), core=False)

# A whole quantised layer as exporters write it: the arithmetic that it states.
text("QuantizeLinear", "qdq_conv", 13, """g (float[1,2,6,6] x) => (float[1,3,6,6] y)
<float xs = {0.02}, uint8 xz = {128}, float[3] ws = {0.01, 0.02, 0.015}, int8[3] wz = {0, 0, 0},
 float ys = {0.1}, uint8 yz = {110}, float[3] bias = {0.5, -1.0, 0.25}, int8[3,2,3,3] w = {
 10,-20,30,-40,50,-60,70,-80,90, 5,15,-25,35,-45,55,-65,75,-85,
 -9,8,-7,6,-5,4,-3,2,-1, 11,12,13,14,15,16,17,18,19,
 100,-100,50,-50,25,-25,12,-12,6, 127,-128,64,-64,32,-32,16,-16,8}> {
  xq = QuantizeLinear (x, xs, xz)
  xd = DequantizeLinear (xq, xs, xz)
  wd = DequantizeLinear <axis = 0> (w, ws, wz)
  c = Conv <pads = [1, 1, 1, 1]> (xd, wd, bias)
  r = Relu (c)
  yq = QuantizeLinear (r, ys, yz)
  y = DequantizeLinear (yq, ys, yz)
}""", {"x": f32(1, 2, 6, 6)}, atol=0.1001)  # half an ulp may flip one output step
text("DequantizeLinear", "qdq_matmul", 13, """g (float[4,6] x) => (float[4,3] y)
<float xs = {0.02}, int8 xz = {0}, float ws = {0.02}, int8 wz = {0},
 int8[6,3] w = {10,-20,30,-40,50,-60,70,-80,90,5,15,-25,35,-45,55,-65,75,-85}> {
  xq = QuantizeLinear (x, xs, xz)
  xd = DequantizeLinear (xq, xs, xz)
  wd = DequantizeLinear (w, ws, wz)
  y = MatMul (xd, wd)
}""", {"x": f32(4, 6)})
