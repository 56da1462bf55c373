"""Reductions, arg-reductions, softmaxes, normalisations, pools, top-k."""
import numpy as np

from opcases.core import (BY_NAME, arr, boolean, case, f16, f32, f64, i32, i64, ints, scalar, text)

for op in ("ReduceMax", "ReduceMean", "ReduceMin", "ReduceProd", "ReduceSum", "ReduceL1",
           "ReduceL2", "ReduceLogSumExp", "ReduceSumSquare", "ReduceLogSum"):
    core = op in ("ReduceMax", "ReduceMean", "ReduceMin", "ReduceProd", "ReduceSum")
    lo = 0.1 if op == "ReduceLogSum" else -2
    x = f32(3, 4, 5, lo=lo, hi=2)
    since = 13 if op == "ReduceSum" else 18
    case(op, "attr_axes", 11, [x], {"axes": [1]}, core=core)
    case(op, "attr_negative", 7 + 4, [x], {"axes": [-1, 0], "keepdims": 0}, core=core)
    case(op, "old", 7, [x], {"axes": [2]}, core=core)
    case(op, "all", 11, [x], core=core)
    case(op, "input_axes", since, [x, ints(0, 2)], const=(1,), core=core)
    case(op, "input_drop", since, [x, ints(-2)], {"keepdims": 0}, const=(1,), core=core)
    if core:
        case(op, "all_dropped", since, [x], {"keepdims": 0})
        case(op, "noop", since, [x, ints()], {"noop_with_empty_axes": 1}, const=(1,))
        case(op, "nothing_is_all", since, [x, ints()], const=(1,))
        case(op, "f64", since, [f64(3, 4), ints(1)], const=(1,))
        case(op, "f16", since, [f16(3, 4), ints(1)], const=(1,))
        case(op, "i32", since, [i32(3, 4, lo=-9, hi=9), ints(1)], const=(1,))
        if op != "ReduceMean":
            case(op, "i64", since, [i64(3, 4, lo=-9, hi=9), ints(0)], const=(1,))
        case(op, "newest", 26, [x, ints(1)], const=(1,))
case("ReduceMax", "bool", 20, [boolean(3, 4), ints(1)], const=(1,))
case("ReduceSum", "empty_set", 13, [f32(2, 0, 3), ints(1)], const=(1,))
case("ReduceProd", "empty_set", 18, [f32(2, 0, 3), ints(1)], const=(1,))
case("ReduceSum", "live_axes_shape_known", 13, [f32(3, 4), ints(1)], const=(1,))
case("ReduceMean", "spatial", 11, [f32(2, 6, 7, 7)], {"axes": [2, 3], "keepdims": 1})

TIES = arr(np.float32, [1, 3, 3, 2], [5, 0, 5, 5])
for op in ("ArgMax", "ArgMin"):
    core = op == "ArgMax"
    case(op, "default", 13, [f32(3, 4, 5, unique=True)], core=core)
    case(op, "axis", 11, [f32(3, 4, 5, unique=True)], {"axis": -1, "keepdims": 0}, core=core)
    case(op, "ties_first", 13, [TIES], {"axis": 1}, core=core)
    case(op, "ties_last", 12, [TIES], {"axis": 1, "select_last_index": 1}, core=core)
    case(op, "old", 7, [f32(3, 4, unique=True)], {"axis": 1}, core=core)
    case(op, "i32", 13, [i32(3, 9)], {"axis": 1}, core=core)

for op in ("Softmax", "LogSoftmax"):
    case(op, "default", 13, [f32(2, 3, 4)])
    case(op, "axis", 13, [f32(2, 3, 4)], {"axis": 1})
    case(op, "first", 13, [f32(2, 3, 4)], {"axis": 0})
    case(op, "default_flattens", 11, [f32(2, 3, 4)])
    case(op, "axis0_flattens", 11, [f32(2, 3, 4)], {"axis": 0})
    case(op, "axis2", 7, [f32(2, 3, 4)], {"axis": 2})
    case(op, "large", 13, [arr(np.float32, [1000, 1001, 999], [-1000, 0, 1000])])
    case(op, "masked", 13, [arr(np.float32, [0, -np.inf, 1], [-np.inf, 2, -np.inf])])
    case(op, "long", 13, [f32(4, 1000, lo=-9, hi=9)])
    case(op, "f64", 13, [f64(3, 4)])
    case(op, "f16", 13, [f16(3, 4)])

STATS = [f32(5, lo=0.5, hi=1.5), f32(5), f32(5), f32(5, lo=0.2, hi=2)]
case("BatchNormalization", "old", 7, [f32(2, 5, 3, 3), *STATS], {"epsilon": 1e-3},
     const=(1, 2, 3, 4))
case("BatchNormalization", "folded", 9, [f32(2, 5, 3, 3), *STATS], const=(1, 2, 3, 4))
case("BatchNormalization", "folded", 15, [f32(2, 5, 3, 3), *STATS], const=(1, 2, 3, 4))
case("BatchNormalization", "rank2", 15, [f32(4, 5), *STATS], const=(1, 2, 3, 4))
case("BatchNormalization", "rank3", 14, [f32(4, 5, 6), *STATS], const=(1, 2, 3, 4))
case("BatchNormalization", "live", 15, [f32(2, 5, 3), *STATS])
case("BatchNormalization", "training", 15, [f32(2, 5, 3), *STATS],
     {"training_mode": 1, "momentum": 0.8}, outputs=3)
case("BatchNormalization", "f64", 15, [f64(2, 2, 3), f64(2), f64(2), f64(2), f64(2, lo=0.2, hi=2)])
case("InstanceNormalization", "plain", 7, [f32(2, 3, 5, 5), f32(3), f32(3)], const=(1, 2))
case("InstanceNormalization", "1d", 22, [f32(2, 3, 9), f32(3), f32(3)], {"epsilon": 1e-2})
case("LayerNormalization", "last", 17, [f32(2, 3, 16), f32(16), f32(16)], const=(1, 2))
case("LayerNormalization", "no_bias", 17, [f32(2, 3, 16), f32(16)], {"epsilon": 1e-3}, const=(1,))
case("LayerNormalization", "axis1", 17, [f32(2, 3, 4), f32(3, 4), f32(3, 4)], {"axis": 1})
case("LayerNormalization", "stats", 17, [f32(2, 3, 16), f32(16), f32(16)], outputs=3)
case("LayerNormalization", "f64", 17, [f64(2, 16), f64(16), f64(16)])
case("LayerNormalization", "f16", 17, [f16(2, 16), f16(16), f16(16)], rtol=1e-2, atol=5e-3)
case("LayerNormalization", "offset", 17, [f32(2, 64, lo=1000, hi=1001), f32(64), f32(64)],
     rtol=1e-3, atol=1e-3)  # cancels: a naive E[x²]−E[x]² loses all digits here
case("GroupNormalization", "21", 21, [f32(2, 6, 4), f32(6), f32(6)], {"num_groups": 3}, core=False)
case("RMSNormalization", "23", 23, [f32(2, 3, 16), f32(16)], core=False)
case("LRN", "default", 13, [f32(2, 7, 3, 3)], {"size": 3})
case("LRN", "attrs", 7, [f32(2, 7, 3, 3)],
     {"size": 5, "alpha": 0.02, "beta": 0.6, "bias": 2.0})
case("LpNormalization", "l2", 7, [f32(3, 4)], {"axis": 1}, core=False)
case("MeanVarianceNormalization", "plain", 13, [f32(2, 3, 4, 4)], {"axes": [0, 2, 3]}, core=False)

POOLS = [
    ("plain", (1, 3, 8, 8), {"kernel_shape": [2, 2], "strides": [2, 2]}),
    ("overlap", (1, 3, 9, 9), {"kernel_shape": [3, 3], "strides": [2, 2], "pads": [1, 1, 1, 1]}),
    ("uneven", (2, 2, 7, 8), {"kernel_shape": [3, 2], "strides": [1, 2], "pads": [0, 1, 2, 0]}),
    ("ceil", (1, 2, 6, 6), {"kernel_shape": [3, 3], "strides": [2, 2], "ceil_mode": 1}),
    ("ceil_pad", (1, 2, 7, 7), {"kernel_shape": [2, 2], "strides": [2, 2], "ceil_mode": 1,
                                "pads": [1, 1, 0, 0]}),
    ("same_upper", (1, 2, 7, 7), {"kernel_shape": [2, 2], "strides": [2, 2],
                                  "auto_pad": "SAME_UPPER"}),
    ("same_lower", (1, 2, 7, 7), {"kernel_shape": [2, 2], "auto_pad": "SAME_LOWER"}),
    ("1d", (1, 3, 16), {"kernel_shape": [3], "strides": [2]}),
    ("3d", (1, 2, 4, 5, 6), {"kernel_shape": [2, 2, 2], "strides": [2, 2, 2]}),
]
for variant, x, attrs in POOLS:
    case("MaxPool", variant, 12, [f32(*x)], attrs)
    case("AveragePool", variant, 11, [f32(*x)], attrs)
    if "pads" in attrs or variant == "ceil":
        case("AveragePool", variant + "_include", 19, [f32(*x)], {**attrs, "count_include_pad": 1})
case("MaxPool", "dilated", 12, [f32(1, 2, 8, 8)], {"kernel_shape": [2, 2], "dilations": [2, 2]})
case("AveragePool", "dilated", 19, [f32(1, 2, 8, 8)], {"kernel_shape": [2, 2], "dilations": [2, 2]})
case("MaxPool", "indices", 12, [f32(1, 2, 6, 6, unique=True)],
     {"kernel_shape": [2, 2], "strides": [2, 2]}, outputs=2)
for variant, shape, attrs in (
        ("indices_padded", (2, 3, 7, 6), {"kernel_shape": [3, 3], "pads": [1, 1, 1, 1], "strides": [2, 2]}),
        ("indices_columns", (2, 2, 5, 6), {"kernel_shape": [2, 3], "storage_order": 1, "strides": [2, 1]}),
        ("indices_1d", (2, 3, 9), {"kernel_shape": [3], "dilations": [2]}),
        ("indices_3d", (1, 2, 4, 5, 6), {"kernel_shape": [2, 2, 2], "strides": [1, 2, 2], "ceil_mode": 1})):
    case("MaxPool", variant, 12, [f32(*shape, unique=True)], attrs, outputs=2)
case("MaxPool", "i8", 12, [BY_NAME["i8"](1, 2, 6, 6)], {"kernel_shape": [2, 2]})
case("MaxPool", "u8", 12, [BY_NAME["u8"](1, 2, 6, 6)], {"kernel_shape": [3, 3], "pads": [1] * 4})
case("MaxPool", "old", 7, [f32(1, 3, 8, 8)], {"kernel_shape": [3, 3], "strides": [2, 2]})
case("MaxPool", "all_negative_padded", 12, [f32(1, 1, 4, 4, lo=-9, hi=-5)],
     {"kernel_shape": [3, 3], "pads": [1, 1, 1, 1]})
case("MaxPool", "f64", 12, [f64(1, 2, 6, 6)], {"kernel_shape": [2, 2]})
case("MaxPool", "f16", 12, [f16(1, 2, 6, 6)], {"kernel_shape": [2, 2]})
case("AveragePool", "old", 7, [f32(1, 3, 8, 8)], {"kernel_shape": [3, 3], "pads": [1, 1, 1, 1]})
case("GlobalAveragePool", "2d", 7, [f32(2, 5, 7, 7)])
case("GlobalAveragePool", "1d", 22, [f32(2, 5, 7)])
case("GlobalAveragePool", "f64", 7, [f64(2, 5, 3, 3)])
case("GlobalMaxPool", "2d", 7, [f32(2, 5, 7, 7)], core=False)
case("LpPool", "2d", 11, [f32(1, 2, 6, 6)], {"kernel_shape": [2, 2], "p": 2}, core=False)

case("TopK", "old_attr", 7, [f32(3, 9, unique=True)], {"k": 4}, outputs=2)
case("TopK", "plain", 10, [f32(3, 9, unique=True), ints(3)], outputs=2, const=(1,))
case("TopK", "smallest", 11, [f32(3, 9, unique=True), ints(3)], {"largest": 0}, outputs=2, const=(1,))
case("TopK", "axis0", 11, [f32(9, 3, unique=True), ints(2)], {"axis": 0}, outputs=2, const=(1,))
case("TopK", "all", 11, [f32(2, 9, unique=True), ints(9)], outputs=2, const=(1,))
case("TopK", "ties", 11, [TIES, ints(3)], {"axis": 1}, outputs=2, const=(1,))
text("TopK", "values_only", 11, """g (float[2,9] x) => (float[2,2] y) <int64[1] k = {2}> {
  y, unused = TopK (x, k)
}""", {"x": f32(2, 9)})
case("TopK", "i64", 11, [i64(3, 9, lo=-10**6, hi=10**6), ints(3)], outputs=2, const=(1,))
case("TopK", "f64", 11, [f64(3, 9, unique=True), ints(3)], outputs=2, const=(1,))
case("CumSum", "axis1", 14, [f32(3, 5), scalar(1, "int64")], const=(1,), core=False)
case("CumSum", "exclusive_reverse", 14, [f32(3, 5), scalar(0, "int64")],
     {"exclusive": 1, "reverse": 1}, const=(1,), core=False)
