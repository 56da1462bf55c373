"""A graph under construction: every value is known for the inputs that were drawn, so that each node is checked as
it is added, by both oracles, and what an operator asks of its operands can be looked up."""
import dataclasses

import numpy as np
import onnx
from onnx import helper, numpy_helper

from . import oracle
from .values import (BOOL, BY_STRING, EPSILON, F16, INTS, ONNX_TYPE, WEIGHT, Value, draw, extents, is_float)

ODD = ("/", ":", " ", "#", "\"", "é", "\\", ".", "(", "%", "@")


class Skip(Exception):
    """This node cannot be added here; another one is tried."""


@dataclasses.dataclass
class Context:
    """What all graphs of a model share."""
    rng: np.random.Generator
    opset: int
    zero: float = 0.0
    feeds: dict = dataclasses.field(default_factory=dict)         # name → array
    functions: dict = dataclasses.field(default_factory=dict)     # name → FunctionProto
    counts: dict = dataclasses.field(default_factory=dict)        # why nodes were dropped
    doubtful: bool = False  # a node that only one oracle runs
    number: int = 0
    odd: bool = False       # names with odd characters
    fold: bool = False      # no inputs at run time


class Builder:
    def __init__(self, context, parent=None, smooth=False):
        self.context, self.parent = context, parent
        self.rng, self.opset = context.rng, context.opset
        self.smooth = smooth  # values change from turn to turn: nothing may hang on one
        self.nodes, self.values, self.initializers, self.used = [], [], [], []

    # --- chance
    def chance(self, p):
        return self.rng.random() < p

    def int(self, low, high):
        return int(self.rng.integers(low, high, endpoint=True))

    def one(self, items):
        items = list(items)
        if not items:
            raise Skip
        return items[self.int(0, len(items) - 1)]

    def shape(self, low=0, high=5, elements=400):
        return extents(self.rng, low, high, elements, self.context.zero)

    def name(self, prefix):
        self.context.number += 1
        odd = self.one(ODD) if self.context.odd and self.chance(0.3) else ""
        return f"{prefix}{odd}{self.context.number}"

    # --- types
    def types(self, op, index=0, output=False):
        """The element types that the operator takes as operand `index` in this opset."""
        schema = onnx.defs.get_schema(op, self.opset)
        formals = schema.outputs if output else schema.inputs
        return [BY_STRING[name] for name in sorted(formals[min(index, len(formals) - 1)].types) if name in BY_STRING]

    def type_of(self, types):
        types = list(types)
        if not types:
            raise Skip
        weights = np.array([WEIGHT.get(t, 1) for t in types], float)
        return types[int(self.rng.choice(len(types), p=weights / weights.sum()))]

    # --- values
    def scope(self):
        """Everything that a node here may read."""
        outer = self.parent.scope() if self.parent else []
        return outer + self.values

    def pick(self, types=None, ok=None, ranks=(0, 5), fresh=0.35, low=-4.0, high=4.0, shape=None, elements=400):
        """A value of one of `types`: one that there is, or a new input or constant."""
        def fits(v):
            return ((types is None or v.dtype in types) and ranks[0] <= v.rank <= ranks[1]
                    and (shape is None or v.shape == tuple(shape)) and v.array.size <= elements
                    and (ok is None or ok(v)))
        if not self.chance(fresh):
            known = [v for v in self.scope() if fits(v)]
            if known:
                late = known[len(known) // 2:] if self.chance(0.6) else known
                return self.one(late)
        dtype = self.type_of(types or ONNX_TYPE)
        extent = tuple(shape) if shape is not None else self.shape(*ranks, elements)
        return self.fresh(draw(self.rng, dtype, extent, low, high))

    def fresh(self, array, keep=True, constant=None):
        """A new input of the model, or a constant."""
        if constant is None:
            constant = self.context.fold or self.parent is not None or self.chance(0.4)
        if constant:
            return self.constant(array, keep)
        array = np.asarray(array)
        value = Value(self.name("x"), array)
        self.context.feeds[value.name] = array
        (self.values if keep else self.used).append(value)
        return value

    def constant(self, array, keep=False):
        """An initializer or a Constant node; one that holds the same is shared at times."""
        array = np.asarray(array)
        if self.chance(0.5):
            for value in self.scope():
                if (value.constant and value.dtype == array.dtype and value.shape == array.shape
                        and value.array.tobytes() == array.tobytes()):
                    return value
        value = Value(self.name("c"), array, constant=True)
        tensor = numpy_helper.from_array(array, value.name)
        if array.dtype not in self.types("Constant", output=True) or self.chance(0.7):
            self.initializers.append(tensor)
        else:
            self.nodes.append(helper.make_node("Constant", [], [value.name], value=tensor))
        if keep or self.chance(0.3):
            self.values.append(value)
        elif value not in self.scope():
            self.used.append(value)
        return value

    # --- nodes
    def smoothly(self, *values):
        """Leaves out what would hang on a rounding: values that are not exact, or change."""
        for value in values:
            if is_float(value.dtype) and (self.smooth or not value.exact):
                raise Skip

    def apart(self, value, points):
        """No element near `points(array)`, unless every implementation has these bits."""
        if not is_float(value.dtype) or (value.exact and not self.smooth):
            return
        if self.smooth:
            raise Skip
        array = value.array.astype(np.float64)
        if (np.abs(array - points(array)) <= 100 * EPSILON[value.dtype] * (1 + np.abs(array))).any():
            raise Skip

    def node(self, op, inputs, outputs=1, exact=False, integral=False, limit=None, domain="", keep=True, sparse=None,
             **attributes):
        """Adds a node and gives its values. `exact`: it moves or chooses what it is given. `integral`: sums and
        products, exact where integers in double precision give the same. `sparse`: which outputs are asked for."""
        attributes = {k: v for k, v in attributes.items() if v is not None}
        while inputs and inputs[-1] is None:
            inputs = inputs[:-1]
        names = [v.name if v else "" for v in inputs]
        results = [self.name("v") if sparse is None or sparse[i] else "" for i in range(outputs)]
        label = self.one(["", self.name(op), self.name("n"), self.name(f"/block/{op}_")]) if self.chance(0.8) else ""
        proto = helper.make_node(op, names, results, name=label or None, domain=domain, **attributes)
        arrays = self.evaluate(proto, [name for name in results if name], limit)
        if integral:
            self.unchanged(proto, inputs, arrays)
        self.nodes.append(proto)
        made = []
        every = all(v.exact for v in inputs if v)
        for name, array in zip([name for name in results if name], arrays):
            discrete = not is_float(array.dtype)
            ok = discrete or (every and (exact or (integral and self.on_grid(inputs, array))))
            value = Value(name, array, exact=ok and not self.smooth or discrete,
                          constant=all(v.constant for v in inputs if v) and not self.smooth)
            made.append(value)
            (self.values if keep else self.used).append(value)
        for v in inputs:
            if v:
                v.uses += 1
        return made

    def on_grid(self, inputs, array):
        """Whether sums of these are exact in any order: multiples of 1/4 and small."""
        def grid(a, step, most):
            a = a.astype(np.float64)
            return bool((np.abs(a) <= most).all() and (a * step == np.round(a * step)).all())
        if array.dtype in (np.float32, np.float64):
            return all(grid(v.array, 16, 4096) for v in inputs if v) and grid(array, 256, 16384)
        return all(grid(v.array, 4, 4) for v in inputs if v) and grid(array, 4, 16)

    def unchanged(self, proto, inputs, arrays):
        """Integers that wrap are left out: ONNX does not say what comes of them."""
        if not any(a.dtype in INTS for a in arrays):
            return
        feeds = {v.name: v.array.astype(np.float64) if v.dtype in INTS else v.array for v in inputs if v}
        model = oracle.model_of([proto], [helper.make_tensor_value_info(n, ONNX_TYPE[a.dtype], a.shape)
                                          for n, a in feeds.items()], [o for o in proto.output if o], self.opset)
        wide = oracle.by_reference(model, feeds)
        if wide is None or any((np.trunc(w.astype(np.float64)) != a).any() for w, a in zip(wide, arrays)):
            raise Skip

    def outer(self, proto):
        """The values that the node reads, those in its graphs too."""
        known = {v.name: v for v in [*self.scope(), *self.constants()]}
        names = set(proto.input)
        for attribute in proto.attribute:
            if attribute.type == onnx.AttributeProto.GRAPH:
                for inner in oracle.walk(attribute.g):
                    names.update(inner.input)
                names.update(o.name for o in attribute.g.output)
        return [known[name] for name in sorted(names) if name in known]

    def constants(self):
        return self.used + (self.parent.constants() if self.parent else [])

    def evaluate(self, proto, results, limit=None):
        read = self.outer(proto)
        feeds = {v.name: v.array for v in read}
        function = self.context.functions.get(proto.op_type) if proto.domain else None
        model = oracle.model_of([proto], [helper.make_tensor_value_info(v.name, ONNX_TYPE[v.dtype], v.shape)
                                          for v in read], results, self.opset,
                                functions=[function] if function else [], domains=[proto.domain] if function else [])
        widest = max([EPSILON[v.dtype] for v in read if is_float(v.dtype)], default=EPSILON[F16])
        arrays, how = oracle.both(model, feeds, 64 * widest)
        if arrays is None or len(arrays) != len(results):
            self.drop(f"{how}: {proto.op_type}")
        for array in arrays:
            if array.dtype not in ONNX_TYPE or array.size > 3000:
                raise Skip
            if array.dtype == BOOL:
                continue
            most = limit or (1e3 if array.dtype.itemsize < 4 else 1e5)
            wide = array.astype(np.float64)
            if not np.isfinite(wide).all() or (np.abs(wide) > most).any():
                raise Skip
            tiny = (np.abs(wide) < (1e-3 if array.dtype.itemsize < 4 else 1e-20)) & (wide != 0)
            if is_float(array.dtype) and tiny.any():
                raise Skip  # denormals: some of the oracles flush them
        if how != "both":
            self.context.doubtful = True
        return arrays

    def drop(self, why):
        self.context.counts[why] = self.context.counts.get(why, 0) + 1
        raise Skip
