"""Rows of operators that take indices, and those that resample."""
import numpy as np

from .builder import Skip
from .ops_elementwise import within
from .rows import row
from .values import BOOL, F16, F32, F64, I32, I64, draw, is_float


def indices(g, size, shape, types=(I32, I64), negative=True, unique_along=None):
    """In range; `unique_along` an axis no two are the same."""
    if size == 0:
        raise Skip
    if unique_along is None:
        array = g.rng.integers(-size if negative and g.chance(.4) else 0, size, shape)
    else:
        array = np.argsort(g.rng.random([size if i == unique_along else n for i, n in enumerate(shape)]), unique_along)
        array = np.take(array, np.arange(shape[unique_along]), unique_along)
    return g.fresh(np.asarray(array).astype(g.one(types)), keep=g.chance(.3))


@row("Gather", weight=1.3)
def gather(g):
    x = g.pick(g.types("Gather"), ranks=(1, 4))
    axis = g.int(-x.rank, x.rank - 1)
    at = indices(g, x.shape[axis], g.shape(0, 2), negative=g.opset >= 11)
    g.node("Gather", [x, at], exact=True, axis=axis if g.chance(.8) or axis % x.rank else None)


@row("GatherElements", 11)
def gather_elements(g):
    x = g.pick(g.types("GatherElements"), ranks=(1, 4))
    axis = g.int(-x.rank, x.rank - 1)
    shape = [g.int(1, 4) if i == axis % x.rank else g.int(1, max(1, n)) for i, n in enumerate(x.shape)]
    g.node("GatherElements", [x, indices(g, x.shape[axis], shape)], exact=True, axis=axis)


@row("GatherND", 11)
def gather_nd(g):
    x = g.pick(g.types("GatherND"), ranks=(1, 4))
    batch = g.int(0, min(1, x.rank - 1)) if g.opset >= 12 else 0
    depth = g.int(1, x.rank - batch)
    shape = [*x.shape[:batch], *g.shape(0, 2, 20), depth]
    if min(x.shape) == 0:
        raise Skip
    at = np.stack([g.rng.integers(0, x.shape[batch + i], shape[:-1]) for i in range(depth)], -1)
    g.node("GatherND", [x, g.fresh(at.astype(I64), keep=False)], exact=True, batch_dims=batch or None)


def scatter_elements(op, since, until=1000):
    @row(op, since, until)
    def add(g):
        x = g.pick(g.types(op), ranks=(1, 4))
        axis = g.int(-x.rank if g.opset >= 11 else 0, x.rank - 1)
        at = axis % x.rank
        if min(x.shape) == 0:
            raise Skip
        shape = [g.int(1, n) for n in x.shape]
        how = None
        if op == "ScatterElements" and g.opset >= 16 and x.dtype != BOOL:
            how = g.one([None, "none", "add", "mul"] + (["min", "max"] if g.opset >= 18 else []))
        spots = indices(g, x.shape[axis], shape, unique_along=at)
        updates = g.pick([x.dtype], within((-99, 99)), shape=shape)
        g.node(op, [x, spots, updates], exact=how in (None, "none", "min", "max"), integral=how in ("add", "mul"),
               axis=axis, reduction=how)


scatter_elements("Scatter", 9, 10)
scatter_elements("ScatterElements", 11)


@row("ScatterND", 11)
def scatter_nd(g):
    x = g.pick(g.types("ScatterND"), ranks=(1, 4))
    if min(x.shape) == 0:
        raise Skip
    depth = g.int(1, x.rank)
    every = np.array(list(np.ndindex(*x.shape[:depth])))
    spots = every[g.rng.permutation(len(every))[:g.int(1, min(4, len(every)))]]
    how = None
    if g.opset >= 16 and x.dtype != BOOL:
        how = g.one([None, "none", "add", "mul"] + (["min", "max"] if g.opset >= 18 else []))
    updates = g.pick([x.dtype], within((-99, 99)), shape=[len(spots), *x.shape[depth:]])
    g.node("ScatterND", [x, g.fresh(spots.astype(I64), keep=False), updates], exact=how in (None, "none", "min", "max"),
           integral=how in ("add", "mul"), reduction=how)


@row("OneHot", 9)
def one_hot(g):
    depth = g.int(1, 4)
    kinds = [t for t in g.types("OneHot") if t in (I32, I64, F32)]
    array = g.rng.integers(-depth if g.opset >= 11 else 0, depth, g.shape(1, 3, 40)).astype(g.type_of(kinds))
    values = g.constant(draw(g.rng, g.type_of(g.types("OneHot", 2)), (2,)))
    size = g.constant(np.asarray(depth, I64) if g.chance(.5) else np.asarray([depth], I64))
    g.node("OneHot", [g.fresh(array, keep=False), size, values], exact=True,
           axis=g.one([None, g.int(-array.ndim - 1, array.ndim)]))


# Coordinates of linear and cubic interpolation of 8-bit numbers are left open.
def resample(g, op, x, mode, scales, sizes, **more):
    if g.opset < 11:
        inputs = [x, g.constant(np.array(scales, "f4"))] if op == "Resize" or g.opset >= 9 else [x]
        attributes = {} if len(inputs) == 2 else {"scales": [float(s) for s in scales]}
        g.node(op, inputs, exact=mode in (None, "nearest"), mode=mode, **attributes)
        return
    none = g.constant(np.zeros(0, "f4")) if g.opset < 13 else None
    if sizes is not None:
        inputs = [x, none, g.constant(np.zeros(0, "f4")) if g.opset < 13 else None, g.constant(np.array(sizes, I64))]
    else:
        inputs = [x, none, g.constant(np.array(scales, "f4"))]
    g.node(op, inputs, exact=mode in (None, "nearest"), mode=mode, **more)


@row("Resize", 10, weight=1.5)
def resize(g):
    x = g.pick([t for t in g.types("Resize") if t in (F32, F16, F64) or t in (I32,)],
               lambda v: min(v.shape) > 0, ranks=(3, 4))
    if min(x.shape) == 0:
        raise Skip
    mode = g.one([None, "nearest", "linear"] + (["cubic"] if g.opset >= 11 and x.rank == 4 else []))
    if not is_float(x.dtype):
        mode = "nearest"
    more, sizes = {}, None
    scales = [1., 1.] + [g.one([1., 2., 3., .5, 1.5]) for _ in x.shape[2:]]
    scales = [s if n * s >= 1 else 1. for s, n in zip(scales, x.shape)]
    if g.opset >= 11:
        more["coordinate_transformation_mode"] = g.one(
            [None, "half_pixel", "asymmetric", "align_corners", "pytorch_half_pixel"])
        if mode in (None, "nearest"):
            more["nearest_mode"] = g.one([None, "floor", "ceil", "round_prefer_ceil", "round_prefer_floor"])
        if mode == "cubic":
            more["cubic_coeff_a"] = g.one([None, -.5])
            more["exclude_outside"] = g.one([None, 1])
        if g.chance(.4):
            sizes = [max(1, int(n * s)) for n, s in zip(x.shape, scales)]
    resample(g, "Resize", x, mode, scales, sizes, **more)


@row("Upsample", 7, 9)
def upsample(g):
    x = g.pick([t for t in g.types("Upsample") if t in (F32, F16)], lambda v: min(v.shape) > 0, ranks=(4, 4))
    mode = g.one([None, "nearest", "linear"])
    resample(g, "Upsample", x, mode, [1., 1., g.one([1., 2., 3.]), g.one([1., 2.])], None)
