"""Rows of operators that work element by element."""
import numpy as np

from .builder import Skip
from .rows import row
from .values import BF16, BOOL, F16, F32, FLOATS, INTS, ONNX_TYPE, UNSIGNED, draw, is_float

ANY = (-1e9, 1e9)
# op: since, domain, moves without rounding, attributes
SMOOTH = {
    "Abs": (7, ANY, True, {}), "Neg": (7, ANY, True, {}), "Relu": (7, ANY, True, {}), "Identity": (7, ANY, True, {}),
    "Acos": (7, (-.9, .9), False, {}), "Acosh": (9, (1.1, 9), False, {}), "Asin": (7, (-.9, .9), False, {}),
    "Asinh": (9, (-9, 9), False, {}), "Atan": (7, ANY, False, {}), "Atanh": (9, (-.9, .9), False, {}),
    "Cos": (7, (-9, 9), False, {}), "Cosh": (9, (-4, 4), False, {}), "Sin": (7, (-9, 9), False, {}),
    "Sinh": (9, (-4, 4), False, {}), "Tan": (7, (-1.3, 1.3), False, {}), "Tanh": (7, ANY, False, {}),
    "Erf": (9, (-9, 9), False, {}), "Exp": (7, (-6, 6), False, {}), "Log": (7, (.1, 1e4), False, {}),
    "Reciprocal": (7, (.1, 1e3), False, {}), "Sigmoid": (7, (-60, 60), False, {}), "Sqrt": (7, (.05, 1e4), False, {}),
    "Softplus": (7, (-30, 60), False, {}), "Softsign": (7, ANY, False, {}), "HardSwish": (14, ANY, False, {}),
    "Mish": (18, (-30, 60), False, {}), "Not": (7, ANY, True, {}), "BitwiseNot": (18, ANY, True, {}),
    "Elu": (7, (-60, 60), False, {"alpha": (.2, 2)}), "Celu": (12, (-60, 60), False, {"alpha": (.5, 2)}),
    "Selu": (7, (-60, 60), False, {"alpha": (.5, 2), "gamma": (.5, 2)}),
    "LeakyRelu": (7, ANY, False, {"alpha": (.01, .5)}), "Swish": (24, (-60, 60), False, {"alpha": (.5, 2)}),
    "HardSigmoid": (7, ANY, False, {"alpha": (.1, .5), "beta": (.2, .6)}),
}


def within(domain):
    low, high = domain
    return lambda v: v.dtype == BOOL or bool(((v.array.astype("f8") >= low) & (v.array.astype("f8") <= high)).all())


def drawn(g, attributes):
    return {name: float(np.float32(g.rng.uniform(*limits))) for name, limits in attributes.items() if g.chance(.6)}


def smooth(op, since, domain, exact, attributes):
    @row(op, since, weight=.6)
    def add(g):
        low, high = max(domain[0], -4), min(domain[1], 4)
        x = g.pick(g.types(op), within(domain), low=low, high=high)
        if op == "Neg" and x.dtype in INTS and (x.array == np.iinfo(x.dtype).min).any():
            raise Skip
        g.node(op, [x], exact=exact, **drawn(g, attributes))


for name, entry in SMOOTH.items():
    smooth(name, *entry)


@row("Gelu", 20)
def gelu(g):
    g.node("Gelu", [g.pick(g.types("Gelu"))], approximate=g.one([None, "none", "tanh"]))


def stepping(op, since, points):
    @row(op, since)
    def add(g):
        x = g.pick(g.types(op))
        g.apart(x, points)
        g.node(op, [x], exact=True)


for name, first in (("Ceil", 7), ("Floor", 7)):
    stepping(name, first, np.round)
stepping("Round", 11, lambda a: np.floor(a) + .5)
stepping("Sign", 9, np.zeros_like)


@row("Shrink", 9)
def shrink(g):
    x = g.pick(g.types("Shrink"))
    edge = g.one([0.5, 1.0, 0.25])
    g.apart(x, lambda a: np.sign(a) * edge)
    g.node("Shrink", [x], integral=is_float(x.dtype), exact=not is_float(x.dtype), lambd=edge,
           bias=g.one([None, 0.5, 0.25]) if is_float(x.dtype) else None)


@row("ThresholdedRelu", 10)
def thresholded(g):
    x = g.pick(g.types("ThresholdedRelu"))
    g.apart(x, lambda a: np.full_like(a, .5))
    g.node("ThresholdedRelu", [x], exact=True, alpha=.5)


def special(op, since):
    @row(op, since, weight=.4)
    def add(g):
        dtype = g.type_of(g.types(op))
        array = draw(g.rng, dtype, g.shape())
        if array.size:
            for value in (np.nan, np.inf, -np.inf):
                array.reshape(-1)[g.int(0, array.size - 1)] = value
        more = {}
        if op == "IsInf":
            more = {name: g.one([None, 0, 1]) for name in ("detect_negative", "detect_positive")}
        g.node(op, [g.fresh(array, keep=False)], exact=True, **more)


special("IsNaN", 9)
special("IsInf", 10)


@row("Clip")
def clip(g):
    x = g.pick(g.types("Clip"))
    low, high = sorted(g.rng.integers(-3 if x.dtype not in UNSIGNED else 0, 4, 2).tolist())
    if g.opset < 11:
        g.node("Clip", [x], exact=True, min=g.one([None, float(low)]), max=g.one([None, float(high)]))
        return
    bounds = [g.constant(np.asarray(v, x.dtype)) if g.chance(.7) else None for v in (low, high)]
    g.node("Clip", [x, *bounds], exact=True)


@row("PRelu")
def prelu(g):
    x = g.pick(g.types("PRelu"), ranks=(1, 4))
    shape = g.one([x.shape, (1,), x.shape[-1:], tuple(n if g.chance(.5) else 1 for n in x.shape)])
    if x.dtype in INTS:
        raise Skip
    g.node("PRelu", [x, g.pick([x.dtype], shape=shape)], integral=True)


def partner(g, x, high=4.0, low=-4.0, ok=None, types=None):
    """A value that `x` broadcasts with."""
    def fits(v):
        try:
            return np.broadcast_shapes(v.shape, x.shape) is not None and (ok is None or ok(v))
        except ValueError:
            return False
    shape = list(x.shape[g.int(0, x.rank) if g.chance(.4) else 0:])
    shape = [1 if g.chance(.2) else n for n in shape]
    if g.chance(.2) and len(shape) < 5:
        shape = [g.int(1, 3)] * (len(shape) == x.rank) + shape
    types = types or [x.dtype]
    if g.chance(.55):
        known = [v for v in g.scope() if v.dtype in types and fits(v)]
        if known:
            return g.one(known)
    return g.fresh(draw(g.rng, g.type_of(types), shape, low, high))


def arithmetic(op, since=7):
    @row(op, since, weight=1.6)
    def add(g):
        x = g.pick(g.types(op))
        y = partner(g, x)
        g.node(op, [x, y] if g.chance(.7) else [y, x], integral=True)


for name in ("Add", "Sub", "Mul"):
    arithmetic(name)


@row("Div", weight=1.2)
def div(g):
    x = g.pick(g.types("Div"))
    y = partner(g, x, .5, 4, lambda v: bool((np.abs(v.array.astype("f8")) > .2).all()))
    if not np.abs(y.array.astype("f8")).min(initial=1) > .2:
        raise Skip
    if x.dtype in INTS and ((x.array.astype("i8") < 0).any() or (y.array.astype("i8") < 0).any()):
        raise Skip
    g.node("Div", [x, y])


@row("Mod", 10)
def mod(g):
    x = g.pick(g.types("Mod"))
    y = partner(g, x, 1, 5, lambda v: bool((np.abs(v.array.astype("f8")) > .4).all()))
    if not np.abs(y.array.astype("f8")).min(initial=1) > .4:
        raise Skip
    g.smoothly(x, y)
    if is_float(x.dtype) and not (g.on_grid([x, y], x.array) and g.on_grid([x], y.array)):
        raise Skip
    g.node("Mod", [x, y], exact=True, fmod=1 if is_float(x.dtype) else g.one([None, 0, 1]))


@row("Pow")
def power(g):
    x = g.pick(g.types("Pow"), within((.2, 6)), low=.25, high=3)
    types = [x.dtype] if g.opset < 12 else g.types("Pow", 1)
    if x.dtype in INTS:
        types = [t for t in types if t in INTS]
    y = partner(g, x, 0, 3, within((-3, 4) if is_float(x.dtype) else (0, 3)), types)
    if not within((-3, 4) if is_float(x.dtype) else (0, 3))(y) or (not is_float(x.dtype) and is_float(y.dtype)):
        raise Skip
    g.node("Pow", [x, y], integral=x.dtype in INTS)


def comparison(op, since=7):
    @row(op, since)
    def add(g):
        x = g.pick(g.types(op))
        y = partner(g, x)
        if is_float(x.dtype) and not (x.exact and y.exact and not g.smooth):
            if g.smooth or x.dtype == BF16:
                raise Skip
            apart = np.abs(x.array.astype("f8") - y.array.astype("f8"))
            if apart.min(initial=9) < (.1 if x.dtype == F16 else 1e-3):
                raise Skip
        g.node(op, [x, y], exact=True)


for name, first in (("Equal", 7), ("Greater", 7), ("Less", 7), ("GreaterOrEqual", 12), ("LessOrEqual", 12)):
    comparison(name, first)


def logic(op, since=7):
    @row(op, since, weight=.7)
    def add(g):
        x = g.pick(g.types(op))
        g.node(op, [x, partner(g, x)], exact=True)


for name, first in (("And", 7), ("Or", 7), ("Xor", 7), ("BitwiseAnd", 18), ("BitwiseOr", 18), ("BitwiseXor", 18)):
    logic(name, first)


@row("BitShift", 11, weight=.7)
def shift(g):
    x = g.pick(g.types("BitShift"))
    y = partner(g, x, 0, 5, within((0, 7)))
    if not within((0, 7))(y):
        raise Skip
    direction = g.one(["LEFT", "RIGHT"])
    if direction == "LEFT" and (x.array.astype("f8") * 2. ** y.array.astype("f8") > np.iinfo(x.dtype).max).any():
        raise Skip
    g.node("BitShift", [x, y], exact=True, direction=direction)


def variadic(op, exact):
    @row(op)
    def add(g):
        x = g.pick(g.types(op))
        g.node(op, [x, *(partner(g, x) for _ in range(g.int(0, 3)))], exact=exact, integral=not exact and op == "Sum")


for name, chooses in (("Max", True), ("Min", True), ("Mean", False), ("Sum", False)):
    variadic(name, chooses)


@row("Where", 9)
def where(g):
    x = g.pick(g.types("Where", 1))
    y = partner(g, x)
    shape = np.broadcast_shapes(x.shape, y.shape)
    condition = g.pick([BOOL], shape=shape if g.chance(.6) else shape[-1:])
    g.node("Where", [condition, x, y], exact=True)


CASTS = (F32, F16, FLOATS[2], BF16, BOOL, *INTS)


def castable(g, x, target):
    if is_float(x.dtype) and not is_float(target):
        g.apart(x, np.round if target != BOOL else np.zeros_like)
        if not within((0, 200) if target in UNSIGNED else (-120, 120))(x):
            raise Skip
    if target in INTS and x.dtype in INTS:
        limits = np.iinfo(target)
        if not within((limits.min, limits.max))(x):
            raise Skip
    # Rounded on the way: a chain of roundings is another than one.
    return bool((x.array.astype(target).astype("f8") == x.array.astype("f8")).all())


@row("Cast", weight=2)
def cast(g):
    x = g.pick(g.types("Cast"))
    target = g.type_of([t for t in g.types("Cast", output=True) if t in CASTS])
    exact = castable(g, x, target)
    g.node("Cast", [x], exact=exact, to=ONNX_TYPE[target])


@row("CastLike", 15)
def cast_like(g):
    x = g.pick(g.types("CastLike"))
    y = g.pick(g.types("CastLike", 1))
    g.node("CastLike", [x, y], exact=castable(g, x, y.dtype))


@row("Dropout")
def dropout(g):
    x = g.pick(g.types("Dropout"))
    both = g.opset >= 10 and g.chance(.4)
    ratio, inputs = {}, [x]
    if g.opset < 12:
        ratio = {"ratio": g.one([None, .3])}
    elif g.chance(.5):
        inputs.append(g.constant(np.asarray(.4, "f4")) if F32 in g.types("Dropout", 1) else None)
        if g.chance(.5):
            inputs.append(g.constant(np.asarray(False)))
    g.node("Dropout", inputs, 2 if both else 1, exact=True, **ratio)
