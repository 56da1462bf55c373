"""Tensors without elements, all the way: inputs, results and everything between them."""
import numpy as np
import pytest
from onnx import TensorProto as T
from onnx import helper

from cases import NO_SHAPE, agrees, declare, model, node, refused, save, value

rng = np.random.default_rng(3)


def f32(*shape):
    return rng.standard_normal(shape).astype("f4")


def i64(*values):
    return np.array(values, "i8")


# name: (nodes, inputs, initialisers, outputs that are compared, opset)
CASES = {
    "concat": ([node("Concat", "x e", "y", axis=0)], {"x": f32(2, 3)}, {"e": f32(0, 3)}, 17),
    "concat-of-inputs": ([node("Concat", "x e", "y", axis=1)], {"x": f32(2, 3), "e": f32(2, 0)}, {}, 17),
    "slice-sum": ([node("Slice", "x two two", "s"), node("ReduceSum", "s zero", "y")], {"x": f32(2, 3)},
                  {"two": i64(2), "zero": i64(0)}, 17),
    "prod": ([node("ReduceProd", "x", "y", axes=[1], keepdims=0)], {"x": f32(2, 0)}, {}, 17),
    "l1-l2": ([node("ReduceL1", "x", "a", axes=[0]), node("ReduceL2", "x", "b", axes=[0]), node("Add", "a b", "y")],
              {"x": f32(0, 3)}, {}, 17),
    "max-20": ([node("ReduceMax", "x axes", "y")], {"x": f32(0, 3)}, {"axes": i64(0)}, 20),
    "min-20": ([node("ReduceMin", "x axes", "y")], {"x": f32(0, 3)}, {"axes": i64(0)}, 20),
    "log-sum-exp": ([node("ReduceLogSumExp", "x axes", "y")], {"x": f32(0, 3)}, {"axes": i64(0)}, 18),
    "softmax": ([node("Softmax", "x", "y")], {"x": f32(0, 3)}, {}, 17),
    "matmul-k0": ([node("MatMul", "a b", "y")], {"a": f32(2, 0), "b": f32(0, 3)}, {}, 17),
    "matmul-m0": ([node("MatMul", "a b", "y")], {"a": f32(0, 4)}, {"b": f32(4, 3)}, 17),
    "gemm-k0": ([node("Gemm", "a b c", "y")], {"a": f32(2, 0)}, {"b": f32(0, 3), "c": f32(3)}, 17),
    "batch-0": ([node("Relu", "x", "y")], {"x": f32(0, 3)}, {}, 17),
    "conv-batch-0": ([node("Conv", "x w b", "c"), node("Relu", "c", "y")], {"x": f32(0, 2, 5, 5)},
                     {"w": f32(4, 2, 3, 3), "b": f32(4)}, 17),
    "pool-batch-0": ([node("MaxPool", "x", "y", kernel_shape=[2, 2])], {"x": f32(0, 2, 5, 5)}, {}, 17),
    "layernorm": ([node("LayerNormalization", "x w", "y")], {"x": f32(0, 4)}, {"w": f32(4)}, 17),
    "batchnorm": ([node("BatchNormalization", "x s s s v", "y")], {"x": f32(0, 2, 3)},
                  {"s": f32(2), "v": np.ones(2, "f4")}, 17),
    "gather": ([node("Gather", "x i", "y")], {"x": f32(4, 3)}, {"i": np.zeros((0,), "i8")}, 17),
    "gather-of-input": ([node("Gather", "x i", "y")], {"x": f32(4, 3), "i": np.zeros((0, 2), "i8")}, {}, 17),
    "scatter": ([node("ScatterND", "x i u", "y")], {"x": f32(4, 3)}, {"i": np.zeros((0, 1), "i8"), "u": f32(0, 3)},
                17),
    "pad": ([node("Pad", "x p", "y")], {"x": f32(0, 2)}, {"p": i64(1, 0, 2, 1)}, 17),
    "transpose": ([node("Transpose", "x", "y")], {"x": f32(2, 0, 3)}, {}, 17),
    "reshape": ([node("Reshape", "x s", "y", allowzero=1)], {"x": f32(2, 0)}, {"s": i64(0, 5)}, 17),
    "expand": ([node("Expand", "x s", "y")], {"x": f32(1, 3)}, {"s": i64(0, 3)}, 17),
    "tile": ([node("Tile", "x s", "y")], {"x": f32(2, 3)}, {"s": i64(0, 1)}, 17),
    "split": ([node("Split", "x s", "a y"), node("Neg", "a", "b")], {"x": f32(2, 3)}, {"s": i64(2, 0)}, 17),
    "where": ([node("Where", "c x x", "y")], {"x": f32(0, 3), "c": np.array([[True]])}, {}, 17),
    "cast": ([node("Cast", "x", "y", to=T.INT32)], {"x": f32(3, 0)}, {}, 17),
    "topk": ([node("TopK", "x k", "y i")], {"x": f32(2, 4)}, {"k": i64(0)}, 17),
    "cumsum": ([node("CumSum", "x a", "y")], {"x": f32(0, 4)}, {"a": np.array(0, "i8")}, 17),
    "shape": ([node("Shape", "x", "y")], {"x": f32(0, 4)}, {}, 17),
    "einsum": ([node("Einsum", "a b", "y", equation="ij,jk->ik")], {"a": f32(2, 0), "b": f32(0, 3)}, {}, 17),
    "quantize": ([node("QuantizeLinear", "x s", "q"), node("DequantizeLinear", "q s", "y")], {"x": f32(0, 3)},
                 {"s": np.array(0.1, "f4")}, 17),
    "only-constants": ([node("Concat", "e e", "y", axis=0)], {"x": f32(2)}, {"e": f32(0, 3)}, 17),
}


@pytest.mark.parametrize("precision", ["exact", "auto"])
@pytest.mark.parametrize("name", CASES)
def test_nothing(name, precision, tool, tmp_path):
    nodes, feeds, inits, opset = CASES[name]
    proto = model(nodes, [declare(n, a) for n, a in feeds.items()], [value("y", NO_SHAPE, kind_of(name))], inits,
                  opset=opset)
    agrees(tool, tmp_path, proto, feeds, precision=precision, rtol=1e-2, atol=1e-2)


def kind_of(name):
    return {"cast": T.INT32, "shape": T.INT64}.get(name, T.FLOAT)


def test_gather_from_nothing(tool, tmp_path):
    proto = model([node("Gather", "x i", "y")], [value("x", (0, 3)), value("i", (2,), T.INT64)],
                  [value("y", (2, 3))])
    refused(tool, tmp_path, proto, 3, feeds={"x": f32(0, 3), "i": i64(0, 0)})


def test_extremes_without_elements(tool, tmp_path):
    proto = model([node("ArgMax", "x", "y", axis=0)], [value("x", (0, 3))], [value("y", (1, 3), T.INT64)])
    refused(tool, tmp_path, proto, 3, "the axis is empty")


@pytest.mark.parametrize("turns", [0, 1, 5])
@pytest.mark.parametrize("known", [True, False])
def test_loops_over_nothing(turns, known, tool, tmp_path):
    body = helper.make_graph([node("Add", "s x", "s2"), node("Concat", "e e", "e2", axis=0),
                              node("Identity", "c", "c2")], "body",
                             [value("i", [], T.INT64), value("c", [], T.BOOL), value("s", (2,)), value("e", (0, 2))],
                             [value("c2", [], T.BOOL), value("s2", (2,)), value("e2", (0, 2))])
    x, e = f32(2), f32(0, 2)
    count = {"n": np.array(turns, "i8")}
    inits = {"t": np.array(True), **(count if known else {})}
    feeds = {"x": x, "e": e, **({} if known else count)}
    proto = model([node("Loop", "n t x e", "y z", body=body)], [declare(n, a) for n, a in feeds.items()],
                  [value("y", (2,)), value("z", (0, 2))], inits)
    agrees(tool, tmp_path, proto, feeds, {"y": x * (turns + 1), "z": e})


@pytest.mark.parametrize("length", [0, 3])
def test_scan_over_nothing(length, tool, tmp_path):
    body = helper.make_graph([node("Add", "s v", "s2"), node("Neg", "s2", "o")], "body",
                             [value("s", (2,)), value("v", (2,))], [value("s2", (2,)), value("o", (2,))])
    x, s = f32(length, 2), f32(2)
    proto = model([node("Scan", "s x", "y z", body=body, num_scan_inputs=1)], [declare("s", s), declare("x", x)],
                  [value("y", (2,)), value("z", (length, 2))])
    sums = s + np.cumsum(x, axis=0) if length else np.zeros((0, 2), "f4")
    agrees(tool, tmp_path, proto, {"x": x, "s": s}, {"y": sums[-1] if length else s, "z": -sums})


@pytest.mark.parametrize("taken", [True, False])
def test_branches_of_nothing(taken, tool, tmp_path):
    then = helper.make_graph([node("Relu", "x", "t")], "then", [], [value("t", (0, 3))])
    other = helper.make_graph([node("Neg", "x", "e")], "else", [], [value("e", (0, 3))])
    proto = model([node("If", "c", "y", then_branch=then, else_branch=other), node("ReduceSum", "y", "z")],
                  [value("x", (0, 3)), value("c", [], T.BOOL)], [value("y", (0, 3)), value("z", (1, 1))])
    agrees(tool, tmp_path, proto, {"x": f32(0, 3), "c": np.array(taken)},
           {"y": f32(0, 3), "z": np.zeros((1, 1), "f4")})


def decoder(past):
    heads, width = 2, 4
    weights = {w: f32(8, 8) for w in ("wq", "wk", "wv")}
    nodes = []
    for c in "qkv":
        nodes += [node("MatMul", f"x w{c}", f"{c}0"), node("Reshape", f"{c}0 split", f"{c}1"),
                  node("Transpose", f"{c}1", c, perm=[0, 2, 1, 3])]
    nodes += [node("Concat", "past k", "present", axis=2), node("Transpose", "present", "kt", perm=[0, 1, 3, 2]),
              node("MatMul", "q kt", "a"), node("Softmax", "a", "p"), node("Concat", "past v", "w", axis=2),
              node("MatMul", "p w", "y")]
    return model(nodes, [value("x", [1, "seq", 8]), value("past", [1, heads, past, width])],
                 [value("y", NO_SHAPE), value("present", NO_SHAPE)],
                 {**weights, "split": i64(0, 0, heads, width)})


# Where the model fixes the extent, there is no other length.
@pytest.mark.parametrize("past, length", [("past_len", 0), ("past_len", 3), (0, 0)])
def test_the_first_step_of_a_decoder(past, length, tool, tmp_path):
    proto, feeds = decoder(past), {"x": f32(1, 4, 8), "past": f32(1, 2, length, 4)}
    agrees(tool, tmp_path, proto, feeds, atol=1e-5)
    options = ["--dim", "seq=4"] + (["--dim", f"past_len={length}"] if past else [])
    tool("hybridc", "compile", tmp_path / "model.onnx", *options, "-o", tmp_path / "m.hyb")
    tool("hybridc", "compare", tmp_path / "m.hyb", "--inputs", tmp_path / "inputs.npz", "--expect",
         tmp_path / "expected.npz", "--rtol", 0.1, "--atol", 0.5)
    tool("hybridc", "compile", tmp_path / "model.onnx", "--dim", "seq=4", "--shape", f"past=1x2x{length}x4", "-o",
         tmp_path / "m.hyb")


def test_negative_extents_are_refused(tool, tmp_path):
    save(tmp_path, decoder("past_len"), {})
    done = tool("hybridc", "compile", tmp_path / "model.onnx", "--dim", "past_len=-1", expect=2)
    assert "--dim past_len=-1" in done.stderr
