"""Rows of operators that combine elements along axes."""
import numpy as np

from .builder import Skip
from .ops_elementwise import within
from .rows import row
from .values import BOOL, F32, I64, INTS, draw, is_float

EXACT = {"ReduceMax": "exact", "ReduceMin": "exact", "ReduceSum": "integral", "ReduceL1": "integral",
         "ReduceSumSquare": "integral", "ReduceProd": "integral"}


def some_axes(g, rank, negative=True):
    axes = sorted(g.rng.permutation(rank)[:g.int(1, rank)].tolist()) if rank else []
    return [a - rank if negative and g.chance(.3) else a for a in axes]


def reduction(op):
    as_input = 13 if op == "ReduceSum" else 18

    @row(op, weight=.8)
    def add(g):
        domain, low = (-9, 9), -4
        if op in ("ReduceLogSum",):
            domain, low = (.05, 99), .25
        if op == "ReduceProd":
            domain = (-3, 3)
        x = g.pick(g.types(op), within(domain), ranks=(0 if g.opset >= 18 else 1, 5), low=low)
        if not is_float(x.dtype) and op in ("ReduceMean", "ReduceL2", "ReduceLogSum", "ReduceLogSumExp"):
            raise Skip  # how an integer mean rounds is not written down
        axes = some_axes(g, x.rank) if g.chance(.8) else None
        keep = g.one([None, 0, 1])
        how = {EXACT[op]: True} if op in EXACT else {}
        if g.opset < as_input:
            g.node(op, [x], axes=axes or None, keepdims=keep, **how)
            return
        inputs = [x] + ([g.constant(np.array(axes, "i8"))] if axes is not None else [])
        noop = g.one([None, 0, 1]) if axes is None or g.chance(.2) else None
        if noop and axes is None and op not in EXACT:
            raise Skip  # whether the function still applies changed between versions
        if noop and axes is None and op in ("ReduceL1", "ReduceSumSquare"):
            raise Skip
        g.node(op, inputs, keepdims=keep, noop_with_empty_axes=noop, **how)


for name in ("ReduceL1", "ReduceL2", "ReduceLogSum", "ReduceLogSumExp", "ReduceMax", "ReduceMean", "ReduceMin",
             "ReduceProd", "ReduceSum", "ReduceSumSquare"):
    reduction(name)


def distinct(g, x, axis):
    """Along the axis no two nearly equal elements; exact ones may be equal."""
    if is_float(x.dtype) and (g.smooth or not x.exact):
        if g.smooth:
            raise Skip
        ordered = np.sort(x.array.astype("f8"), axis)
        if np.diff(ordered, axis=axis).min(initial=9) < (.1 if x.dtype.itemsize == 2 else 1e-3):
            raise Skip


def extreme(op):
    @row(op)
    def add(g):
        x = g.pick(g.types(op), ranks=(1, 5))
        axis = g.int(-x.rank, x.rank - 1)
        distinct(g, x, axis)
        last = g.one([None, 0, 1]) if g.opset >= 12 else None
        g.node(op, [x], exact=True, axis=axis, keepdims=g.one([None, 0, 1]), select_last_index=last)


extreme("ArgMax")
extreme("ArgMin")


def along(op):
    @row(op)
    def add(g):
        x = g.pick(g.types(op), ranks=(1, 5))
        axis = g.int(-x.rank if g.opset >= 11 else 0, x.rank - 1) if g.chance(.8) else None
        if op == "Hardmax":
            flat = x.array if g.opset >= 13 else x.array.reshape(
                int(np.prod(x.shape[:axis if axis is not None else 1])), -1)
            distinct(g, type("V", (), {"array": flat, "dtype": x.dtype, "exact": x.exact}),
                     (-1 if axis is None else axis) if g.opset >= 13 else -1)
        g.node(op, [x], exact=op == "Hardmax", axis=axis)


for name in ("Softmax", "LogSoftmax", "Hardmax"):
    along(name)


def channels(g, x, low=-2.0, high=2.0, dtype=None):
    return g.constant(draw(g.rng, dtype or x.dtype, (x.shape[1],), low, high))


def spread(x, axes):
    """Something to normalise: no group of equal values."""
    return bool((np.var(x.array.astype("f8"), axis=axes) > .05).all())


@row("BatchNormalization", weight=1.5)
def batch_norm(g):
    x = g.pick(g.types("BatchNormalization"), ranks=(2, 5), low=-2, high=2)
    if min(x.shape) == 0:
        raise Skip
    training = g.opset >= 14 and g.chance(.25)
    if training and not spread(x, (0, *range(2, x.rank))):
        raise Skip
    inputs = [x, channels(g, x), channels(g, x), channels(g, x), channels(g, x, .25, 3)]
    g.node("BatchNormalization", inputs, 3 if training else 1, epsilon=g.one([None, .001]),
           momentum=g.one([None, .5]), training_mode=1 if training else None)


@row("InstanceNormalization")
def instance_norm(g):
    x = g.pick(g.types("InstanceNormalization"), lambda v: min(v.shape) > 0 and spread(v, tuple(range(2, v.rank))),
               ranks=(3, 5))
    if not spread(x, tuple(range(2, x.rank))):
        raise Skip
    g.node("InstanceNormalization", [x, channels(g, x), channels(g, x)], epsilon=g.one([None, .01]))


@row("GroupNormalization", 18)
def group_norm(g):
    x = g.pick(g.types("GroupNormalization"), lambda v: min(v.shape) > 0, ranks=(3, 5))
    groups = g.one([n for n in range(1, x.shape[1] + 1) if x.shape[1] % n == 0])
    flat = x.array.reshape(x.shape[0], groups, -1).astype("f8")
    if not (flat.var(-1) > .05).all():
        raise Skip
    size = groups if g.opset < 21 else x.shape[1]
    weights = [g.constant(draw(g.rng, x.dtype, (size,), -2, 2)) for _ in range(2)]
    g.node("GroupNormalization", [x, *weights], num_groups=groups, epsilon=g.one([None, .01]))


@row("LayerNormalization", 17, weight=1.5)
def layer_norm(g):
    x = g.pick(g.types("LayerNormalization"), ranks=(1, 4))
    axis = g.int(-x.rank, x.rank - 1) if g.chance(.7) else None
    first = (axis if axis is not None else -1) % x.rank
    if min(x.shape) == 0 or not spread(x, tuple(range(first, x.rank))):
        raise Skip
    shape = x.shape[first:]
    scale = g.constant(draw(g.rng, x.dtype, shape, -2, 2))
    bias = g.constant(draw(g.rng, x.dtype, shape, -2, 2)) if g.chance(.6) else None
    g.node("LayerNormalization", [x, scale, bias], g.one([1, 1, 1, 2, 3]), axis=axis, epsilon=g.one([None, .01]))


@row("MeanVarianceNormalization", 9)
def mvn(g):
    x = g.pick(g.types("MeanVarianceNormalization"), ranks=(1, 5))
    axes = [a for a in some_axes(g, x.rank)] if x.rank != 4 or g.chance(.6) else None
    if min(x.shape) == 0 or not spread(x, tuple(axes) if axes is not None else (0, 2, 3)):
        raise Skip
    g.node("MeanVarianceNormalization", [x], axes=axes)


@row("LpNormalization")
def lp_norm(g):
    x = g.pick(g.types("LpNormalization"), within((.2, 99)), ranks=(1, 5), low=.5)
    g.node("LpNormalization", [x], axis=g.int(-x.rank, x.rank - 1), p=g.one([None, 1, 2]))


@row("LRN")
def lrn(g):
    x = g.pick(g.types("LRN"), ranks=(4, 4))
    g.node("LRN", [x], size=g.one([1, 3, 5]), alpha=g.one([None, .05]), beta=g.one([None, .5]), bias=g.one([None, 2.]))


@row("CumSum", 11)
def cumsum(g):
    x = g.pick(g.types("CumSum"), ranks=(1, 5))
    axis = g.constant(np.asarray(g.int(-x.rank, x.rank - 1), g.one(["i4", "i8"])))
    g.node("CumSum", [x, axis], integral=True, exclusive=g.one([None, 1]), reverse=g.one([None, 1]))


@row("TopK")
def topk(g):
    x = g.pick(g.types("TopK"), ranks=(1, 5))
    axis = g.int(-x.rank if g.opset >= 11 else 0, x.rank - 1)
    ordered = np.sort(x.array.astype("f8"), axis)
    if np.diff(ordered, axis=axis).min(initial=9) < (.1 if x.dtype.itemsize == 2 and not x.exact else 1e-3):
        raise Skip  # which of two equal elements comes first is left open
    distinct(g, x, axis)
    k = g.int(1, max(1, x.shape[axis]))
    if k > x.shape[axis]:
        raise Skip
    largest = {} if g.opset < 11 else {"largest": g.one([None, 0, 1])}
    if g.opset < 10:
        g.node("TopK", [x], 2, exact=True, axis=axis, k=k)
    else:
        g.node("TopK", [x, g.constant(np.array([k], I64))], 2, exact=True, axis=axis, **largest)


@row("Einsum", 12)
def einsum(g):
    letters = "ijkl"
    x = g.pick(g.types("Einsum"), within((-9, 9)), ranks=(1, 3))
    sizes, left = {}, ""
    for i, n in enumerate(x.shape):
        left += letters[i]
        sizes[letters[i]] = n
    right = "".join(g.rng.permutation(list(letters))[:g.int(1, 3)])
    shape = [sizes.setdefault(c, g.int(1, 4)) for c in right]
    y = g.pick([x.dtype], within((-9, 9)), shape=shape)
    every = sorted(set(left + right))
    out = "".join(c for c in g.rng.permutation(every) if g.chance(.6))
    if x.dtype == BOOL or x.dtype not in (F32, np.dtype("f8"), *INTS):
        raise Skip
    g.node("Einsum", [x, y], integral=True, equation=g.one([f"{left},{right}->{out}", f"{left} , {right} -> {out}"]))
