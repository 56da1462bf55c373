"""Random models of fixed seeds (`tools/dev fuzz models` runs more), and that every supported operator is among them."""
import re
import sys

import numpy as np
import pytest
from onnx import helper, numpy_helper

from conftest import BUILD, ROOT

sys.path.insert(0, str(ROOT / "test" / "fuzz"))
from models import check, generate, known, lossy, rows, run  # noqa: E402

FIRST, MODELS, EACH = 7_000_000, 300, 15
# Operators of docs/SupportedOps.md that no row draws, and why.
LEFT_OUT = dict.fromkeys(("ConcatFromSequence", "SequenceAt", "SequenceConstruct", "SequenceEmpty", "SequenceErase", "SequenceInsert",
                          "SequenceLength", "SequenceMap", "SplitToSequence"),
                         "rows draw tensors; test_sequences.py draws programs of these")


@pytest.mark.parametrize("first", range(FIRST, FIRST + MODELS, EACH))
def test_random_models(first, tmp_path):
    checker = check.Checker((BUILD / "bin" / "hybridc").resolve(), tmp_path)
    failed, fine = [], 0
    for seed in range(first, first + EACH):
        outcomes, _ = run.one(seed, checker)
        outcome = outcomes[-1][0]
        fine += outcome.kind == "fine"
        if outcome.kind in check.BAD and not known.reason(outcome):
            failed.append(f"seed {seed}: {outcome.key()}: {outcome.said}")
    assert not failed, "\n".join(failed)
    assert fine >= EACH / 2, "hardly a model ran"


def test_rows_cover_the_table():
    text = (ROOT / "docs" / "SupportedOps.md").read_text()
    supported = {m[1]: int(m[2]) for m in re.finditer(r"^\| (\w+) \| (\d+) \|", text, re.M)}
    assert set(supported) - set(LEFT_OUT) == set(rows.TABLE)
    for op, since in supported.items():
        assert op in LEFT_OUT or rows.TABLE[op].since == since, op


@pytest.mark.parametrize("op", sorted(rows.TABLE))
def test_row_adds_its_operator(op):
    """Each row gives a model with its operator, in some opset."""
    row = rows.TABLE[op]
    for seed in range(40):
        opset = max(row.since, min(row.until, 7 + seed % 20))
        made = generate.generate(seed, opset=opset, only=op)
        if made.model is not None and any(node.op_type == op for node in made.model.graph.node):
            return
    pytest.fail(f"no model with {op}")


def test_same_seed_same_model():
    a, b = (generate.generate(FIRST + 3) for _ in range(2))
    assert a.model.SerializeToString(deterministic=True) == b.model.SerializeToString(deterministic=True)
    assert all((a.feeds[name] == b.feeds[name]).all() for name in a.feeds) and set(a.feeds) == set(b.feeds)


def test_lossy_values_are_held_to_numpy(tmp_path):
    """Int8 and ideal analog builds of small nets are decided, right, and wrong when one value is off by a hundredth."""
    checker = check.Checker((BUILD / "bin" / "hybridc").resolve(), tmp_path)
    x, w = np.random.default_rng(1).standard_normal((3, 8)).astype("f4"), np.sin(np.arange(40)).reshape(8, 5).astype("f4")
    graph = helper.make_graph([helper.make_node("MatMul", ["x", "w"], ["h"]), helper.make_node("Relu", ["h"], ["y"])],
                              "g", [helper.make_tensor_value_info("x", 1, x.shape)],
                              [helper.make_tensor_value_info("y", 1, (3, 5))], [numpy_helper.from_array(w, "w")])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    made = generate.Made(0, model, {"x": x}, {"y": np.maximum(x @ w, 0)}, "both", 1e-5, {})
    checker.store(made)
    for judged, way in enumerate(("int8", "analog", "auto"), 1):
        assert checker.check(made, way).kind == "fine"
        assert checker.judged == judged, way
        text = (tmp_path / "places.mlir").read_text()
        got = checker.outputs()
        assert lossy.judged(lossy.named(model), made.feeds, text, got, 1e-5) == (True, None)
        got["y"][1, 2] += 0.01 * got["y"].max()
        assert lossy.judged(lossy.named(model), made.feeds, text, got, 1e-5)[1], way
