"""Rows of operators that hold graphs: If, Loop, Scan; and functions of the model's own."""
import numpy as np
import onnx
from onnx import helper

from . import rows
from .builder import Builder, Skip
from .values import BOOL, F32, F64, I64, ONNX_TYPE, Value, is_float

DOMAIN = "fuzz.local"


def info(name, array):
    return helper.make_tensor_value_info(name, ONNX_TYPE[array.dtype], array.shape)


def fill(inner, count, depth):
    """Adds up to `count` random nodes to a graph within a graph."""
    from .generate import add_random
    for _ in range(count):
        add_random(inner, depth)


def graph_of(inner, name, inputs, outputs):
    infos = [info(v.name, v.array) for v in outputs]
    if inner.chance(.3):
        for entry in infos:
            entry.type.tensor_type.ClearField("shape")
    return helper.make_graph(inner.nodes, name, inputs, infos, inner.initializers)


def named(inner, value):
    """The value under a name of this graph's own: outputs of a graph are its own values."""
    if any(value.name in node.output for node in inner.nodes) and inner.chance(.9):
        return value
    return inner.node("Identity", [value], exact=True, keep=False)[0]


def branch(g, like=None, depth=0):
    """A graph that yields values shaped `like` these, or any."""
    inner = Builder(g.context, g, g.smooth)
    fill(inner, g.int(0, 3), depth + 1)
    if like is None:
        wanted = [inner.pick([F32, F64, I64, BOOL], fresh=.2) for _ in range(g.int(1, 2))]
    else:
        wanted = []
        for v in like:
            known = [w for w in inner.scope() if w.dtype == v.dtype and w.shape == v.shape]
            if known and g.chance(.8):
                wanted.append(g.one(known))
            else:
                wanted.append(inner.pick([v.dtype], shape=v.shape, fresh=.5))
    outs, seen = [], set()
    for v in wanted:
        v = named(inner, v)
        if v.name in seen:
            v = inner.node("Identity", [v], exact=True, keep=False)[0]
        seen.add(v.name)
        outs.append(v)
    return inner, outs


@rows.row("If", weight=3)
def if_(g, depth=0):
    if g.chance(.3):
        condition = g.constant(np.asarray(g.chance(.5)))
    else:
        condition = g.pick([BOOL], shape=(), fresh=.4)
        if g.chance(.2):
            condition = g.fresh(np.asarray([g.chance(.5)]), keep=False)
    first, outs = branch(g, depth=depth)
    second, others = branch(g, outs, depth)
    if g.chance(.5):
        first, outs, second, others = second, others, first, outs
    made = g.node("If", [condition], len(outs), then_branch=graph_of(first, "then", [], outs),
                  else_branch=graph_of(second, "else", [], others))
    for v, a, b in zip(made, outs, others):
        v.exact = v.exact and a.exact and b.exact or not is_float(v.dtype)
        # Taken or not: known at compile time only when everything is.
        v.constant = False


def body_of(g, depth, states, more=()):
    """A body over states and further arguments, each of which keeps its type and shape."""
    inner = Builder(g.context, g, smooth=True)
    arguments = []
    for array in [*more, *states]:
        arguments.append(Value(inner.name("s"), array, exact=not is_float(array.dtype)))
    inner.values.extend(arguments)
    fill(inner, g.int(1, 3), depth + 1)
    outs = []
    for argument in arguments[len(more):]:
        known = [v for v in inner.values if v.dtype == argument.dtype and v.shape == argument.shape]
        v = g.one(known)
        if is_float(v.dtype) and g.chance(.6):
            v = inner.node("Tanh", [v])[0]
        elif is_float(v.dtype) and g.chance(.5):
            v = inner.node("Mul", [v, inner.pick([v.dtype], shape=g.one([v.shape, ()]), low=-1, high=1)])[0]
        elif g.chance(.9) or v in arguments:
            v = inner.node("Identity", [v], exact=True)[0]
        if any(v.name == o.name for o in outs) or v in arguments:
            v = inner.node("Identity", [v], exact=True)[0]
        outs.append(v)
    return inner, arguments, outs


def states_of(g, count):
    kinds = [F32, F64, I64]
    return [g.pick(kinds, ranks=(0, 3), elements=40) for _ in range(count)]


@rows.row("Loop", weight=2)
def loop(g, depth=0):
    states = states_of(g, g.int(1, 2))
    turn = np.asarray(0, I64)
    inner, arguments, outs = body_of(g, depth, [v.array for v in states], (turn, np.asarray(True)))
    turns = g.int(0, 4) if g.chance(.2) else g.int(1, 4)
    how = g.int(0, 3)
    collected = []
    constant = g.chance(.7)
    count = g.fresh(np.asarray(turns, I64), keep=False, constant=constant)
    if how == 0:  # a condition that is computed
        limit = inner.constant(np.asarray(g.int(0, 3), I64))
        going = inner.node("Less", [arguments[0], limit], keep=False)[0]
        start = g.constant(np.asarray(True))
    else:
        going = inner.node("Identity", [arguments[1]], exact=True, keep=False)[0]
        start = g.constant(np.asarray(True)) if g.chance(.5) else None
        if constant and turns and g.chance(.4):
            collected = [inner.node("Identity", [g.one(inner.values)], exact=True, keep=False)[0]]
    body = graph_of(inner, "body", [info(v.name, v.array) for v in arguments], [going, *outs, *collected])
    made = g.node("Loop", [count, start, *states], len(outs) + len(collected), body=body)
    for v in made:
        v.exact = not is_float(v.dtype)
        v.constant = False


@rows.row("Scan", 9, weight=1.4)
def scan(g, depth=0):
    states = states_of(g, g.int(0, 2))
    x = g.pick([F32, F64, I64], lambda v: v.shape[0] > 0, ranks=(1, 4), elements=60)
    if x.shape[0] == 0:
        raise Skip
    inner, arguments, outs = body_of(g, depth, [v.array for v in [*states, *[type("V", (), {"array": x.array[0]})]]])
    outs = outs[:len(states)]
    collected = [inner.node("Identity", [g.one(inner.values)], exact=True, keep=False)[0]
                 for _ in range(g.int(0 if states else 1, 2))]
    more = {}
    if g.chance(.3):
        more["scan_input_directions"] = [1]
    if collected and g.chance(.3):
        more["scan_output_directions"] = [g.int(0, 1) for _ in collected]
    body = graph_of(inner, "body", [info(v.name, v.array) for v in arguments], [*outs, *collected])
    made = g.node("Scan", [*states, x], len(outs) + len(collected), body=body, num_scan_inputs=1, **more)
    for v in made:
        v.exact = not is_float(v.dtype)
        v.constant = False


def function(g):
    """A call of a function of the model's own: some nodes over arguments, constants within."""
    known = list(g.context.functions.values())
    x = g.pick([F32, F64], ranks=(0, 3), low=-2, high=2)
    if known and g.chance(.4):
        chosen = g.one(known)
        if len(chosen.input) == 1:
            g.node(chosen.name, [x], len(chosen.output), domain=DOMAIN)
            return
    inner = Builder(g.context, None, smooth=True)
    inner.context_fold = True
    argument = Value("a", x.array, exact=False)
    inner.values.append(argument)
    for op in [g.one(["Relu", "Tanh", "Neg", "Abs", "Sigmoid", "Identity", "Add", "Mul"]) for _ in range(g.int(1, 4))]:
        v = g.one(inner.values)
        same = [w for w in inner.values if w.shape == v.shape]
        inner.node(op, [v, g.one(same)] if op in ("Add", "Mul") else [v])
    outs = [v for v in inner.values if v is not argument]
    outs = outs[-g.int(1, min(2, len(outs))):]
    g.context.number += 1
    proto = helper.make_function(DOMAIN, f"F{g.context.number}", ["a"], [v.name for v in outs], inner.nodes,
                                 [helper.make_opsetid("", g.opset)])
    g.context.functions[proto.name] = proto
    try:
        g.node(proto.name, [x], len(outs), domain=DOMAIN)
    except Skip:
        del g.context.functions[proto.name]
        raise
