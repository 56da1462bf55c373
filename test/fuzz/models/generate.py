"""A random model with its inputs and what both oracles say of it; the same for the same seed."""
import dataclasses

import numpy as np
import onnx
from onnx import helper

from . import control, ops_contract, ops_elementwise, ops_index, ops_move, ops_reduce, oracle, rows  # noqa: F401
from .builder import Builder, Context, Skip
from .values import EPSILON, F32, ONNX_TYPE, is_float

OLDEST_OPSET, NEWEST_OPSET = 7, 28
GRAPHS = {"If", "Loop", "Scan"}
# In single precision whatever the type: by onnxruntime, or by ONNX's text (stash_type is 1).
SINGLE = {"Erf", "Gelu", "DequantizeLinear", "Resize", "GroupNormalization", "LayerNormalization"}


@dataclasses.dataclass
class Made:
    seed: int
    model: onnx.ModelProto
    feeds: dict
    expected: dict | None     # None: the oracles do not decide
    oracles: str              # "both", "steps", "runtime", "reference", "disputed", "invalid"
    tolerance: float
    counts: dict


def add_random(g, depth=0):
    """One more node; tries some rows until one fits. False when none did."""
    table = rows.possible(g.opset)
    weights = np.array([r.weight for r in table])
    weights /= weights.sum()
    for _ in range(6):
        chosen = table[int(g.rng.choice(len(table), p=weights))]
        if chosen.op in GRAPHS and depth >= 2:
            continue
        try:
            if depth == 0 and g.chance(.03):
                control.function(g)
            elif depth == 0 and g.opset >= 10 and g.chance(.03):
                chain(g)
            elif chosen.op in GRAPHS:
                chosen.add(g, depth)
            else:
                chosen.add(g)
            return True
        except Skip:
            continue  # constants that it made may stay: nothing reads them
    return False


def chain(g):
    """Quantise and dequantise around a product, as quantisers export it."""
    def around(v):
        s, z = g.constant(np.float32(.125)), g.constant(np.asarray(g.int(-9, 9), np.int8))
        g.apart(v, lambda a: (np.floor(a / .125) + .5) * .125)
        q = g.node("QuantizeLinear", [v, s, z], exact=True, keep=g.chance(.2))[0]
        return g.node("DequantizeLinear", [q, s, z], exact=True)[0]
    small = lambda v: bool((np.abs(v.array) < 14).all())  # noqa: E731
    x = around(g.pick([F32], small, ranks=(2, 2)))
    w = around(g.pick([F32], small, shape=(x.shape[1], g.int(1, 5)), low=-2, high=2))
    y = g.node("MatMul", [x, w], integral=True)[0]
    if g.chance(.6):
        y = g.node("Relu", [y], exact=True)[0]
    if g.chance(.5) and small(y):
        around(y)


def finish(g, count):
    """The model's outputs: values nobody reads, and some that others do; one is an input or a constant at times."""
    made = [v for v in g.values if not v.constant or g.chance(.3)]
    results = {name for node in g.nodes for name in node.output}
    leaves = next(filter(None, ([v for v in made if v.uses == 0 and v.name in results],
                                [v for v in made if v.name in results], [v for v in g.values if v.name in results])),
                  [])
    if not leaves:
        return []
    outs = leaves if len(leaves) <= count else [leaves[i] for i in sorted(g.rng.permutation(len(leaves))[:count])]
    others = [v for v in g.values if v not in outs]
    if others and g.chance(.4):
        outs.append(g.one(others))
    if g.chance(.1):
        outs.append(g.node("Identity", [g.one(outs)], exact=True)[0])
    return outs


def typed(g, v, rank_only=False):
    shape = [f"{v.name}_{i}" for i in range(v.rank)] if rank_only else v.shape
    return helper.make_tensor_value_info(v.name, ONNX_TYPE[v.dtype], shape)


def prune(nodes, outputs):
    """Drops what no output needs, but a few: dead code is a case, too."""
    needed, kept = {v.name for v in outputs}, []
    for node in reversed(nodes):
        if any(name in needed for name in node.output):
            kept.append(node)
            needed.update(name for name in reads(node))
    return kept[::-1], needed


def reads(node):
    yield from node.input
    for attribute in node.attribute:
        if attribute.type == onnx.AttributeProto.GRAPH:
            for inner in oracle.walk(attribute.g):
                yield from inner.input
            for output in attribute.g.output:
                yield output.name


def assemble(g, outs):
    context = g.context
    nodes, needed = (g.nodes, None) if g.chance(.2) else prune(g.nodes, outs)
    if needed is None:
        needed = {name for node in nodes for name in reads(node)} | {v.name for v in outs}
    feeds = {name: array for name, array in context.feeds.items() if name in needed}
    produced = {name for node in nodes for name in node.output}
    infos = [typed(g, v) for v in g.values if v.name in produced and v not in outs and g.chance(.5)] \
        if g.chance(.4) else []
    aliases(g, nodes)
    inits = {t.name: t for t in g.initializers if t.name in needed}
    inputs = [helper.make_tensor_value_info(name, ONNX_TYPE[a.dtype], a.shape) for name, a in feeds.items()]
    graph = helper.make_graph(nodes, "fuzz", inputs, [typed(g, v, g.chance(.05)) for v in outs], list(inits.values()),
                              value_info=infos)
    imports = [helper.make_opsetid("", g.opset)]
    used = {node.op_type for node in oracle.walk(graph) if node.domain}
    functions = [f for name, f in context.functions.items() if name in used]
    if functions:
        imports.append(helper.make_opsetid(control.DOMAIN, 1))
    return helper.make_model(graph, opset_imports=imports, functions=functions, ir_version=oracle.IR_VERSION,
                             producer_name="fuzz"), feeds


def aliases(g, nodes):
    """Initializers read through an Identity now and then."""
    for tensor in list(g.initializers):
        if not g.chance(.08):
            continue
        name = g.name("alias")
        changed = False
        for node in nodes:
            for i, read in enumerate(node.input):
                if read == tensor.name and g.chance(.6):
                    node.input[i] = name
                    changed = True
        if changed:
            nodes.insert(0, helper.make_node("Identity", [tensor.name], [name]))


def tolerance_of(model, feeds, expected):
    """What roundings may add up to: by the coarsest type in the model, and how many nodes there are."""
    kinds = {a.dtype for a in [*feeds.values(), *expected]}
    mentioned = {a.type.tensor_type.elem_type for a in model.graph.value_info}
    for node in oracle.walk(model.graph):
        for attribute in node.attribute:
            if attribute.name in ("to", "dtype"):
                mentioned.add(attribute.i)
            if attribute.type == onnx.AttributeProto.TENSOR:
                mentioned.add(attribute.t.data_type)
    mentioned |= {t.data_type for t in model.graph.initializer}
    kinds |= {d for d, t in ONNX_TYPE.items() if t in mentioned}
    coarsest = max([EPSILON[d] for d in kinds if is_float(d)] or [EPSILON[F32]])
    single = SINGLE & {node.op_type for node in oracle.walk(model.graph)}
    coarsest = max(coarsest, EPSILON[F32]) if single else coarsest
    return coarsest * (16 + 8 * len(model.graph.node))


def generate(seed, zero=0.0, opset=None, only=None):
    """The model of a seed, or None when nothing came of it."""
    rng = np.random.default_rng([seed, 11])
    version = opset or int(rng.integers(OLDEST_OPSET, NEWEST_OPSET, endpoint=True))
    context = Context(rng, version, zero, odd=rng.random() < .1, fold=rng.random() < .03)
    g = Builder(context)
    size = int(rng.choice([1, 2, 3, 5, 8, 12], p=[.12, .1, .18, .25, .2, .15]))
    for _ in range(size):
        if only is not None:
            for _ in range(4):
                try:
                    rows.TABLE[only].add(g)
                    break
                except Skip:
                    continue
        else:
            add_random(g)
    outs = finish(g, int(rng.integers(1, 4)))
    if not outs:
        return Made(seed, None, {}, None, "empty", 0, context.counts)
    seen, unique = set(), []
    for v in outs:
        if v.name not in seen:
            seen.add(v.name)
            unique.append(v)
    model, feeds = assemble(g, unique)
    names = [v.name for v in unique]
    relative = tolerance_of(model, feeds, [v.array for v in unique])
    steps = [v.array for v in unique]
    wanted, how = oracle.both(model, feeds, relative)
    if how != "both" and not context.doubtful:
        # Each node alone was decided by both, which covers what one of them has no kernel for.
        if wanted is None or all(oracle.close(a, b, relative) for a, b in zip(wanted, steps)):
            wanted, how = steps, "steps"
    expected = dict(zip(names, wanted)) if wanted is not None else None
    return Made(seed, model, feeds, expected, how, relative, context.counts)
