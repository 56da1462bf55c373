"""Shapes, data movement, gather/scatter, padding, resizing, constants."""
import numpy as np
import onnx

from opcases.core import (BY_NAME, arr, boolean, case, f16, f32, f64, i32, i64, ints, scalar,
                          text, u8)

CORE_KINDS = ("f16", "f64", "i32", "i64", "u8", "bool")

case("Concat", "axis1", 7, [f32(2, 3), f32(2, 1), f32(2, 4)], {"axis": 1})
case("Concat", "negative", 13, [f32(2, 3, 4), f32(2, 3, 2)], {"axis": -1})
case("Concat", "axis0_const", 13, [f32(2, 3), f32(1, 3)], {"axis": 0}, const=(1,))
case("Concat", "one", 13, [f32(2, 3)], {"axis": 0})
case("Concat", "empty_part", 13, [f32(2, 0), f32(2, 3)], {"axis": 1})
for kind in CORE_KINDS:
    x = BY_NAME[kind]
    case("Concat", kind, 13, [x(2, 3), x(2, 2)], {"axis": 1})
    case("Transpose", kind, 13, [x(2, 3, 4)], {"perm": [2, 0, 1]})
    case("Slice", kind, 13, [x(4, 6), ints(1), ints(5), ints(1), ints(2)], const=(1, 2, 3, 4))
    case("Gather", kind, 13, [x(5, 3), ints(4, 0, -1)], const=(1,))
    case("Reshape", kind, 14, [x(2, 6), ints(3, -1)], const=(1,))
    case("Expand", kind, 13, [x(3, 1), ints(2, 1, 4)], const=(1,))
    case("Tile", kind, 13, [x(2, 3), ints(2, 2)], const=(1,))
    case("Squeeze", kind, 13, [x(2, 1, 3), ints(1)], const=(1,))
    case("Unsqueeze", kind, 13, [x(2, 3), ints(0)], const=(1,))

case("Transpose", "default", 7, [f32(2, 3, 4)])
case("Transpose", "nchw_nhwc", 13, [f32(2, 3, 4, 5)], {"perm": [0, 2, 3, 1]})
case("Transpose", "heads", 13, [f32(2, 6, 3, 8)], {"perm": [0, 2, 1, 3]})
case("Transpose", "rank6", 13, [f32(2, 1, 3, 2, 2, 2)], {"perm": [5, 3, 1, 0, 4, 2]})
case("Transpose", "scalar", 13, [scalar(3.0)])

case("Reshape", "zero_copies", 13, [f32(2, 3, 4), ints(0, -1)], const=(1,))
case("Reshape", "allow_zero", 14, [f32(0, 4), ints(0, 2)], {"allowzero": 1}, const=(1,))
case("Reshape", "scalar", 14, [f32(1, 1), ints()], const=(1,))
case("Reshape", "old", 7, [f32(2, 3, 4), ints(4, 6)], const=(1,))
case("Flatten", "default", 9, [f32(2, 3, 4)])
case("Flatten", "axis0", 13, [f32(2, 3, 4)], {"axis": 0})
case("Flatten", "axis_end", 13, [f32(2, 3, 4)], {"axis": 3})
case("Flatten", "negative", 13, [f32(2, 3, 4, 5)], {"axis": -2})
case("Flatten", "i64", 13, [i64(2, 3, 4)])
case("Squeeze", "attr", 7, [f32(1, 3, 1)], {"axes": [0]})
case("Squeeze", "attr_negative", 11, [f32(1, 3, 1)], {"axes": [-1]})
case("Squeeze", "all", 11, [f32(1, 3, 1, 2)])
case("Squeeze", "all_13", 13, [f32(1, 3, 1, 2)])
case("Squeeze", "negative", 13, [f32(1, 3, 1), ints(-1, 0)], const=(1,))
case("Unsqueeze", "attr", 7, [f32(3, 4)], {"axes": [0, 3]})
case("Unsqueeze", "attr_11", 11, [f32(3, 4)], {"axes": [-1]})
case("Unsqueeze", "several", 13, [f32(3, 4), ints(-1, 1)], const=(1,))
case("Unsqueeze", "scalar", 13, [scalar(2.0), ints(0)], const=(1,))

case("Slice", "attr", 7, [f32(5, 6)], {"starts": [1, 2], "ends": [4, 100], "axes": [0, 1]})
case("Slice", "attr_no_axes", 9, [f32(5, 6)], {"starts": [1], "ends": [-1]})
case("Slice", "plain", 10, [f32(5, 6), ints(1), ints(4), ints(0)], const=(1, 2, 3))
case("Slice", "negative_step", 13, [f32(5, 6), ints(-1), ints(-7), ints(1), ints(-2)],
     const=(1, 2, 3, 4))
case("Slice", "reverse_to_start", 13, [f32(5), ints(4), ints(-2**63), ints(0), ints(-1)],
     const=(1, 2, 3, 4))
case("Slice", "clamped", 13, [f32(5, 6), ints(-100, 2), ints(2**62, 100)], const=(1, 2))
case("Slice", "empty", 13, [f32(5, 6), ints(4), ints(2)], const=(1, 2))
case("Slice", "negative_axis", 13, [f32(5, 6, 7), ints(1), ints(-1), ints(-2)], const=(1, 2, 3))
case("Slice", "i32_indices", 13, [f32(5, 6), arr(np.int32, 1), arr(np.int32, 4)], const=(1, 2))
case("Split", "attr", 7, [f32(6, 4)], {"axis": 0, "split": [2, 4]}, outputs=2)
case("Split", "attr_equal", 11, [f32(6, 4)], {"axis": -1}, outputs=2)
case("Split", "input", 13, [f32(6, 4), ints(1, 3, 2)], {"axis": 0}, outputs=3, const=(1,))
case("Split", "equal", 13, [f32(6, 4)], {"axis": 0}, outputs=3)
case("Split", "num_outputs", 18, [f32(7, 4)], {"axis": 0, "num_outputs": 3}, outputs=3)
case("Split", "i64", 13, [i64(6, 4)], {"axis": 1}, outputs=2)
case("Split", "zero_part", 13, [f32(4), ints(0, 4)], outputs=2, const=(1,))

case("Expand", "rank_up", 8, [f32(3, 1), ints(2, 3, 4)], const=(1,))
case("Expand", "keeps_larger", 13, [f32(3, 4), ints(1, 1)], const=(1,))
case("Expand", "scalar", 13, [scalar(2.5), ints(2, 3)], const=(1,))
case("Tile", "plain", 7, [f32(2, 3), ints(1, 3)], const=(1,))
case("Tile", "zero", 13, [f32(2, 3), ints(0, 2)], const=(1,))

case("Gather", "axis0", 7, [f32(5, 3), i64(2, 2, lo=0, hi=4)])
case("Gather", "axis1", 13, [f32(2, 5, 3), i64(4, lo=0, hi=4)], {"axis": 1})
case("Gather", "scalar_index", 11, [f32(5, 3), scalar(-2, "int64")], {"axis": 0}, const=(1,))
case("Gather", "negative_axis", 13, [f32(2, 5), arr(np.int32, [0, 4], [-5, 1])], {"axis": -1})
case("Gather", "embedding", 13, [f32(50, 16), i64(2, 7, lo=0, hi=49)], const=(0,))
case("GatherElements", "axis1", 13, [f32(3, 4), i64(3, 2, lo=-4, hi=3)], {"axis": 1}, core=False)
case("GatherND", "plain", 13, [f32(3, 4, 5), arr(np.int64, [0, 1], [-1, 2])], core=False)
case("GatherND", "batch", 13, [f32(2, 4, 5), arr(np.int64, [[1], [0]], [[2], [-1]])],
     {"batch_dims": 1}, core=False)
case("ScatterND", "rows", 11, [f32(5, 3), arr(np.int64, [1], [4]), f32(2, 3)])
case("ScatterND", "points", 13, [f32(5, 3), arr(np.int64, [1, 0], [-1, 2]), f32(2)])
case("ScatterND", "add", 16, [f32(5, 3), arr(np.int64, [1], [1]), f32(2, 3)], {"reduction": "add"})
case("ScatterND", "max", 18, [f32(5, 3), arr(np.int64, [1], [2]), f32(2, 3)], {"reduction": "max"})
case("ScatterND", "mul", 16, [f32(5, 3), arr(np.int64, [0], [2]), f32(2, 3)], {"reduction": "mul"})
case("ScatterND", "i64", 16, [i64(5), arr(np.int64, [1], [3]), i64(2)])
case("ScatterElements", "axis1", 16, [f32(3, 5), arr(np.int64, [1, 3], [0, -1]), f32(2, 2)],
     {"axis": 1}, core=False)
case("ScatterElements", "add", 18, [f32(3, 5), arr(np.int64, [1, 1]), f32(1, 2)],
     {"axis": 1, "reduction": "add"}, core=False)
case("OneHot", "plain", 11, [i64(4, lo=-3, hi=2), scalar(3, "int64"), arr(np.float32, -1, 5)],
     {"axis": 1}, const=(1, 2), core=False)
case("ReverseSequence", "time", 10, [f32(4, 3), ints(2, 4, 1)], {"time_axis": 0, "batch_axis": 1},
     core=False)
case("Compress", "const", 11, [f32(4, 3), np.array([True, False, True, True])], {"axis": 0},
     const=(1,), core=False)
case("NonZero", "dynamic", 13, [boolean(3, 4)], core=False)

for upper in (0, 1):
    for k in (None, -1, 2):
        extra = [] if k is None else [scalar(k, "int64")]
        case("Trilu", f"{'upper' if upper else 'lower'}_{k}".replace("-", "minus"), 14,
             [f32(2, 4, 5), *extra], {"upper": upper}, const=(1,))
case("Trilu", "i64", 14, [i64(4, 4)], {"upper": 0})
case("Trilu", "bool", 14, [boolean(4, 4)], {"upper": 0})

case("DepthToSpace", "dcr", 13, [f32(2, 12, 3, 2)], {"blocksize": 2})
case("DepthToSpace", "crd", 11, [f32(2, 12, 3, 2)], {"blocksize": 2, "mode": "CRD"})
case("DepthToSpace", "old", 7, [f32(1, 9, 2, 2)], {"blocksize": 3})
case("SpaceToDepth", "plain", 13, [f32(2, 3, 4, 6)], {"blocksize": 2}, core=False)

case("Pad", "attr", 7, [f32(2, 3)], {"pads": [0, 1, 2, 0], "value": 1.5})
case("Pad", "attr_reflect", 10, [f32(4, 5)], {"pads": [1, 2, 2, 1], "mode": "reflect"})
case("Pad", "plain", 11, [f32(2, 3), ints(1, 0, 0, 2), scalar(-1.0)], const=(1, 2))
case("Pad", "default", 13, [f32(2, 3), ints(1, 0, 0, 2)], const=(1,))
case("Pad", "negative", 13, [f32(4, 5), ints(-1, 2, 1, -2)], const=(1,))
case("Pad", "reflect", 13, [f32(1, 2, 5, 5), ints(0, 0, 2, 1, 0, 0, 1, 3)], {"mode": "reflect"},
     const=(1,))
case("Pad", "edge", 13, [f32(1, 2, 3, 3), ints(0, 0, 2, 1, 0, 0, 1, 3)], {"mode": "edge"}, const=(1,))
case("Pad", "axes", 18, [f32(2, 3, 4), ints(1, 2), scalar(0.5), ints(-1)], const=(1, 2, 3))
case("Pad", "wrap", 19, [f32(3, 4), ints(1, 2, 2, 3)], {"mode": "wrap"}, const=(1,))
case("Pad", "i64", 13, [i64(2, 3), ints(1, 0, 0, 2), scalar(7, "int64")], const=(1, 2))
case("Pad", "bool", 13, [boolean(2, 3), ints(1, 0, 0, 2), np.array(True)], const=(1, 2))

case("Shape", "whole", 7, [f32(2, 3, 4)])
case("Shape", "part", 15, [f32(2, 3, 4)], {"start": 1, "end": -1})
case("Shape", "scalar", 13, [scalar(1.0)])
case("Size", "plain", 13, [f32(2, 3, 4)])
case("Size", "i64", 7, [i64(5)])
case("Constant", "tensor", 7, [], {"value": onnx.numpy_helper.from_array(
    np.arange(6, dtype=np.float32).reshape(2, 3))})
case("Constant", "i64", 13, [], {"value": onnx.numpy_helper.from_array(ints(1, -2, 3))})
case("Constant", "value_float", 13, [], {"value_float": 2.5})
case("Constant", "value_ints", 12, [], {"value_ints": [4, 5]})
case("ConstantOfShape", "default", 9, [ints(2, 3)], const=(0,))
case("ConstantOfShape", "i64", 9, [ints(2, 3)],
     {"value": onnx.numpy_helper.from_array(ints(7))}, const=(0,))
case("ConstantOfShape", "scalar", 9, [ints()],
     {"value": onnx.numpy_helper.from_array(arr(np.float32, 1.5))}, const=(0,))
case("ConstantOfShape", "bool", 9, [ints(3)],
     {"value": onnx.numpy_helper.from_array(np.array([True]))}, const=(0,))
case("Range", "i64", 11, [scalar(2, "int64"), scalar(11, "int64"), scalar(3, "int64")], const=(0, 1, 2))
case("Range", "f32", 11, [scalar(1.0), scalar(2.0), scalar(0.25)], const=(0, 1, 2))
case("Range", "down", 11, [scalar(9, "int32"), scalar(-2, "int32"), scalar(-3, "int32")], const=(0, 1, 2))
case("Range", "empty", 11, [scalar(5, "int64"), scalar(2, "int64"), scalar(1, "int64")], const=(0, 1, 2))
case("EyeLike", "k", 9, [f32(4, 5)], {"k": 1}, core=False)
text("Range", "bounded_by_shape", 13, """g (float[4,6] x) => (int64[6] y)
<int64 zero = {0}, int64 one = {1}, int64[1] at = {1}> {
  s = Shape (x)  n1 = Gather (s, at)  n = Squeeze (n1)  y = Range (zero, n, one)
}""", {"x": f32(4, 6)})

case("Dropout", "plain", 7, [f32(3, 4)], {"ratio": 0.4})
case("Dropout", "mask", 10, [f32(3, 4)], outputs=2)
case("Dropout", "plain", 12, [f32(3, 4)], {"seed": 3})
case("Dropout", "mask", 12, [f32(3, 4), scalar(0.3)], outputs=2, const=(1,))
case("Dropout", "not_training", 13, [f32(3, 4), scalar(0.3), np.array(False)], const=(1, 2))
case("Dropout", "ratio_zero", 13, [f32(3, 4), scalar(0.0), np.array(True)], const=(1, 2))

# Resizing. Three generations of the op and its two predecessors.
X = f32(1, 2, 4, 5)
UP = arr(np.float32, 1, 1, 2, 3)
DOWN = arr(np.float32, 1, 1, 0.5, 0.6)
case("Upsample", "nearest", 7, [X], {"scales": [1.0, 1.0, 2.0, 3.0], "mode": "nearest"})
case("Upsample", "linear", 7, [X], {"scales": [1.0, 1.0, 2.0, 2.0], "mode": "linear"})
case("Upsample", "nearest", 9, [X, UP], {"mode": "nearest"}, const=(1,))
case("Upsample", "linear", 9, [X, UP], {"mode": "linear"}, const=(1,))
case("Resize", "nearest", 10, [X, UP], const=(1,))
case("Resize", "linear", 10, [X, UP], {"mode": "linear"}, const=(1,))
case("Resize", "down", 10, [X, DOWN], const=(1,))
EMPTY = np.zeros(0, np.float32)
for mode in ("nearest", "linear", "cubic"):
    for transform in ("half_pixel", "asymmetric", "align_corners", "pytorch_half_pixel"):
        case("Resize", f"up_{mode}_{transform}", 11, [X, EMPTY, UP],
             {"mode": mode, "coordinate_transformation_mode": transform}, const=(1, 2))
        case("Resize", f"down_{mode}_{transform}", 13, [X, None, DOWN],
             {"mode": mode, "coordinate_transformation_mode": transform}, const=(2,))
for rounding in ("round_prefer_floor", "round_prefer_ceil", "floor", "ceil"):
    case("Resize", rounding, 13, [X, None, None, ints(1, 2, 7, 8)],
         {"nearest_mode": rounding, "coordinate_transformation_mode": "asymmetric"}, const=(3,))
case("Resize", "sizes", 11, [X, EMPTY, EMPTY, ints(1, 2, 8, 10)], {"mode": "linear"},
     const=(1, 2, 3))
case("Resize", "cubic_coeff", 13, [X, None, UP], {
    "mode": "cubic", "cubic_coeff_a": -0.5, "exclude_outside": 1}, const=(2,))
case("Resize", "crop", 11, [X, arr(np.float32, 0, 0, 0.1, 0.2, 1, 1, 0.9, 0.8), EMPTY,
                               ints(1, 2, 3, 3)],
     {"mode": "linear", "coordinate_transformation_mode": "tf_crop_and_resize"}, const=(1, 2, 3))
case("Resize", "axes", 18, [X, None, arr(np.float32, 2, 2)], {"axes": [2, 3], "mode": "linear"},
     const=(2,))
case("Resize", "antialias", 18, [X, None, DOWN], {"antialias": 1, "mode": "linear"}, const=(2,))
case("Resize", "not_larger", 18, [X, None, None, ints(8, 8)],
     {"axes": [2, 3], "keep_aspect_ratio_policy": "not_larger"}, const=(3,))
case("Resize", "half_pixel_symmetric", 19, [X, None, DOWN], {
    "mode": "linear", "coordinate_transformation_mode": "half_pixel_symmetric"}, const=(2,))
case("Resize", "1d", 13, [f32(1, 2, 6), None, arr(np.float32, 1, 1, 1.5)], {"mode": "linear"},
     const=(2,))
case("Resize", "u8", 13, [u8(1, 2, 4, 5), None, UP], const=(2,))
