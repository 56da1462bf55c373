"""Unary, binary and ternary element-wise ops, comparisons, logic."""
import numpy as np

from opcases.core import (BY_NAME, SPECIAL, arr, boolean, case, f16, f32, f64, i32,
                          i64, ints, scalar, u8)

NAN = np.array([1, np.nan, -np.inf, np.inf, 0, -0.0, 2, np.nan], np.float32)

# Unary ops on floats: (op, opset, attributes, domain of inputs, in the core list)
UNARY = [
    ("Abs", 13, {}, (-2, 2), False), ("Ceil", 13, {}, (-5, 5), False),
    ("Cos", 7, {}, (-6, 6), False), ("Elu", 6, {"alpha": 0.7}, (-3, 3), True),
    ("Erf", 13, {}, (-4, 4), True), ("Exp", 13, {}, (-9, 9), True),
    ("Floor", 13, {}, (-5, 5), True), ("Gelu", 20, {}, (-5, 5), True),
    ("HardSigmoid", 6, {"alpha": 0.3, "beta": 0.4}, (-5, 5), True),
    ("HardSwish", 14, {}, (-5, 5), True), ("Identity", 16, {}, (-2, 2), True),
    ("LeakyRelu", 16, {"alpha": 0.2}, (-3, 3), True), ("Log", 13, {}, (1e-3, 20), True),
    ("Mish", 18, {}, (-5, 5), False), ("Neg", 13, {}, (-2, 2), True),
    ("Reciprocal", 13, {}, (0.2, 3), False), ("Relu", 14, {}, (-2, 2), True),
    ("Round", 11, {}, (-5, 5), False), ("Selu", 6, {}, (-3, 3), False),
    ("Sigmoid", 13, {}, (-12, 12), True), ("Sign", 13, {}, (-2, 2), False),
    ("Sin", 7, {}, (-6, 6), False), ("Softplus", 1, {}, (-9, 9), True),
    ("Softsign", 1, {}, (-9, 9), False), ("Sqrt", 13, {}, (0, 9), True),
    ("Tanh", 13, {}, (-6, 6), True), ("ThresholdedRelu", 10, {"alpha": 0.8}, (-3, 3), False),
    ("Celu", 12, {"alpha": 1.5}, (-3, 3), False), ("Atan", 7, {}, (-3, 3), False),
]
for op, since, attrs, (lo, hi), core in UNARY:
    opset = max(since, 7)
    case(op, "f32", opset, [f32(3, 5, 17, lo=lo, hi=hi)], attrs, core=core)
    case(op, "f32_latest", 26, [f32(70, lo=lo, hi=hi)], attrs, core=core)
    if op not in ("Celu", "Log", "Sqrt", "Reciprocal"):
        case(op, "f32_special", max(opset, 13), [SPECIAL], attrs, core=core)
for op in ("Relu", "Sigmoid", "Tanh", "Exp", "Sqrt", "Neg", "Erf", "LeakyRelu",
           "Identity", "Softplus", "HardSwish", "Floor"):
    for kind in ("f16", "f64"):
        case(op, kind, 16, [BY_NAME[kind](4, 9, lo=0.1, hi=3)],
             {"alpha": 0.3} if op == "LeakyRelu" else {})
case("Log", "f64", 13, [f64(4, 9, lo=0.1, hi=3)])
case("Log", "edge", 13, [arr(np.float32, 0, -1, np.inf, 1)])
case("Sqrt", "edge", 13, [arr(np.float32, 0, -1, np.inf, -0.0)])
for op in ("Relu", "Sigmoid", "Tanh", "Neg", "Floor", "Erf", "Exp"):
    case(op, "nan", 14, [NAN], core=True)
case("Elu", "default", 7, [f32(8)])
case("HardSigmoid", "default", 7, [f32(8, lo=-5, hi=5)])
case("LeakyRelu", "default", 7, [f32(8)])
# Defaults are single precision, as attributes are.
case("LeakyRelu", "default_f64", 16, [f64(8)])
case("HardSigmoid", "default_f64", 22, [f64(8)])
case("Gelu", "tanh", 20, [f32(4, 33, lo=-5, hi=5)], {"approximate": "tanh"})
case("Gelu", "f16", 20, [f16(40)])
for kind in ("i8", "i32", "i64"):
    case("Neg", kind, 13, [BY_NAME[kind](11)])
    case("Abs", kind, 13, [BY_NAME[kind](11)], core=False)
case("Relu", "i32", 14, [i32(11)])
case("Relu", "i8", 14, [BY_NAME["i8"](11)])
case("Relu", "scalar", 14, [scalar(-3.0)])
case("Relu", "empty", 14, [f32(0, 4)])
case("Identity", "i64", 14, [i64(2, 3)])
case("Identity", "bool", 14, [boolean(2, 3)])

# Binary arithmetic.
for op in ("Add", "Sub", "Mul", "Div"):
    case(op, "f32", 7, [f32(3, 4, 5), f32(3, 4, 5, lo=0.5, hi=2)])
    case(op, "f32_bias", 13, [f32(2, 6, 5, 5), f32(6, 1, 1, lo=0.5, hi=2)], const=(1,))
    case(op, "f32_both_sides", 14, [f32(4, 1, 3), f32(2, 1, 5, 1, lo=0.5, hi=2)])
    case(op, "f32_scalar", 14, [f32(7), scalar(1.5)])
    case(op, "f32_scalars", 14, [scalar(3.5), scalar(1.5)])
    case(op, "f32_empty", 14, [f32(3, 0), f32(1)])
    case(op, "f32_special", 14, [SPECIAL, SPECIAL[::-1].copy()])
    case(op, "f16", 14, [f16(3, 5), f16(5, lo=0.5, hi=2)])
    case(op, "f64", 14, [f64(3, 5), f64(5, lo=0.5, hi=2)])
    case(op, "i32", 14, [i32(3, 5), i32(5, lo=1, hi=9)])
    case(op, "i64", 7, [i64(3, 5), i64(5, lo=-9, hi=-1)])
    case(op, "u8", 14, [u8(3, 5), u8(5, lo=1, hi=9)])
    case(op, "i8", 14, [BY_NAME["i8"](3, 5), BY_NAME["i8"](5, lo=1, hi=9)])
    case(op, "newest", 28, [f32(3, 5), f32(5, lo=0.5, hi=2)])
case("Div", "i32_signs", 14, [arr(np.int32, 7, -7, 7, -7), arr(np.int32, 2, 2, -2, -2)])
case("Add", "i64_wraps", 14, [arr(np.int64, 2**63 - 1), arr(np.int64, 1)])

case("Mod", "i32_signs", 13, [arr(np.int32, 7, -7, 7, -7, 0), arr(np.int32, 3, 3, -3, -3, 5)])
case("Mod", "i64_fmod", 13, [arr(np.int64, 7, -7, 7, -7), arr(np.int64, 3, 3, -3, -3)],
     {"fmod": 1})
case("Mod", "f32_fmod", 13, [f32(3, 5, lo=-9, hi=9), f32(5, lo=1, hi=3)], {"fmod": 1})
case("Mod", "u8", 10, [u8(9), u8(9, lo=1, hi=20)])
case("Mod", "f64_fmod", 13, [f64(9, lo=-9, hi=9), f64(9, lo=1, hi=3)], {"fmod": 1})

case("Pow", "f32", 7, [f32(3, 4, lo=0.1, hi=3), f32(4)])
case("Pow", "square", 13, [f32(3, 4), scalar(2.0)], const=(1,))
case("Pow", "f32_i64", 13, [f32(3, 4), ints(3)])
case("Pow", "f32_f32_negative_base", 15, [arr(np.float32, -2, -2, -8, 0, 0),
                                          arr(np.float32, 3, 2, -1, 0, 2)])
case("Pow", "i64_i64", 15, [i64(6, lo=-9, hi=9), i64(6, lo=0, hi=5)])
case("Pow", "i32_f32", 15, [i32(6, lo=1, hi=9), f32(6, lo=0, hi=2)])
case("Pow", "half", 15, [f32(6, lo=0, hi=9), scalar(0.5)], const=(1,))
case("Pow", "f64", 15, [f64(6, lo=0, hi=9), f64(6)])

for op in ("Max", "Min"):
    case(op, "f32_one", 13, [f32(3, 4)])
    case(op, "f32_two", 8, [f32(3, 4), f32(4)])
    case(op, "f32_three", 13, [f32(3, 1), f32(4), f32(2, 1, 1)])
    case(op, "nan", 13, [NAN, NAN[::-1].copy()])
    for kind in ("f16", "f64", "i32", "i64", "u8"):
        if kind != "u8":
            case(op, kind, 13, [BY_NAME[kind](3, 4), BY_NAME[kind](4)])
    case(op, "i8", 12, [BY_NAME["i8"](7), BY_NAME["i8"](7)])
case("Sum", "one", 13, [f32(3, 4)])
case("Sum", "three", 8, [f32(3, 1), f32(4), f32(2, 1, 1)])
case("Sum", "f64", 13, [f64(3, 4), f64(4)])
case("Mean", "three", 13, [f32(3, 1), f32(4), f32(2, 1, 1)], core=False)

# Comparisons and logic.
for op in ("Equal", "Greater", "Less", "GreaterOrEqual", "LessOrEqual"):
    core = op in ("Equal", "Greater", "Less")
    since = 12 if "Or" in op else 7
    small = dict(lo=-2, hi=2)
    case(op, "f32", 13, [np.round(np.linspace(-2, 2, 12, dtype=np.float32)).reshape(3, 4),
                         arr(np.float32, -1, 0, 1, 2)], core=core)
    case(op, "nan", 13, [NAN, NAN[::-1].copy()], core=core)
    case(op, "i64", max(since, 9), [i64(3, 4, **small), i64(4, **small)], core=core)
    case(op, "i32", 13, [i32(3, 4, **small), i32(1, 4, **small)], core=core)
    case(op, "f64", 13, [f64(3, 4), f64(4)], core=core)
    case(op, "f16", 16, [f16(3, 4), f16(4)], core=core)
case("Equal", "bool", 7, [boolean(3, 4), boolean(4)])
case("Equal", "i32", 7, [i32(9, lo=0, hi=2), i32(9, lo=0, hi=2)])
for op in ("And", "Or", "Xor"):
    case(op, "same", 7, [boolean(3, 4), boolean(3, 4)])
    case(op, "broadcast", 7, [boolean(3, 1, 5), boolean(4, 1)])
    case(op, "scalar", 7, [boolean(3, 4), np.array(True)])
case("Not", "plain", 7, [boolean(3, 4)])
case("Not", "empty", 7, [boolean(0)])
case("IsNaN", "f32", 13, [NAN], core=False)
case("IsInf", "f32", 10, [NAN], {"detect_negative": 0}, core=False)
case("BitShift", "left", 11, [u8(9, hi=30), u8(9, hi=3)], {"direction": "LEFT"}, core=False)
case("BitwiseAnd", "i32", 18, [i32(3, 4), i32(4)], core=False)

# Where.
for kind in ("f32", "f16", "f64", "i32", "i64", "u8", "bool"):
    # onnxruntime has no f16, bool Where: onnx's own evaluator then answers.
    case("Where", kind, 16, [boolean(3, 4), BY_NAME[kind](3, 4), BY_NAME[kind](4)])
case("Where", "broadcast", 9, [boolean(3, 1), f32(1, 4), f32(2, 1, 1)])
case("Where", "mask", 16, [boolean(1, 1, 6, 6), f32(2, 3, 6, 6), scalar(-3e4)], const=(0, 2))

# Clip: attributes until opset 10, inputs since 11.
case("Clip", "attrs", 7, [f32(3, 9)], {"min": -0.5, "max": 1.0})
case("Clip", "max_only", 10, [f32(3, 9)], {"max": 1.0})
case("Clip", "none", 6 + 1, [f32(3, 9)])
case("Clip", "inputs", 11, [f32(3, 9), scalar(-0.5), scalar(1.0)], const=(1, 2))
case("Clip", "live_bounds", 13, [f32(3, 9), scalar(-0.5), scalar(1.0)])
case("Clip", "min_only", 12, [f32(3, 9), scalar(-0.5)], const=(1,))
case("Clip", "max_input", 13, [f32(3, 9), None, scalar(0.5)], const=(2,))
case("Clip", "no_bounds", 13, [f32(3, 9)])
case("Clip", "i64", 12, [i64(9), scalar(-100, "int64"), scalar(100, "int64")])
case("Clip", "i8", 13, [BY_NAME["i8"](9), scalar(-5, "int8"),
                        scalar(7, "int8")])
case("Clip", "f64", 13, [f64(9), scalar(-0.5, "float64"), scalar(1.0, "float64")])
case("Clip", "f16", 13, [f16(9), scalar(-0.5, "float16"), scalar(1.0, "float16")])
case("Clip", "crossed", 13, [f32(9), scalar(1.0), scalar(-1.0)])
case("Clip", "nan", 13, [NAN, scalar(-1.0), scalar(1.0)])

# PRelu: slope broadcasts one way.
case("PRelu", "channel", 9, [f32(2, 3, 4, 5), f32(3, 1, 1)], const=(1,))
case("PRelu", "same", 16, [f32(2, 3), f32(2, 3)])
case("PRelu", "scalar", 16, [f32(2, 3), f32(1)])
case("PRelu", "old", 7, [f32(2, 3, 4), f32(3, 1)], const=(1,))
case("PRelu", "f64", 16, [f64(2, 3), f64(3)])
