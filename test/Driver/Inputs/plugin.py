"""What examples/plugin adds, at work: plugin.py WHAT FOLDER (of the built plug-ins)."""
import json
import pathlib
import re
import subprocess
import sys

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper

what, folder = sys.argv[1], pathlib.Path(sys.argv[2])
plugin, device = folder / "ExamplePlugin.so", folder / "ExampleDevice.so"
random = np.random.default_rng(3)


def hybridc(*arguments, fails=None):
    done = subprocess.run(["hybridc", *map(str, arguments)], capture_output=True, text=True, cwd=folder)
    assert done.returncode == (fails or 0), (arguments, done.returncode, done.stderr)
    return done.stdout + done.stderr


def model(name, nodes, x, y, weights=()):
    info = [helper.make_tensor_value_info(n, TensorProto.FLOAT, shape) for n, shape in (("x", x), ("y", y))]
    graph = helper.make_graph(nodes, "g", info[:1], info[1:], [onnx.numpy_helper.from_array(w, n) for n, w in weights])
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), folder / name)
    value = random.standard_normal(x).astype(np.float32)
    np.savez(folder / "x.npz", x=value)
    return onnxruntime.InferenceSession(folder / name).run(None, {"x": value})[0]


def network():
    """Two products: the second gives the answer."""
    a, b = (random.standard_normal(s).astype(np.float32) for s in ((64, 64), (64, 32)))
    return model("net.onnx", [helper.make_node("MatMul", ["x", "a"], ["h"], "first"), helper.make_node("Relu", ["h"], ["r"]),
                              helper.make_node("MatMul", ["r", "b"], ["y"], "last")], [16, 64], [16, 32], [("a", a), ("b", b)])


def chip(name, **changes):
    text = hybridc("targets", "show", "hybrid-edge")
    (folder / name).write_text(text + "".join(f"{k}: {json.dumps(v)}\n" for k, v in changes.items()))


def blur():
    pool = dict(kernel_shape=[5, 5], pads=[2, 2, 2, 2], strides=[1, 1], count_include_pad=1)
    expected = model("blur.onnx", [helper.make_node("AveragePool", ["x"], ["y"], "blur", **pool)], [1, 8, 300, 301], [1, 8, 300, 301])
    into = ["--load-pass-plugin", plugin, "--run-pass", "simplify=builtin.module(example-find-blur)", "--precision", "exact"]
    hybridc("run", "blur.onnx", *into, "--check-hazards", "--inputs", "x.npz", "--outputs", "y.npz")
    assert np.abs(np.load(folder / "y.npz")["y"] - expected).max() < 1e-5
    text = hybridc("compile", "blur.onnx", *into, "--to", "partition", "-o", "-")
    assert "example.blur" in text and "hyb.pool" not in text
    # Of a constant: evaluated at once.
    x = random.standard_normal([1, 2, 9, 9]).astype(np.float32)
    expected = model("folded.onnx", [helper.make_node("AveragePool", ["c"], ["m"], "blur", **pool),
                                     helper.make_node("Add", ["x", "m"], ["y"])], [1, 2, 9, 9], [1, 2, 9, 9], [("c", x)])
    text = hybridc("compile", "folded.onnx", "--load-pass-plugin", plugin, "--run-pass",
                   "import=builtin.module(example-find-blur)", "--precision", "exact", "--to", "simplify", "-o", "-")
    assert "example.blur" not in text and "hyb.pool" not in text


def cell():
    expected = network()
    text = re.sub(r"device: pcm\b", "device: example-memristor", hybridc("targets", "show", "hybrid-edge"))
    assert "example-memristor" in text
    (folder / "memristor.yaml").write_text(text)
    run = ["run", "net.onnx", "--target", "memristor.yaml", "--precision", "analog", "--inputs", "x.npz", "--outputs", "y.npz"]
    errors = []
    for age in ("0s", "1d", "10y"):
        hybridc(*run, "--age", age, "--load-pass-plugin", device)
        errors.append(np.abs(np.load(folder / "y.npz")["y"] - expected).mean() / np.abs(expected).mean())
    assert errors[0] < 0.2 and errors == sorted(errors) and errors[2] > 1.5 * errors[0], errors
    assert "'example-memristor'" in hybridc(*run, fails=3)


def cost():
    network()
    chip("sparse.yaml", cost_rules={"mac": "example-sparse"})
    chip("plain.yaml")
    seen = {}
    for name, extra in (("plain", []), ("sparse", ["--load-pass-plugin", plugin])):
        hybridc("compile", "net.onnx", "--target", f"{name}.yaml", "--precision", "fp32", *extra, "-o", f"{name}.hyb")
        hybridc("run", f"{name}.hyb", "--values", "off", *extra, "--report", f"{name}.json")
        engines = json.loads((folder / f"{name}.json").read_text())["engines"]
        seen[name] = next(e["busy_cycles"] for e in engines if e["name"] == "mac")
    assert abs(seen["sparse"] / seen["plain"] - 0.5) < 0.02, seen
    assert "no rule is called 'example-sparse'" in hybridc("compile", "net.onnx", "--target", "sparse.yaml", "-o", "n.hyb", fails=3)
    assert "--load-pass-plugin" in hybridc("run", "sparse.hyb", "--values", "off", fails=3)
    chip("odd.yaml", cost_rules={"tpu": "example-sparse"})
    assert "no engine 'tpu'" in hybridc("targets", "check", "odd.yaml", fails=3)


def place():
    network()
    both = ["compile", "net.onnx", "--precision", "analog", "--to", "partition", "-o", "-"]
    assert hybridc(*both).count('place<"array"') == 2
    text = hybridc(*both, "--load-pass-plugin", plugin)
    assert text.count('place<"array"') == 1 and "the model answers with it (rule 'example-answers')" in text


{"blur": blur, "device": cell, "cost": cost, "place": place}[what]()
