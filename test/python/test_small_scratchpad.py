"""Chips with hardly any scratchpad: sums are taken in parts, and the results are those of onnxruntime."""
import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import TensorProto, helper, numpy_helper

# 16 KiB, where one output of the layers below needs 36 KiB and more of operands.
CHIP = """
name: small
clock_ghz: 1
dram: {bytes: 1000000000, bandwidth_gb_s: 10}
sram: {bytes: 16384, bytes_per_cycle: 64}
dma: {channels: 2, bytes_per_cycle: 16}
mac: {rows: 8, cols: 8, dataflow: ws, rate: {f32: 1, i8: 1}}
vec: {lanes: 8}
"""


def conv(rng):
    weights = [numpy_helper.from_array(rng.normal(size=shape).astype("f4"), name)
               for name, shape in (("w", (20, 520, 3, 3)), ("b", (20,)), ("v", (8, 20, 3, 3)))]
    nodes = [helper.make_node("Conv", ["x", "w", "b"], ["c"], pads=[1, 1, 1, 1], strides=[2, 2]),
             helper.make_node("Relu", ["c"], ["r"]), helper.make_node("Conv", ["r", "v"], ["y"])]
    return nodes, weights, (1, 520, 9, 9), (1, 8, 3, 3)


def product(rng):
    weights = [numpy_helper.from_array(rng.normal(size=shape).astype("f4"), name)
               for name, shape in (("w", (5003, 12)), ("b", (12,)))]
    return [helper.make_node("Gemm", ["x", "w", "b"], ["y"])], weights, (3, 5003), (3, 12)


@pytest.mark.parametrize("precision", ["exact", "int8"])
@pytest.mark.parametrize("model", [conv, product])
def test_sums_in_parts(model, precision, tool, tmp_path):
    rng = np.random.default_rng(1)
    nodes, weights, shape, result = model(rng)
    graph = helper.make_graph(nodes, "g", [helper.make_tensor_value_info("x", TensorProto.FLOAT, shape)],
                              [helper.make_tensor_value_info("y", TensorProto.FLOAT, result)], weights)
    proto = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.save(proto, tmp_path / "m.onnx")
    (tmp_path / "chip.yaml").write_text(CHIP)
    x = rng.normal(size=shape).astype("f4")
    np.savez(tmp_path / "x.npz", x=x)
    tool("hybridc", "compile", tmp_path / "m.onnx", "--target", tmp_path / "chip.yaml", "--precision", precision,
         "--calibrate", tmp_path / "x.npz", "-o", tmp_path / "m.hyb")
    text = tool("hybridc", "inspect", tmp_path / "m.hyb", "--disassemble").stdout
    assert "accumulate = 1" in text
    tool("hybridc", "run", tmp_path / "m.hyb", "--inputs", tmp_path / "x.npz", "--outputs", tmp_path / "y.npz")
    session = onnxruntime.InferenceSession(proto.SerializeToString(), providers=["CPUExecutionProvider"])
    want = session.run(None, {"x": x})[0]
    error = np.linalg.norm(np.load(tmp_path / "y.npz")["y"] - want) / np.linalg.norm(want)
    bound = {"exact": 1e-5, "int8": 0.03}[precision]
    print(f"{model.__name__} {precision}: {error:.2e}, bound {bound:g}")
    assert error <= bound
