"""Ranges from calibration inputs: what counts, how a range is chosen, and which nodes get one."""
import re

import numpy as np
import onnx
import pytest
from onnx import TensorProto as T

from cases import model, node, value

RNG = np.random.default_rng


def ranges(tool, path, calibration, *options):
    """(low, high) of the input of each group with a contraction, by the group's name, and what was said."""
    done = tool("hybridc", "compile", path, "--to", "partition", "--precision", "int8", "--calibrate", calibration,
                *options)
    found = re.findall(r'hyb\.group "([^"]+)"\((?:(?!hyb\.group ").)*?hyb\.ranges = \[\[([^,]+), ([^\]]+)\]',
                       done.stdout, re.S)
    return {name: (float(low), float(high)) for name, low, high in found if not low.startswith("0x")}, done.stderr


def matmul_model(path, batch, elem=T.FLOAT, opset=17):
    kind = {T.FLOAT: np.float32, T.FLOAT16: np.float16, T.DOUBLE: np.float64}[elem]
    w = RNG(1).standard_normal((4, 3)).astype(kind)
    onnx.save(model([node("MatMul", "x w", "y", name="fc")], [value("x", [batch, 4], elem)],
                    [value("y", [batch, 3], elem)], {"w": w}, opset=opset), path)
    return w


@pytest.mark.parametrize("method", ["minmax", "percentile", "mse", "entropy"])
def test_every_sample_counts(tool, tmp_path, method):
    """Neither the rest behind the last whole batch is left out, nor does one file hide another."""
    matmul_model(tmp_path / "m.onnx", 4)
    (tmp_path / "data").mkdir()
    x = RNG(2).uniform(-1, 1, (7, 4)).astype(np.float32)
    x[6, 1] = 1.5
    np.savez(tmp_path / "data" / "a.npz", x=x)
    np.savez(tmp_path / "data" / "b.npz", x=-x[:1] * 0 - 1.75)
    found, said = ranges(tool, tmp_path / "m.onnx", tmp_path / "data", "--calibration", method)
    low, high = found["fc"]
    if method in ("minmax", "percentile"):
        assert (low, high) == (-1.75, 1.5)
    assert -1.75 <= low < -1 and 1 < high <= 1.5
    assert said == ""


def test_padding_does_not_count(tool, tmp_path):
    """9 samples in batches of 8: the last one is repeated 7 times, and counts once. Were it to count 8 times, half of
    all values would lie far outside of the others and the mean square error would keep them."""
    matmul_model(tmp_path / "m.onnx", 8)
    x = RNG(3).uniform(-1, 1, (129, 4)).astype(np.float32)
    x[-1] = 3
    for name, padded in (("once", x), ("often", np.concatenate([x, np.repeat(x[-1:], 7, 0)]))):
        np.savez(tmp_path / f"{name}.npz", x=padded)
    once, _ = ranges(tool, tmp_path / "m.onnx", tmp_path / "once.npz", "--calibration", "entropy")
    often, _ = ranges(tool, tmp_path / "m.onnx", tmp_path / "often.npz", "--calibration", "entropy")
    assert once["fc"] != often["fc"]


def classifier(tmp_path):
    """10 Gaussian classes and two layers; the accuracy in float."""
    rng = RNG(111)
    means = rng.standard_normal((10, 16)) * 1.2
    w1 = (rng.standard_normal((16, 32)) * .3).astype(np.float32)

    def draw(n):
        y = rng.integers(0, 10, n)
        return (means[y] + rng.standard_normal((n, 16)) * .7).astype(np.float32), y

    x, y = draw(2000)
    hidden = np.maximum(x @ w1, 0)
    w2 = np.linalg.solve(hidden.T @ hidden + 5 * np.eye(32), hidden.T @ (np.eye(10)[y] - .1)).astype(np.float32)
    onnx.save(model([node("MatMul", "x w1", "h", name="first"), node("Relu", "h", "r"),
                     node("MatMul", "r w2", "y", name="second")],
                    [value("x", ["N", 16])], [value("y", ["N", 10])], {"w1": w1, "w2": w2}), tmp_path / "m.onnx")
    test_x, test_y = draw(500)
    np.savez(tmp_path / "test.npz", x=test_x, y=test_y)
    calib, _ = draw(256)
    calib[77, 3] = 4000
    np.savez(tmp_path / "calib.npz", x=calib)
    return 100 * np.mean((np.maximum(test_x @ w1, 0) @ w2).argmax(1) == test_y)


def test_one_broken_sample(tool, tmp_path):
    right = classifier(tmp_path)

    def accuracy(*options):
        done = tool("hybridc", "eval", tmp_path / "m.onnx", "--precision", "int8", "--calibrate",
                    tmp_path / "calib.npz", "--data", tmp_path / "test.npz", "--batch", 64, *options)
        return float(re.search(r"accuracy ([\d.]+)", done.stdout)[1]), done.stderr

    assert right > 90
    for method in ([], ["--calibration", "mse"], ["--calibration", "entropy"]):
        got, said = accuracy(*method)
        assert got > right - 1.5, method
        assert "input of node 'first+Relu_1' (MatMul+Relu): range [" in said and "leaves out 1 of 256 samples" in said
        assert "--calibration minmax keeps them" in said
    got, said = accuracy("--calibration", "minmax")
    assert got < right - 30 and said == ""


def test_all_samples_far_is_none(tool, tmp_path):
    """Outliers that every sample has are the model's own."""
    matmul_model(tmp_path / "m.onnx", 4)
    x = RNG(4).uniform(-1, 1, (64, 4)).astype(np.float32)
    x[:, 2] *= 1000
    np.savez(tmp_path / "c.npz", x=x)
    found, said = ranges(tool, tmp_path / "m.onnx", tmp_path / "c.npz")
    assert found["fc"] == (x.min(), x.max()) and said == ""


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("elem", [T.FLOAT, T.FLOAT16, T.DOUBLE])
def test_not_finite(tool, tmp_path, bad, elem):
    w = matmul_model(tmp_path / "m.onnx", "N", elem)
    x = np.zeros((5, 4), w.dtype)
    x[3, 2] = bad
    np.savez(tmp_path / "c.npz", x=x)
    done = tool("hybridc", "compile", tmp_path / "m.onnx", "--dim", "N=2", "--calibrate", tmp_path / "c.npz", "-o",
                tmp_path / "m.hyb", expect=3)
    assert "array 'x' is not finite at [3, 2]" in done.stderr


def test_counts_that_disagree(tool, tmp_path):
    onnx.save(model([node("MatMul", "x w", "h", name="fc"), node("Add", "h b", "y")],
                    [value("x", [2, 4]), value("b", [2, 3])], [value("y", [2, 3])],
                    {"w": np.ones((4, 3), np.float32)}), tmp_path / "m.onnx")
    x, b = np.ones((8, 4), np.float32), np.ones((6, 3), np.float32)
    np.savez(tmp_path / "c.npz", x=x, b=b)
    done = tool("hybridc", "compile", tmp_path / "m.onnx", "--calibrate", tmp_path / "c.npz", expect=3)
    assert "array 'b' has 6 samples in batches of 2, array 'x' 8 in batches of 2" in done.stderr
    # One batch of b goes with all of x.
    np.savez(tmp_path / "c.npz", x=x * np.arange(1, 9, dtype=np.float32)[:, None], b=b[:2])
    found, _ = ranges(tool, tmp_path / "m.onnx", tmp_path / "c.npz")
    assert found["fc"] == (1, 8)


@pytest.mark.parametrize("op, gates", [("LSTM", 4), ("GRU", 3), ("RNN", 1)])
def test_state_in_a_loop(tool, tmp_path, op, gates):
    rng = RNG(5)
    w = (rng.standard_normal((1, gates * 6, 5)) * .4).astype(np.float32)
    r = (rng.standard_normal((1, gates * 6, 6)) * .4).astype(np.float32)
    onnx.save(model([node(op, "x w r", "y", hidden_size=6, name="rec")], [value("x", [7, 2, 5])],
                    [value("y", [7, 1, 2, 6])], {"w": w, "r": r}), tmp_path / "m.onnx")
    x = rng.standard_normal((7, 2, 5)).astype(np.float32)
    np.savez(tmp_path / "x.npz", x=x)
    exact = tmp_path / "exact.npz"
    tool("hybridc", "run", tmp_path / "m.onnx", "--precision", "exact", "--inputs", tmp_path / "x.npz", "--outputs",
         exact)
    found, said = ranges(tool, tmp_path / "m.onnx", tmp_path / "x.npz")
    states = [high for low, high in found.values() if (low, high) != (x.min(), x.max())]
    y = np.load(exact)["y"]
    assert said == "" and len(found) >= 2
    # The state that goes in is the one that came out, but for the last.
    assert max(states) == pytest.approx(y[:-1].max(), rel=1e-5)
    done = tool("hybridc", "explain", tmp_path / "m.onnx", "--precision", "int8", "--calibrate", tmp_path / "x.npz")
    assert "* mac i8" in done.stdout and "* mac bf16" not in done.stdout
    how = ["--precision", "int8", "--calibrate", tmp_path / "x.npz", "--inputs", tmp_path / "x.npz"]
    tool("hybridc", "compare", tmp_path / "m.onnx", *how, "--expect", exact, "--metric", "snr", "--threshold", 25)
    tool("hybridc", "compare", tmp_path / "m.onnx", *how, "--per-layer")


def test_branch_that_is_not_taken(tool, tmp_path):
    """No range: another format, and a word about it."""
    from onnx import helper
    w = RNG(6).standard_normal((4, 4)).astype(np.float32)
    branch = [helper.make_graph([node("Softmax", "x", f"s{i}"), node("MatMul", f"s{i} w{i}", f"y{i}", name=f"fc{i}")],
                                f"b{i}", [],
                                [value(f"y{i}", [2, 4])]) for i in (0, 1)]
    onnx.save(model([node("If", "c", "y", then_branch=branch[0], else_branch=branch[1])],
                    [value("x", [2, 4]), value("c", [], T.BOOL)], [value("y", [2, 4])], {"w0": w, "w1": w * 2}),
              tmp_path / "m.onnx")
    np.savez(tmp_path / "c.npz", x=np.ones((2, 4), np.float32), c=np.array(True))
    done = tool("hybridc", "explain", tmp_path / "m.onnx", "--precision", "int8", "--calibrate", tmp_path / "c.npz")
    assert "input of node 'fc1' (MatMul): the calibration inputs never reach it" in done.stderr
    assert "fc0" not in done.stderr
    assert "* mac i8" in done.stdout and "* mac bf16" in done.stdout
    assert "calibration gave it no range" in done.stdout


@pytest.mark.parametrize("elem", [T.FLOAT16, T.DOUBLE])
@pytest.mark.parametrize("precision, place", [("int8", "mac i8"), ("analog", "pcm"), ("fp32", "mac f32"),
                                              ("bf16", "mac bf16")])
def test_other_floats(tool, tmp_path, elem, precision, place):
    """A model in f16 or f64 is computed in what was asked for, too."""
    w = matmul_model(tmp_path / "m.onnx", 2, elem)
    x = RNG(7).standard_normal((8, 4)).astype(w.dtype)
    np.savez(tmp_path / "c.npz", x=x)
    np.savez(tmp_path / "x.npz", x=x[:2])
    np.savez(tmp_path / "y.npz", y=(x[:2].astype(np.float64) @ w.astype(np.float64)).astype(w.dtype))
    how = ["--target", "hybrid-edge", "--precision", precision, "--calibrate", tmp_path / "c.npz"]
    done = tool("hybridc", "explain", tmp_path / "m.onnx", *how)
    assert f"* {place}" in done.stdout
    tool("hybridc", "compare", tmp_path / "m.onnx", *how, "--noise", "off", "--inputs", tmp_path / "x.npz", "--expect",
         tmp_path / "y.npz", "--metric", "snr", "--threshold", 20)


def test_bf16_input(tool, tmp_path):
    """NumPy has no bf16: f32 stands for it, as for --inputs."""
    onnx.save(model([node("Cast", "x", "f", to=T.FLOAT), node("MatMul", "f w", "y", name="fc")],
                    [value("x", [2, 4], T.BFLOAT16)], [value("y", [2, 3])], {"w": np.ones((4, 3), np.float32)}),
              tmp_path / "m.onnx")
    np.savez(tmp_path / "c.npz", x=np.array([[1, 2, 3, 4.001]] * 4, np.float32))
    found, _ = ranges(tool, tmp_path / "m.onnx", tmp_path / "c.npz")
    assert found["fc"] == (1, 4)  # 4.001 rounded to bf16


def test_sum_too_long_for_int8(tool, tmp_path):
    """auto takes another format, int8 says why not and what helps; that is right when followed."""
    w = (RNG(8).standard_normal((70000, 2)) / 265).astype(np.float32)
    onnx.save(model([node("MatMul", "x w", "y", name="wide")], [value("x", [1, 70000])], [value("y", [1, 2])],
                    {"w": w}), tmp_path / "m.onnx")
    np.savez(tmp_path / "c.npz", x=np.ones((1, 70000), np.float32))
    how = ["--target", "tpu-v4", "--calibrate", tmp_path / "c.npz"]
    done = tool("hybridc", "explain", tmp_path / "m.onnx", *how, "--precision", "auto")
    assert "* mac bf16" in done.stdout and "sums of 70000 int8 products can exceed 32 bits" in done.stdout
    done = tool("hybridc", "explain", tmp_path / "m.onnx", *how, "--precision", "int8", expect=4)
    assert "node 'wide' (MatMul): sums of 70000 int8 products can exceed 32 bits" in done.stderr
    assert "--set-precision NODE=bf16 would help" in done.stderr
    tool("hybridc", "explain", tmp_path / "m.onnx", *how, "--precision", "int8", "--set-precision", "wide=bf16")


def test_nothing_but_zeros(tool, tmp_path):
    """A range of nothing is said, whatever the method; one of real values is not."""
    matmul_model(tmp_path / "m.onnx", 4)
    for x, is_warned in ((np.zeros((8, 4), np.float32), True), (np.ones((8, 4), np.float32), False)):
        np.savez(tmp_path / "x.npz", x=x)
        for method in ("minmax", "percentile"):
            _, said = ranges(tool, tmp_path / "m.onnx", tmp_path / "x.npz", "--calibration", method)
            assert ("is 0 in all calibration inputs" in said) == is_warned, said
