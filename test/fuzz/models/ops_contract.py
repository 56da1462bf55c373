"""Rows of products, convolutions, pools and recurrent layers."""
import numpy as np

from .builder import Skip
from .ops_elementwise import within
from .rows import row
from .values import F16, F32, F64, I32, I8, INTS, U8, draw, is_float

CALM = within((-16, 16))
OWN = (F32, F64, F16)


@row("MatMul", weight=2)
def matmul(g):
    x = g.pick(g.types("MatMul"), CALM, ranks=(1, 4))
    k = x.shape[-1]
    shape = [k] if g.chance(.1) else [k, g.int(1, 6)]
    if len(shape) == 2 and x.rank > 2 and g.chance(.5):
        shape = [1 if g.chance(.3) else n for n in x.shape[g.int(0, x.rank - 2):-2]] + shape
    y = g.pick([x.dtype], CALM, shape=shape)
    g.node("MatMul", [x, y], integral=True)


@row("Gemm", weight=2)
def gemm(g):
    x = g.pick(g.types("Gemm"), CALM, ranks=(2, 2))
    a, b = g.one([None, 0, 1]), g.one([None, 0, 1])
    m, k = x.shape if not a else x.shape[::-1]
    n = g.int(1, 6)
    y = g.pick([x.dtype], CALM, shape=[n, k] if b else [k, n])
    c = None
    if g.opset < 11 or g.chance(.7):
        c = g.pick([x.dtype], CALM, shape=g.one([(n,), (1, n), (m, n), (m, 1), (1,), ()]))
    scale = is_float(x.dtype)
    g.node("Gemm", [x, y, c], integral=True, transA=a, transB=b, alpha=g.one([None, .5, 2.]) if scale else None,
           beta=g.one([None, .5, 2.]) if scale else None)


def windowed(g, space, pads=True, dilations=True):
    """Kernel, strides, pads or auto_pad for a shape in space; at least one window fits."""
    rank = len(space)
    kernel = [g.int(1, min(3, n)) if g.chance(.9) else g.int(1, n) for n in space]
    dilation = [g.int(1, 2) if dilations and g.chance(.3) else 1 for _ in space]
    if any(d * (k - 1) + 1 > n for d, k, n in zip(dilation, kernel, space)):
        dilation = [1] * rank
    strides = [g.one([1, 1, 2, 3]) for _ in space]
    chosen = {"strides": strides if g.chance(.7) else None, "dilations": dilation if max(dilation) > 1 else None}
    how = g.int(0, 3)
    if how == 0 and max(dilation) == 1:
        chosen["auto_pad"] = g.one(["SAME_UPPER", "SAME_LOWER", "VALID", "NOTSET"])
    elif how == 1 and pads:
        chosen["pads"] = [g.int(0, k - 1) for k in kernel] + [g.int(0, k - 1) for k in kernel]
    return kernel, chosen


def image(g, types, low=1):
    x = g.pick(types, lambda v: min(v.shape) > 0 and CALM(v), ranks=(2 + low, 5))
    if min(x.shape) == 0:
        raise Skip
    return x


@row("Conv", weight=3)
def conv(g):
    x = image(g, g.types("Conv"))
    kernel, how = windowed(g, x.shape[2:])
    group = g.one([n for n in range(1, x.shape[1] + 1) if x.shape[1] % n == 0]) if g.chance(.4) else 1
    filters = group * g.int(1, 3)
    w = g.pick([x.dtype], CALM, shape=[filters, x.shape[1] // group, *kernel], fresh=.8, low=-2, high=2)
    b = g.pick([x.dtype], CALM, shape=[filters]) if g.chance(.5) else None
    g.node("Conv", [x, w, b], integral=True, group=group if group > 1 else None,
           kernel_shape=g.one([None, kernel]), **how)


@row("ConvTranspose", weight=1.5)
def conv_transpose(g):
    x = image(g, g.types("ConvTranspose"))
    rank = x.rank - 2
    group = g.one([n for n in range(1, x.shape[1] + 1) if x.shape[1] % n == 0]) if g.chance(.3) else 1
    kernel = [g.int(1, 3) for _ in range(rank)]
    strides = [g.int(1, 2) for _ in range(rank)]
    dilations = [g.int(1, 2) if g.chance(.2) else 1 for _ in range(rank)]
    pads = [g.int(0, max(0, k - 1)) for k in kernel + kernel] if g.chance(.4) else None
    extra = [g.int(0, max(s, d) - 1) for s, d in zip(strides, dilations)] if g.chance(.3) else None
    m = g.int(1, 3)
    w = g.pick([x.dtype], CALM, shape=[x.shape[1], m, *kernel], fresh=.8, low=-2, high=2)
    b = g.pick([x.dtype], CALM, shape=[m * group]) if g.chance(.5) else None
    g.node("ConvTranspose", [x, w, b], integral=True, group=group if group > 1 else None, strides=strides,
           dilations=dilations if max(dilations) > 1 else None, pads=pads, output_padding=extra,
           kernel_shape=g.one([None, kernel]))


def pooled(op):
    @row(op, weight=1.3)
    def add(g):
        x = image(g, g.types(op))
        since = {"MaxPool": 10, "AveragePool": 19, "LpPool": 18}[op]
        kernel, how = windowed(g, x.shape[2:], dilations=g.opset >= since)
        if how.get("auto_pad", "").startswith("SAME") and any(s > k for s, k in zip(how["strides"] or kernel, kernel)):
            how["strides"] = None  # onnxruntime pads by less than nothing there: it refuses, or shifts the windows
        ceil = g.one([None, 0, 1]) if g.opset >= (18 if op == "LpPool" else 10) and "auto_pad" not in how else None
        more = {}
        if op == "AveragePool":
            more["count_include_pad"] = g.one([None, 1])
        if op == "LpPool":
            more["p"] = g.one([None, 1, 2])
        outputs = 1
        if op == "MaxPool" and x.dtype in OWN and g.opset >= 8 and g.chance(.3) and x.exact and not g.smooth:
            flat = x.array.reshape(-1)
            outputs = 2 if len(np.unique(flat)) == flat.size else 1  # which of equal ones is left open
        if op == "MaxPool" and outputs == 2 and g.chance(.3):
            more["storage_order"] = 1
        exact = op == "MaxPool"
        g.node(op, [x], outputs, exact=exact, kernel_shape=kernel, ceil_mode=ceil, **more, **how)


for name in ("MaxPool", "AveragePool", "LpPool"):
    pooled(name)


def over_all(op, exact):
    @row(op)
    def add(g):
        x = image(g, g.types(op))
        g.node(op, [x], exact=exact, p=g.one([None, 1, 2]) if op == "GlobalLpPool" else None)


for name in ("GlobalAveragePool", "GlobalLpPool", "GlobalMaxPool"):
    over_all(name, name == "GlobalMaxPool")


@row("MatMulInteger", 10)
def matmul_integer(g):
    x = g.pick(g.types("MatMulInteger"), ranks=(2, 4), low=0, high=100)
    shape = [x.shape[-1], g.int(1, 5)]
    y = g.pick(g.types("MatMulInteger", 1), shape=shape, low=-100, high=100)
    zeros = [g.constant(np.asarray(g.int(0, 9), v.dtype)) if g.chance(.5) else None for v in (x, y)]
    g.node("MatMulInteger", [x, y, *zeros], exact=True)


@row("ConvInteger", 10)
def conv_integer(g):
    x = image(g, [U8])
    kernel, how = windowed(g, x.shape[2:])
    w = g.pick([U8], CALM, shape=[g.int(1, 3), x.shape[1], *kernel])
    zeros = [g.constant(np.asarray(g.int(0, 9), U8)) if g.chance(.5) else None, None]
    g.node("ConvInteger", [x, w, *zeros], exact=True, kernel_shape=g.one([None, kernel]), **how)


DIRECTIONS = ("forward", "reverse", "bidirectional")


def recurrent(op, gates):
    @row(op, weight=.8)
    def add(g):
        dtype = g.type_of([t for t in g.types(op) if t in (F32, F64)])
        length, batch, size, hidden = g.int(1, 4), g.int(1, 3), g.int(1, 4), g.int(1, 3)
        x = g.pick([dtype], CALM, shape=[length, batch, size])
        direction = g.one(DIRECTIONS)
        d = 2 if direction == "bidirectional" else 1

        def weights(*shape):
            return g.constant(draw(g.rng, dtype, shape, -1, 1))
        inputs = [x, weights(d, gates * hidden, size), weights(d, gates * hidden, hidden),
                  weights(d, 2 * gates * hidden) if g.chance(.6) else None, None,
                  g.pick([dtype], within((-2, 2)), shape=[d, batch, hidden], low=-1, high=1) if g.chance(.5) else None]
        if op == "LSTM":
            inputs.append(g.pick([dtype], within((-2, 2)), shape=[d, batch, hidden], low=-1, high=1)
                          if g.chance(.4) else None)
            if g.chance(.3):
                inputs.append(weights(d, 3 * hidden))
        most = 3 if op == "LSTM" else 2
        wanted = [g.chance(.6) for _ in range(most)]
        if not any(wanted):
            wanted[0] = True
        more = {"linear_before_reset": g.one([None, 1])} if op == "GRU" else {}
        g.node(op, inputs, most, sparse=wanted, hidden_size=hidden,
               direction=direction if direction != "forward" or g.chance(.3) else None, **more)


for name, count in (("RNN", 1), ("GRU", 3), ("LSTM", 4)):
    recurrent(name, count)


# --- quantised operands
def scale(g, shape=(), dtype=F32):
    return np.asarray(2. ** g.rng.integers(-4, 1, shape)).astype(dtype)


@row("QuantizeLinear", 10, weight=2)
def quantize(g):
    x = g.pick([t for t in g.types("QuantizeLinear") if is_float(t)], within((-60, 60)))
    # In double precision no element lies near a step between two integers.
    per_axis = g.opset >= 13 and x.rank > 0 and g.chance(.4)
    axis = g.int(-x.rank, x.rank - 1) if per_axis else None
    shape = (x.shape[axis],) if per_axis else ()
    s = scale(g, shape, x.dtype if g.opset >= 19 else F32)
    if x.dtype not in g.types("QuantizeLinear", 1) and s.dtype != F32:
        raise Skip
    zero = g.one([None, U8, I8])
    z = None if zero is None else g.constant(np.full(shape, g.int(0, 20), zero))
    wide = s.astype("f8").reshape([-1] + [1] * (x.rank - 1 - axis % x.rank)) if per_axis else s.astype("f8")
    g.apart(x, lambda a: (np.floor(a / wide) + .5) * wide)
    g.node("QuantizeLinear", [x, g.constant(s), z], exact=True, axis=axis)


@row("DequantizeLinear", 10, weight=2)
def dequantize(g):
    kinds = [t for t in g.types("DequantizeLinear") if t in (U8, I8, I32) or (t in INTS and g.opset >= 21)]
    x = g.pick(kinds, within((-5e4, 5e4)))
    per_axis = g.opset >= 13 and x.rank > 0 and g.chance(.4)
    axis = g.int(-x.rank, x.rank - 1) if per_axis else None
    shape = (x.shape[axis],) if per_axis else ()
    z = g.constant(np.full(shape, 0 if x.dtype == I32 else g.int(0, 20), x.dtype)) if g.chance(.7) else None
    dtype = g.type_of([F32] if g.opset < 19 else [t for t in g.types("DequantizeLinear", 1) if t in (F32, F16)])
    g.node("DequantizeLinear", [x, g.constant(scale(g, shape, dtype)), z], integral=False, exact=True, axis=axis)


def qlinear(g, x, w, axis_size):
    per_channel = g.chance(.3)
    shape = (axis_size,) if per_channel else ()
    return [g.constant(scale(g)), g.constant(np.asarray(g.int(0, 9), x.dtype)), w, g.constant(scale(g, shape)),
            g.constant(np.full(shape, 0, w.dtype))]


@row("QLinearMatMul", 10)
def qlinear_matmul(g):
    x = g.pick([U8, I8], ranks=(2, 3), low=0, high=20)
    w = g.pick([U8, I8], shape=[x.shape[-1], g.int(1, 4)], low=0, high=20)
    out = g.one([U8, I8])
    rest = qlinear(g, x, w, 1)
    rest[3], rest[4] = g.constant(scale(g)), g.constant(np.asarray(g.int(0, 9), w.dtype))
    g.node("QLinearMatMul", [x, *rest, g.constant(np.asarray(2., "f4")),
                             g.constant(np.asarray(g.int(0, 9), out))], exact=True)


@row("QLinearConv", 10)
def qlinear_conv(g):
    x = image(g, [U8, I8])
    kernel, how = windowed(g, x.shape[2:])
    filters = g.int(1, 3)
    w = g.pick([U8, I8], shape=[filters, x.shape[1], *kernel], low=0, high=20)
    bias = g.constant(draw(g.rng, I32, (filters,), -50, 50)) if g.chance(.5) else None
    g.node("QLinearConv", [x, *qlinear(g, x, w, filters), g.constant(np.asarray(4., "f4")),
                           g.constant(np.asarray(g.int(0, 9), x.dtype)), bias], exact=True,
           kernel_shape=g.one([None, kernel]), **how)
