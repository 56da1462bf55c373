"""Cuts a failing model down, and stores what is left as a test."""
import dataclasses
import json
import pathlib
import tempfile

import numpy as np
import onnx
from onnx import helper, numpy_helper

from . import check, generate, oracle
from .generate import Made, reads, tolerance_of
from .values import BF16, ONNX_TYPE


def intermediate(made):
    """Every value of the outer graph by its name, as far as an oracle gives them."""
    model = onnx.ModelProto()
    model.CopyFrom(made.model)
    names = [name for node in model.graph.node for name in node.output if name]
    del model.graph.output[:]
    model.graph.output.extend(onnx.ValueInfoProto(name=name) for name in names)
    arrays = oracle.by_runtime(model, made.feeds) or oracle.by_reference(model, made.feeds)
    if arrays is None:
        return {}
    values = {n: a for n, a in zip(names, arrays) if isinstance(a, np.ndarray) and a.dtype in ONNX_TYPE}
    return values | made.feeds | {t.name: numpy_helper.to_array(t) for t in made.model.graph.initializer}


def info(name, array):
    return helper.make_tensor_value_info(name, ONNX_TYPE[array.dtype], array.shape)


def remade(made, nodes, outputs, values, cut=()):
    """The model of these nodes and outputs; values in `cut` become inputs. None if the oracles do not decide."""
    needed, kept = set(outputs), []
    for node in reversed(nodes):
        if any(name in needed and name not in cut for name in node.output):
            kept.append(node)
            needed.update(reads(node))
    kept = kept[::-1]
    produced = {name for node in kept for name in node.output}
    if any(name not in produced for name in outputs) or not kept:
        return None
    feeds = {n: values[n] for n in sorted(needed - produced) if n in values
             and n not in {t.name for t in made.model.graph.initializer}}
    model = onnx.ModelProto()
    model.CopyFrom(made.model)
    graph = model.graph
    for field in (graph.node, graph.output, graph.input):
        del field[:]
    graph.node.extend(kept)
    graph.input.extend(info(n, a) for n, a in feeds.items())
    old = {o.name: o for o in made.model.graph.output}
    graph.output.extend(old.get(n) or info(n, values[n]) for n in outputs)
    inits = [t for t in graph.initializer if t.name in needed]
    del graph.initializer[:]
    graph.initializer.extend(inits)
    infos = [v for v in graph.value_info if v.name in produced - set(outputs)]
    del graph.value_info[:]
    graph.value_info.extend(infos)
    return judged(made, model, feeds)


def judged(made, model, feeds):
    """With what the oracles say of it."""
    dummy = [np.zeros((), a.dtype) for a in (made.expected or {}).values()]
    relative = tolerance_of(model, feeds, dummy)
    wanted, how = oracle.both(model, feeds, relative)
    if wanted is None and made.expected is not None:
        return None
    names = [o.name for o in model.graph.output]
    expected = dict(zip(names, wanted)) if wanted is not None else None
    return dataclasses.replace(made, model=model, feeds=feeds, expected=expected, oracles=how, tolerance=relative)


def candidates(made):
    """Smaller models, the boldest first."""
    nodes, outputs = list(made.model.graph.node), [o.name for o in made.model.graph.output]
    values = intermediate(made)
    known = [n for node in nodes for n in node.output if n in values]
    for name in known:
        if [name] != outputs:
            yield lambda name=name: remade(made, nodes, [name], values)
    for name in outputs if len(outputs) > 1 else []:
        yield lambda name=name: remade(made, nodes, [o for o in outputs if o != name], values)
    for name in reversed(known):
        if name not in outputs:
            yield lambda name=name: remade(made, nodes, outputs, values, {name})
    yield from plainer(made)


def plainer(made):
    """The same nodes, with less to them."""
    def changed(change):
        model = onnx.ModelProto()
        model.CopyFrom(made.model)
        change(model)
        return judged(made, model, made.feeds) if model != made.model else None
    yield lambda: changed(lambda m: m.graph.ClearField("value_info"))

    def nameless(m):
        for node in oracle.walk(m.graph):
            node.ClearField("name")
    yield lambda: changed(nameless)
    for i, node in enumerate(made.model.graph.node):
        for j, attribute in enumerate(node.attribute):
            if attribute.type != onnx.AttributeProto.GRAPH:
                yield lambda i=i, j=j: changed(lambda m: m.graph.node[i].attribute.pop(j))


def shrunk(made, fails, attempts=150):
    """The smallest model found for which `fails` still holds."""
    progress = True
    while progress and attempts > 0:
        progress = False
        for make in candidates(made):
            attempts -= 1
            if attempts <= 0:
                break
            try:
                smaller = make()
            except Exception:  # a cut that is no model
                continue
            if smaller is not None and size(smaller) < size(made) and fails(smaller):
                made, progress = smaller, True
                break
    return made


def size(made):
    return (sum(1 for _ in oracle.walk(made.model.graph)), len(made.model.graph.output),
            len(made.model.SerializeToString()))


def keep(seed, way, phase, key, options):
    """Shrinks the model of a seed and stores it; the folder's path."""
    made = generate.generate(seed, options.zero)
    with tempfile.TemporaryDirectory(prefix="hybridc-fuzz-") as scratch:
        checker = check.Checker(options.hybridc, scratch)

        def fails(candidate):
            checker.store(candidate)
            outcome = checker.check(candidate, way, phase)
            return outcome.kind == key.split()[0] and (outcome.kind in ("wrong", "doubt") or outcome.key() == key)
        made = shrunk(made, fails)
        checker.store(made)
        outcome = checker.check(made, way, phase)
    folder = pathlib.Path(options.keep) / f"{key.split()[0]}-{way}-{seed}"
    folder.mkdir(parents=True, exist_ok=True)
    store(folder, made, outcome, phase)
    return folder


def plain(arrays):
    return {n: a.astype("f4") if a.dtype == BF16 else a for n, a in arrays.items()}


def store(folder, made, outcome, phase):
    onnx.save(made.model, folder / "model.onnx")
    np.savez(folder / "inputs.npz", **plain(made.feeds))
    np.savez(folder / "expected.npz", **plain(made.expected or {}))
    folder.joinpath("found.json").write_text(json.dumps({
        "class": outcome.kind, "way": outcome.way, "phase": phase, "seed": made.seed, "oracles": made.oracles,
        "tolerance": made.tolerance, "said": outcome.said,
        "nodes": [node.op_type for node in oracle.walk(made.model.graph)]}, indent=1) + "\n")


def load(folder):
    """What `store` wrote: (Made, way, phase)."""
    facts = json.loads((folder / "found.json").read_text())
    model = onnx.load(folder / "model.onnx")
    with np.load(folder / "inputs.npz") as feeds, np.load(folder / "expected.npz") as expected:
        wanted = dict(expected)
        return Made(facts["seed"], model, dict(feeds), wanted or None, facts["oracles"], facts["tolerance"], {}), \
            facts["way"], facts["phase"]
