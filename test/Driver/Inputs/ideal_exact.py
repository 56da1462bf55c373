"""Arrays of ideal cells behind ideal converters give integer products bit for bit.

ideal_exact.py DIR, with hybridc in PATH: weights as pairs and with an offset, whole and cut into slices, inputs at once and
digit by digit, over several arrays.
"""
import subprocess
import sys

import numpy as np
import onnx
from onnx import TensorProto as T, helper, numpy_helper

K, N, folder = 300, 90, sys.argv[1]
rng = np.random.default_rng(1)
base = subprocess.run(["hybridc", "targets", "show", "hybrid-edge"], check=True, capture_output=True, text=True).stdout


def write(path, lines):
    text = base.replace("device: pcm\n", "device: ideal\n", 1)
    for old, new in lines:
        assert old in text, old
        text = text.replace(old, new, 1)
    open(path, "w").write(text)


# mapping, slices, bits of a cell, of a phase, largest weight, largest input
for mapping, slices, cell, phase, weight, top in [
    ("differential", 1, 0, 8, 7, 11), ("offset", 1, 0, 8, 7, 11),  # no steps at all
    ("differential", 2, 4, 8, 255, 127), ("offset", 2, 4, 8, 127, 127), ("differential", 8, 1, 1, 255, 127),
    ("offset", 4, 2, 1, 127, 127), ("differential", 7, 1, 3, 127, 127),
]:
    w = rng.integers(-weight, weight + 1, (K, N)).astype(np.float32)
    x = rng.integers(-top, top + 1, (5, K)).astype(np.float32)
    w[::20], x[:, ::20] = weight, top  # every array and vector reaches its full scale
    model = helper.make_model(
        helper.make_graph(
            [helper.make_node("MatMul", ["x", "w"], ["y"])], "g",
            [helper.make_tensor_value_info("x", T.FLOAT, [5, K])], [helper.make_tensor_value_info("y", T.FLOAT, [5, N])],
            [numpy_helper.from_array(w, "w")]),
        opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.save(model, folder + "/m.onnx")
    np.savez(folder + "/x.npz", x=x)
    np.savez(folder + "/y.npz", y=(x.astype(np.int64) @ w.astype(np.int64)).astype(np.float32))
    lines = [("mapping: differential", f"mapping: {mapping}"), ("slices: 1", f"slices: {slices}"),
             ("cell_bits: 0", f"cell_bits: {cell}"), ("input_bits_per_phase: 8", f"input_bits_per_phase: {phase}"),
             ("out_res: 0.003937007874015748", "out_res: 0"), ("out_bound: 10", "out_bound: 0"),
             ("out_noise: 0.04", "out_noise: 0")]
    if cell == 0:
        lines.append(("in_res: 0.003937007874015748", "in_res: 0"))
    write(folder + "/t.yaml", lines)
    command = ["hybridc", "compare", folder + "/m.onnx", "--target", folder + "/t.yaml", "--precision", "analog",
               "--inputs", folder + "/x.npz", "--expect", folder + "/y.npz", "--rtol", "0", "--atol", "0"]
    done = subprocess.run(command, capture_output=True, text=True)
    print(mapping, slices, cell, phase, done.stdout.strip(), done.stderr.strip(), flush=True)
    assert done.returncode == 0
