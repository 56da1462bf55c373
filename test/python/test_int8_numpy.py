"""Int8 builds of whole models against the NumPy model of docs/Int8.md, bit for bit.

The models have outputs in between besides their own, so that a difference is seen where it arises.
"""
import pathlib

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from int8_model import Int8Model, activation_scale, is_mean_blocked, quantize_weights, ranges_of

ROOT = pathlib.Path(__file__).resolve().parents[2]
F = np.float32


class Net:
    """Builds a model op by op; each op names its node and its result alike."""

    def __init__(self, name, seed, *shape):
        self.name, self.random = name, np.random.default_rng(seed)
        self.nodes, self.constants = [], []
        self.inputs = [helper.make_tensor_value_info("x", TensorProto.FLOAT, shape)]

    def constant(self, name, array):
        self.constants.append(numpy_helper.from_array(np.asarray(array), name))
        return name

    def weights(self, name, *shape):
        return self.constant(name, (self.random.standard_normal(shape) / np.sqrt(np.prod(shape[1:]))).astype(F))

    def op(self, kind, name, *inputs, **attributes):
        self.nodes.append(helper.make_node(kind, list(inputs), [name], name=name, **attributes))
        return name

    def conv(self, name, x, filters, channels, kernel=(3, 3), bias=False, norm=False, **attributes):
        inputs = [x, self.weights(name + ".w", filters, channels // attributes.get("group", 1), *kernel)]
        if bias:
            inputs.append(self.constant(name + ".b", self.random.standard_normal(filters).astype(F)))
        y = self.op("Conv", name, *inputs, **attributes)
        return self.norm(name + ".norm", y, filters) if norm else y

    def norm(self, name, x, channels):
        draw = self.random
        return self.op("BatchNormalization", name, x,
                       self.constant(name + ".g", draw.uniform(0.5, 2, channels).astype(F)),
                       self.constant(name + ".b", draw.standard_normal(channels).astype(F)),
                       self.constant(name + ".m", draw.standard_normal(channels).astype(F)),
                       self.constant(name + ".v", draw.uniform(0.2, 3, channels).astype(F)))

    def model(self, outputs):
        graph = helper.make_graph(
            self.nodes, self.name, self.inputs,
            [helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in outputs], self.constants)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
        return onnx.shape_inference.infer_shapes(model)


def residual():
    """What mobile and residual networks are made of; the input has both signs."""
    net = Net("residual", 1, 3, 8, 18, 18)
    pads = [1, 1, 1, 1]
    a = net.op("Relu", "a", net.conv("stem", "x", 32, 8, bias=True, norm=True, pads=pads, strides=[2, 2]))
    b = net.op("Relu", "b", net.conv("left1", a, 32, 32, norm=True, pads=pads))
    b = net.conv("left2", b, 48, 32, norm=True, pads=pads)
    c = net.conv("right", a, 48, 32, kernel=(1, 1), norm=True)
    d = net.op("Relu", "d", net.op("Add", "join", b, c))
    e = net.conv("deep", d, 48, 48, norm=True, pads=pads, group=48)
    e = net.op("Clip", "e", e, net.constant("zero", F(0)), net.constant("six", F(6)))
    f = net.op("AveragePool", "f", e, kernel_shape=[3, 3], strides=[2, 2], pads=pads)
    g = net.op("MaxPool", "g", e, kernel_shape=[3, 3], strides=[2, 2], pads=pads)
    h = net.op("Add", "h", f, g)
    i = net.op("Relu", "i", net.conv("wide", h, 64, 48, group=4, bias=True))
    j = net.op("GlobalAveragePool", "j", i)
    k = net.op("Flatten", "k", j)
    net.op("Gemm", "y", k, net.weights("fc.w", 10, 64), net.constant("fc.b", net.random.standard_normal(10).astype(F)),
           transB=1)
    return net.model(["a", "d", "e", "h", "i", "j", "y"])


def oddities():
    """Few channels, odd shapes: plain layouts, asymmetric pads, dilation, transposed convolution, matrix products."""
    net = Net("oddities", 2, 2, 5, 11, 13)
    a = net.op("LeakyRelu", "a", net.conv("one", "x", 7, 5, kernel=(2, 3), bias=True, pads=[1, 0, 0, 2]), alpha=0.1)
    b = net.conv("two", a, 6, 7, dilations=[2, 2], pads=[2, 2, 2, 2])
    c = net.conv("three", a, 3, 7, pads=[1, 1, 1, 1])
    d = net.op("Concat", "d", b, c, axis=1)
    w = net.constant("up.w", (net.random.standard_normal((9, 4, 3, 2)) / 6).astype(F))
    e = net.op("ConvTranspose", "up", d, w, strides=[2, 1], pads=[1, 0, 0, 1], output_padding=[1, 0])
    e = net.op("Relu", "e", net.norm("up.norm", e, 4))
    f = net.op("Transpose", "f", e, perm=[0, 2, 3, 1])
    g = net.op("MatMul", "g", f, net.weights("mm.w", 4, 6))
    h = net.op("Add", "h", g, net.constant("h.b", net.random.standard_normal(6).astype(F)))
    i = net.op("MatMul", "i", h, net.weights("mm2.w", 6, 5))
    net.op("Relu", "y", i)
    return net.model(["a", "d", "e", "h", "y"])


def stated():
    """Quantised already: zero points, a scale for each channel of the weights, a residual of dequantised values."""
    net = Net("stated", 3, 2, 16, 9, 9)

    def pair(name, x, scale, zero):
        how = [net.constant(name + ".s", F(scale)), net.constant(name + ".z", np.asarray(zero))]
        return net.op("DequantizeLinear", name, net.op("QuantizeLinear", name + ".q", x, *how), *how)

    def weights(name, filters, channels):
        q = net.constant(name + ".q", net.random.integers(-127, 128, (filters, channels, 3, 3)).astype(np.int8))
        return net.op("DequantizeLinear", name, q,
                      net.constant(name + ".s", net.random.uniform(1e-3, 4e-3, filters).astype(F)),
                      net.constant(name + ".z", np.zeros(filters, np.int8)), axis=0)

    pads = [1, 1, 1, 1]
    a = pair("qx", "x", 0.03, np.int8(3))
    b = net.op("Relu", "b", net.op("Conv", "one", a, weights("w1", 16, 16), pads=pads))
    c = pair("qb", b, 0.04, np.uint8(0))
    d = net.op("Conv", "two", c, weights("w2", 16, 16), pads=pads)
    e = net.op("Relu", "e", net.op("Add", "join", d, a))
    f = pair("qe", e, 0.05, np.uint8(7))
    net.op("Conv", "y", f, weights("w3", 8, 16))
    return net.model(["e", "y"])


def fashion():
    """The trained network of the demo, with outputs in between."""
    model = onnx.load(ROOT / "examples" / "fashion" / "fashion_cnn.onnx")
    for node in model.graph.node:
        if node.op_type == "MaxPool" or node.name in ("/relu_2/Relu", "/relu_3/Relu"):
            model.graph.output.append(helper.make_tensor_value_info(node.output[0], TensorProto.FLOAT, None))
    return onnx.shape_inference.infer_shapes(model)


def inputs_of(model, seed, batch):
    shape = [d.dim_value or batch for d in model.graph.input[0].type.tensor_type.shape.dim]
    draw = np.random.default_rng(seed)
    if shape[1] == 1:  # images
        return draw.uniform(0, 1, shape).astype(F) * (draw.uniform(0, 1, shape) > 0.4)
    return draw.standard_normal(shape).astype(F)


@pytest.mark.parametrize("make", [residual, oddities, stated, fashion], ids=lambda make: make.__name__)
@pytest.mark.parametrize("only_output", [False, True], ids=["between", "alone"])
def test_model(make, only_output, tool, tmp_path):
    model = make()
    if only_output:  # what is fused and kept in int8 differs then, the values must not
        last = "logits" if make is fashion else "y"
        kept = [o for o in model.graph.output if o.name == last]
        del model.graph.output[:]
        model.graph.output.extend(kept)
    onnx.save(model, tmp_path / "net.onnx")
    name, batch = model.graph.input[0].name, 4
    feeds = {name: inputs_of(model, 5, batch)}
    np.savez(tmp_path / "calibration.npz", **{name: inputs_of(model, 6, batch)})
    np.savez(tmp_path / "x.npz", **feeds)
    # Some values of x are outside of the calibrated range: saturation is seen too.
    options = ["--precision", "int8", "--calibrate", tmp_path / "calibration.npz"]
    if make is fashion:
        options += ["--dim", f"N={batch}"]
    text = {phase: tool("hybridc", "compile", tmp_path / "net.onnx", *options, "--to", phase).stdout
            for phase in ("partition", "layout")}
    tool("hybridc", "run", tmp_path / "net.onnx", *options, "--inputs", tmp_path / "x.npz", "--outputs",
         tmp_path / "y.npz")
    got = np.load(tmp_path / "y.npz")
    want = Int8Model(model, ranges_of(text["partition"]), is_mean_blocked(text["layout"])).run(feeds)
    assert text["layout"].count("xi8>") > 0
    for output in model.graph.output:
        a, b = got[output.name], want[output.name]
        assert a.dtype == b.dtype and a.shape == b.shape
        off = a.view(np.uint32) != b.view(np.uint32)
        off &= (a != 0) | (b != 0)  # zeros of either sign are the same zero
        print(f"{output.name}: {off.sum()} of {a.size} values differ (bound 0), largest |y| {np.abs(b).max():.3g}")
        assert not off.any(), (output.name, np.abs(a - b).max(), np.argwhere(off)[:5])


def test_the_model_itself():
    """Scales and integers of a few weights and ranges, by hand."""
    assert activation_scale(0, 510)[0] == 2 and activation_scale(0, 510)[1] == (0, 255)
    assert activation_scale(-254, 100)[0] == 2 and activation_scale(-254, 100)[1] == (-128, 127)
    assert activation_scale(0, 0)[0] == 1
    q, s = quantize_weights(np.array([[127, -63.5, 0.5], [0, 0, 0]], F), 0)
    assert q.tolist() == [[127, -64, 0], [0, 0, 0]] and s.tolist() == [1, 1]
