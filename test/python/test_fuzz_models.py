"""Random models of fixed seeds (`tools/dev fuzz models` runs more), and that every supported operator is among them."""
import re
import sys

import pytest

from conftest import BUILD, ROOT

sys.path.insert(0, str(ROOT / "test" / "fuzz"))
from models import check, generate, known, rows, run  # noqa: E402

FIRST, MODELS, EACH = 7_000_000, 300, 15
# Operators of docs/SupportedOps.md that no row draws, and why.
LEFT_OUT = {}


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
