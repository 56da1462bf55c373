"""Rows of operators that move, choose or make elements."""
import numpy as np

from .builder import Skip
from .ops_elementwise import within
from .ops_reduce import some_axes
from .rows import row
from .values import BOOL, F32, I64, ONNX_TYPE, draw, is_float


def i64(g, numbers, dtype=I64):
    return g.constant(np.array(numbers, dtype))


@row("Concat", weight=1.5)
def concat(g):
    x = g.pick(g.types("Concat"), ranks=(1, 5))
    axis = g.int(-x.rank if g.opset >= 11 else 0, x.rank - 1)
    at = axis % x.rank
    parts = [x]
    for _ in range(g.int(0, 3)):
        like = [v for v in g.scope() if v.dtype == x.dtype and v.rank == x.rank
                and all(i == at or a == b for i, (a, b) in enumerate(zip(v.shape, x.shape)))]
        shape = [g.int(1, 3) if i == at else n for i, n in enumerate(x.shape)]
        parts.append(g.one(like) if like and g.chance(.6) else g.fresh(draw(g.rng, x.dtype, shape)))
    g.node("Concat", parts, exact=True, axis=axis)


@row("Split", weight=1.2)
def split(g):
    x = g.pick(g.types("Split"), ranks=(1, 5))
    axis = g.int(-x.rank if g.opset >= 11 else 0, x.rank - 1)
    size = x.shape[axis]
    count = g.int(1, max(1, min(3, size)))
    if size == 0:
        raise Skip
    cuts = sorted(g.rng.permutation(np.arange(1, size))[:count - 1].tolist()) if size > 1 else []
    parts = np.diff([0, *cuts, size]).tolist()
    # All results are asked for: onnxruntime dereferences null for one that is left out.
    if size % len(parts) == 0 and g.chance(.3):
        g.node("Split", [x], len(parts), exact=True, axis=axis, num_outputs=len(parts) if g.opset >= 18 else None)
    elif g.opset < 13:
        g.node("Split", [x], len(parts), exact=True, axis=axis, split=parts)
    else:
        g.node("Split", [x, i64(g, parts)], len(parts), exact=True, axis=axis)


@row("Slice", weight=1.5)
def slice_(g):
    x = g.pick(g.types("Slice"), ranks=(1, 5))
    axes = some_axes(g, x.rank, g.opset >= 10)
    starts, ends, steps = [], [], []
    for axis in axes:
        n = x.shape[axis]
        a, b = sorted((g.int(0, n), g.int(0, n)))
        if a == b:
            a, b = 0, n
        step = g.one([1, 1, 2]) if g.opset >= 10 else 1
        if g.opset >= 10 and g.chance(.25):
            a, b, step = b - 1, a - 1 if a else -n - 1, -step
        else:
            a = a - n if g.chance(.2) else a
            b = g.one([b, b, 2**31 - 1 if b == n else b, b - n if b < n else b])
        starts.append(a), ends.append(b), steps.append(step)
    if g.opset < 10:
        g.node("Slice", [x], exact=True, axes=axes, starts=starts, ends=ends)
        return
    kind = g.one(["i4", "i8"])
    more = [i64(g, axes, kind)] + ([i64(g, steps, kind)] if set(steps) != {1} or g.chance(.3) else [])
    g.node("Slice", [x, i64(g, starts, kind), i64(g, ends, kind), *more], exact=True)


@row("Transpose", weight=1.5)
def transpose(g):
    x = g.pick(g.types("Transpose"))
    g.node("Transpose", [x], exact=True, perm=g.rng.permutation(x.rank).tolist() if g.chance(.85) and x.rank else None)


def factored(g, count, most=4):
    """A shape of `count` elements."""
    shape = []
    while len(shape) < most and g.chance(.7):
        divisors = [d for d in range(1, count + 1) if count % d == 0]
        shape.append(g.one(divisors))
        count //= shape[-1]
    return shape + ([count] if count != 1 or not shape else [])


@row("Reshape", weight=2)
def reshape(g):
    x = g.pick(g.types("Reshape"), lambda v: v.array.size > 0)
    shape = factored(g, x.array.size) if x.array.size > 1 or g.chance(.8) else []
    if g.chance(.4) and shape:
        shape[g.int(0, len(shape) - 1)] = -1
    elif x.rank and shape and shape[0] == x.shape[0] and g.chance(.5):
        shape[0] = 0
    g.node("Reshape", [x, i64(g, shape)], exact=True)


@row("Squeeze")
def squeeze(g):
    x = g.pick(g.types("Squeeze"), lambda v: 1 in v.shape, ranks=(1, 5))
    ones = [i for i, n in enumerate(x.shape) if n == 1]
    if not ones:
        raise Skip
    axes = sorted(g.rng.permutation(ones)[:g.int(1, len(ones))].tolist())
    axes = [a - x.rank if g.opset >= 11 and g.chance(.3) else a for a in axes]
    if g.chance(.2):
        g.node("Squeeze", [x], exact=True)
    elif g.opset < 13:
        g.node("Squeeze", [x], exact=True, axes=axes)
    else:
        g.node("Squeeze", [x, i64(g, axes)], exact=True)


@row("Unsqueeze")
def unsqueeze(g):
    x = g.pick(g.types("Unsqueeze"), ranks=(0, 4))
    count = g.int(1, min(2, 5 - x.rank))
    rank = x.rank + count
    axes = sorted(g.rng.permutation(rank)[:count].tolist())
    axes = [a - rank if g.opset >= 11 and g.chance(.3) else a for a in axes]
    if g.opset < 13:
        g.node("Unsqueeze", [x], exact=True, axes=axes)
    else:
        g.node("Unsqueeze", [x, i64(g, axes)], exact=True)


@row("Flatten")
def flatten(g):
    x = g.pick(g.types("Flatten"), ranks=(1, 5))
    g.node("Flatten", [x], exact=True, axis=g.one([None, g.int(-x.rank if g.opset >= 11 else 0, x.rank)]))


@row("Expand", 8)
def expand(g):
    x = g.pick(g.types("Expand"))
    shape = [g.int(1, 3) if n == 1 and g.chance(.7) else (1 if g.chance(.3) else n) for n in x.shape]
    shape = [g.int(1, 3) for _ in range(g.int(0, 2 if x.rank < 4 else 0))] + shape
    if not shape:
        shape = [g.int(1, 3)]
    g.node("Expand", [x, i64(g, shape)], exact=True)


@row("Tile")
def tile(g):
    x = g.pick(g.types("Tile"), ranks=(1, 4), elements=60)
    g.node("Tile", [x, i64(g, [g.int(1, 3) for _ in x.shape])], exact=True)


@row("Pad", weight=1.3)
def pad(g):
    x = g.pick(g.types("Pad"), ranks=(1, 4))
    mode = g.one([None, "constant", "reflect", "edge"] + (["wrap"] if g.opset >= 19 else []))
    most = 2 if mode in (None, "constant", "edge") else 1
    if mode in ("reflect", "edge", "wrap") and min(x.shape) < 2:
        raise Skip
    pads = [g.int(0, most) if g.chance(.6) else 0 for _ in range(2 * x.rank)]
    if g.chance(.15) and mode in (None, "constant"):
        at = g.int(0, x.rank - 1)
        if x.shape[at] > 1:
            pads[at] = -1
    if g.opset < 11:
        g.node("Pad", [x], exact=True, mode=mode, pads=pads, value=g.one([None, 1.5]) if not mode else None)
        return
    value = g.constant(draw(g.rng, x.dtype, ())) if mode in (None, "constant") and g.chance(.5) else None
    inputs = [x, i64(g, pads), value]
    if g.opset >= 18 and g.chance(.3):
        axes = sorted(g.rng.permutation(x.rank)[:g.int(1, x.rank)].tolist())
        inputs = [x, i64(g, [pads[a] for a in axes] + [pads[x.rank + a] for a in axes]), value, i64(g, axes)]
    g.node("Pad", inputs, exact=True, mode=mode)


@row("AffineGrid", 20, weight=0.5)
def affine_grid(g):
    dims = g.int(2, 3)
    x = g.pick(g.types("AffineGrid"), shape=(g.int(1, 2), dims, dims + 1))
    size = [x.shape[0], g.int(1, 2), *(g.int(1, 3) for _ in range(dims))]
    g.node("AffineGrid", [x, i64(g, size)], align_corners=g.one([None, 0, 1]))


def blocks(op):
    @row(op)
    def add(g):
        size = g.one([2, 2, 3])
        shape = [g.int(1, 2), g.int(1, 2), g.int(1, 3), g.int(1, 3)]
        if op == "DepthToSpace":
            shape[1] *= size * size
        else:
            shape[2], shape[3] = shape[2] * size, shape[3] * size
        x = g.pick(g.types(op), shape=shape)
        mode = g.one([None, "DCR", "CRD"]) if op == "DepthToSpace" and g.opset >= 11 else None
        g.node(op, [x], exact=True, blocksize=size, mode=mode)


blocks("DepthToSpace")
blocks("SpaceToDepth")


@row("Trilu", 14)
def trilu(g):
    x = g.pick(g.types("Trilu"), ranks=(2, 5))
    k = g.constant(np.asarray(g.int(-3, 3), I64)) if g.chance(.6) else None
    g.node("Trilu", [x, k], exact=True, upper=g.one([None, 0, 1]))


@row("ReverseSequence", 10)
def reverse_sequence(g):
    x = g.pick(g.types("ReverseSequence"), ranks=(2, 4))
    batch = g.int(0, 1)
    lengths = draw(g.rng, I64, (x.shape[batch],), 1, x.shape[1 - batch])
    g.node("ReverseSequence", [x, g.fresh(lengths, keep=False)], exact=True, batch_axis=batch, time_axis=1 - batch)


# --- what is made
@row("Shape", weight=.7)
def shape_(g):
    x = g.pick(g.types("Shape"))
    more = {"start": g.int(-x.rank, x.rank)} if g.opset >= 15 and g.chance(.4) else {}
    g.node("Shape", [x], exact=True, limit=1e18, **more)


@row("Size", weight=.4)
def size_(g):
    g.node("Size", [g.pick(g.types("Size"))], exact=True)


@row("Constant", weight=.5)
def constant(g):
    if g.opset >= 12 and g.chance(.5):
        kind = g.one(["value_float", "value_floats", "value_int", "value_ints"])
        number = {"value_float": 1.5, "value_floats": [0.5, 2.0], "value_int": 3, "value_ints": [1, -2]}[kind]
        g.node("Constant", [], exact=True, **{kind: number})
    else:
        g.constant(draw(g.rng, g.type_of(g.types("Constant", output=True)), g.shape()), keep=True)


@row("ConstantOfShape", 9, weight=.5)
def constant_of_shape(g):
    from onnx import numpy_helper
    shape = i64(g, g.shape(1, 4))
    value = None
    if g.chance(.7):
        kinds = [t for t in g.types("ConstantOfShape", output=True)]
        value = numpy_helper.from_array(draw(g.rng, g.type_of(kinds), (1,)))
    g.node("ConstantOfShape", [shape], exact=True, value=value)


@row("EyeLike", 9, weight=.5)
def eye_like(g):
    x = g.pick(g.types("EyeLike"), ranks=(2, 2))
    kind = g.type_of([t for t in g.types("EyeLike", output=True)])
    g.node("EyeLike", [x], exact=True, k=g.one([None, 1, -1]), dtype=g.one([None, ONNX_TYPE[kind]]))


@row("Range", 11, weight=.5)
def range_(g):
    dtype = g.type_of(g.types("Range"))
    start, step, count = g.int(-3, 3), g.one([1, 2, -1]), g.int(1, 6)
    g.node("Range", [g.constant(np.asarray(n, dtype)) for n in (start, start + step * count, step)], exact=True)


@row("NonZero", 9, weight=.4)
def nonzero(g):
    array = draw(g.rng, g.type_of(g.types("NonZero")), g.shape(1, 3))
    if not array.any():
        raise Skip
    g.node("NonZero", [g.constant(array)], exact=True)


@row("Compress", 9)
def compress(g):
    x = g.pick(g.types("Compress"), ranks=(1, 4))
    axis = g.one([None, g.int(-x.rank if g.opset >= 11 else 0, x.rank - 1)])
    size = x.shape[axis] if axis is not None else x.array.size
    condition = g.rng.random(size if g.chance(.7) else max(1, size - 1)) < .6
    if condition.size and not condition.any():
        condition[0] = True
    g.node("Compress", [x, g.constant(condition)], exact=True, axis=axis)
