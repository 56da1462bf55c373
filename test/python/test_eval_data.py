"""What eval makes of labels and scores: a hit is a right class of a finite score, and nothing else."""
import json
import re

import numpy as np
import onnx
import pytest
from onnx import TensorProto as T

from cases import model, node, value

X = np.random.default_rng(28).standard_normal((41, 8)).astype(np.float32)
W = np.random.default_rng(29).standard_normal((8, 1)).astype(np.float32)
RIGHT = (X @ W)[:, 0] > 0


def store(tmp_path, kind, **data):
    """A model with one score, its sigmoid, two scores, or the class itself."""
    nodes = [node("MatMul", "x w", "s" if kind in ("sigmoid", "class") else "y_hat")]
    shape, elem = ["N", 2 if kind == "two" else 1], T.FLOAT
    if kind == "sigmoid":
        nodes.append(node("Sigmoid", "s", "y_hat"))
    if kind == "class":
        nodes += [node("Greater", "s zero", "g"), node("Cast", "g", "y_hat", to=T.INT64)]
        elem = T.INT64
    w = np.concatenate([-W, W], 1) if kind == "two" else W
    onnx.save(model(nodes, [value("x", ["N", 8])], [value("y_hat", shape, elem)],
                    {"w": w, "zero": np.zeros((), np.float32)}), tmp_path / "m.onnx")
    np.savez(tmp_path / "d.npz", **({"x": X} | data))
    return "hybridc", "eval", tmp_path / "m.onnx", "--precision", "exact", "--data", tmp_path / "d.npz"


def accuracy(done):
    return float(re.search(r"accuracy ([\d.]+) %", done.stdout)[1])


@pytest.mark.parametrize("kind", ["two", "one", "sigmoid", "class"])
def test_right_labels(tool, tmp_path, kind):
    labels = RIGHT.astype(np.int64)
    labels[:3] = 1 - labels[:3]
    assert accuracy(tool(*store(tmp_path, kind, y=labels))) == pytest.approx(100 * 38 / 41, abs=0.01)


@pytest.mark.parametrize("kind", ["one", "sigmoid"])
def test_signed_labels(tool, tmp_path, kind):
    """One score, labels -1 and 1."""
    assert accuracy(tool(*store(tmp_path, kind, y=np.where(RIGHT, 1, -1)))) == 100


@pytest.mark.parametrize("kind, labels, at", [
    ("two", lambda y: y + 1, lambda y: int(np.argmax(y == 1))),
    ("two", lambda y: 2 * y - 1, lambda y: int(np.argmax(y == 0))),
    ("one", lambda y: y + 1, lambda y: int(np.argmax(y == 1))),
    ("one", lambda y: np.where(np.arange(41) == 17, -1, y), lambda y: 17)])
def test_labels_that_are_no_class(tool, tmp_path, kind, labels, at):
    y = RIGHT.astype(np.int64)
    done = tool(*store(tmp_path, kind, y=labels(y)), expect=3)
    assert f"label 'y'[{at(y)}] is {labels(y)[at(y)]}, which is no class of output 'y_hat'" in done.stderr
    # In a table, too.
    done = tool(*store(tmp_path, kind, y=labels(y)), "--precision", "fp32", "--beside", "none", expect=3)
    assert "which is no class" in done.stdout + done.stderr


def test_labels_beyond_the_limit(tool, tmp_path):
    y = RIGHT.astype(np.int64)
    y[30] = 7
    run = store(tmp_path, "two", y=y)
    assert accuracy(tool(*run, "--limit", 30)) == 100
    tool(*run, "--limit", 31, expect=3)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
@pytest.mark.parametrize("kind", ["two", "one", "sigmoid"])
def test_scores_that_are_not_finite(tool, tmp_path, bad, kind):
    """Infinite inputs make infinite scores, but for a sigmoid of them, which is a probability like any other."""
    x = X.copy()
    x[[4, 9, 23], 2] = bad
    run = store(tmp_path, kind, x=x, y=RIGHT.astype(np.int64))
    done = tool(*run, "--batch", 10, "--report", tmp_path / "r.json")
    if kind == "sigmoid" and bad == np.inf:
        assert "infinite" not in done.stdout
        return
    assert accuracy(done) == pytest.approx(100 * 38 / 41, abs=0.01)
    assert "on 41 samples, 3 of them with NaN or infinite scores" in done.stdout
    assert json.loads((tmp_path / "r.json").read_text())["accuracy"][0]["not_finite"] == 3
    x[:, 2] = np.nan
    done = tool(*store(tmp_path, kind, x=x, y=RIGHT.astype(np.int64)), expect=3)
    assert "output 'y_hat' is NaN or infinite for all 41 samples" in done.stderr


def test_table_of_scores_that_are_not_finite(tool, tmp_path):
    x = X.copy()
    x[5, 0] = np.nan
    run = store(tmp_path, "two", x=x, y=RIGHT.astype(np.int64))
    calib = tmp_path / "c.npz"
    np.savez(calib, x=X)
    done = tool(*run, "--precision", "bf16", "--beside", "none", "--calibrate", calib, "--report", tmp_path / "r.json")
    assert "(1 not finite)" in done.stdout
    rows = json.loads((tmp_path / "r.json").read_text())["rows"]
    assert [row["not_finite"] for row in rows] == [1, 1]


def test_array_of_a_fixed_input(tool, tmp_path):
    """--value makes an input a constant: the data set's array for it goes unread, whatever its shape."""
    onnx.save(model([node("MatMul", "x w", "h"), node("Mul", "h k", "y_hat")],
                    [value("x", ["N", 8]), value("k", [])], [value("y_hat", ["N", 2])],
                    {"w": np.concatenate([-W, W], 1)}), tmp_path / "m.onnx")
    np.savez(tmp_path / "d.npz", x=X, y=RIGHT.astype(np.int64), k=np.float32(1))
    run = ("hybridc", "eval", tmp_path / "m.onnx", "--precision", "exact", "--data", tmp_path / "d.npz")
    assert accuracy(tool(*run, "--value", "k=2")) == 100
    assert accuracy(tool(*run, "--value", "k=-2")) == 0
