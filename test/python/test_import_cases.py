"""Models as exporters and tools write them, which the importer must read, or refuse in the right words."""
import hashlib
import os
import shutil

import numpy as np
import onnx
import pytest
from onnx import TensorProto as T
from onnx import helper

from cases import (NO_SHAPE, agrees, declare, model, node, onnxruntime_of, refused, save, value)

rng = np.random.default_rng(7)


def f32(*shape):
    return rng.standard_normal(shape).astype("f4")


# Interpolation by scales that an exporter computed as f32(out) / f32(in).
RESIZES = {
    "linear": ((13, 13), (25, 25), "Resize", 13, {"mode": "linear"}),
    "nearest": ((3, 7), (5, 12), "Resize", 13,
                {"coordinate_transformation_mode": "asymmetric", "nearest_mode": "floor"}),
    "down": ((706, 5), (224, 3), "Resize", 13, {"mode": "linear"}),
    "cubic": ((12, 12), (29, 19), "Resize", 13, {"mode": "cubic"}),
    "upsample-9": ((3, 3), (5, 7), "Upsample", 9, {}),
    "resize-10": ((3, 3), (5, 7), "Resize", 10, {}),
    "3-d": ((3, 4, 5), (5, 6, 8), "Resize", 13, {"mode": "linear"}),
}


@pytest.mark.parametrize("name", RESIZES)
def test_resize_scales_are_single_precision(name, tool, tmp_path):
    before, after, op, opset, attributes = RESIZES[name]
    scales = np.array([1, 1] + [np.float32(o) / np.float32(i) for i, o in zip(before, after)], "f4")
    x = f32(1, 2, *before)
    resize = node(op, ["x", "scales"] if opset < 11 else ["x", "", "scales"], "y", **attributes)
    proto = model([resize], [declare("x", x)], [value("y", (1, 2, *after))], {"scales": scales}, opset=opset)
    agrees(tool, tmp_path, proto, {"x": x}, atol=1e-5)


def test_resize_scales_computed_from_shapes(tool, tmp_path):
    x = f32(1, 2, 13, 11)
    nodes = [node("Shape", "x", "s"), node("Cast", "s", "f", to=T.FLOAT), node("Div", "want f", "scales"),
             node("Resize", ["x", "", "scales"], "y", mode="linear")]
    proto = model(nodes, [declare("x", x)], [value("y", [None] * 4)], {"want": np.array([1, 2, 25, 27], "f4")}, 13)
    agrees(tool, tmp_path, proto, {"x": x}, atol=1e-5)


def test_resize_keeps_the_aspect_ratio_of_negative_axes(tool, tmp_path):
    # By the text axis -2 is axis 1 here; onnxruntime 1.31 leaves that axis as it is.
    x, sizes = f32(3, 13, 8), np.array([9, 4], "i8")
    protos = [model([node("Resize", ["x", "", "", "sizes"], "y", axes=axes, mode="linear", antialias=1,
                          keep_aspect_ratio_policy="not_larger")], [declare("x", x)], [value("y", shape)],
                    {"sizes": sizes}, opset=20) for axes, shape in (([-2, 2], (3, 13, 4)), ([1, 2], (3, 7, 4)))]
    want = onnxruntime_of(protos[1], {"x": x})
    assert want["y"].shape == (3, 7, 4)
    done = agrees(tool, tmp_path, protos[0], {"x": x}, want, atol=1e-5)
    assert "output 'y' is declared as 3x13x4" in done.stderr


def test_pool_of_dilated_windows_keeps_its_extents(tool, tmp_path):
    # By the text SAME means ceil(4 / 3) windows, whatever the dilation; onnxruntime 1.31 makes one of them.
    x = f32(1, 5, 1, 4)
    pool = node("MaxPool", "x", "y", auto_pad="SAME_LOWER", dilations=[2, 2], kernel_shape=[1, 2], strides=[2, 3])
    proto = model([pool], [declare("x", x)], [value("y", (1, 5, 1, 1))], opset=21)
    agrees(tool, tmp_path, proto, {"x": x}, {"y": x[..., [1, 2]]})


@pytest.mark.parametrize("batch", [1, 2])
@pytest.mark.parametrize("corners", [0, 1])
@pytest.mark.parametrize("extents", [(3, 4), (2, 3, 4)])
def test_affine_grid(batch, corners, extents, tool, tmp_path):
    # ONNX's function body squeezes a batch of one away.
    theta = f32(batch, len(extents), len(extents) + 1)
    proto = model([node("AffineGrid", "t size", "y", align_corners=corners)], [declare("t", theta)],
                  [value("y", (batch, *extents, len(extents)))], {"size": np.array([batch, 1, *extents], "i8")}, 20)
    agrees(tool, tmp_path, proto, {"t": theta}, atol=1e-5)


# External data behind links.
def external(folder):
    w, x = f32(8, 5), f32(3, 8)
    proto = model([node("MatMul", "x w", "y")], [declare("x", x)], [value("y", (3, 5))], {"w": w})
    save(folder, proto, {"x": x}, {"y": x @ w})
    onnx.save(proto, folder / "m.onnx", save_as_external_data=True, location="m.onnx_data", size_threshold=0)
    return folder


def compare(tool, folder, path, expect=0):
    return tool("hybridc", "compare", path, "--precision", "exact", "--inputs", folder / "inputs.npz",
                "--expect", folder / "expected.npz", expect=expect)


def test_model_in_a_cache_of_links(tool, tmp_path):
    folder = external(tmp_path / "plain")
    blobs, snapshot = tmp_path / "cache/blobs", tmp_path / "cache/snapshots/1/onnx"
    blobs.mkdir(parents=True)
    snapshot.mkdir(parents=True)
    for name in ("m.onnx", "m.onnx_data"):
        blob = hashlib.sha256((folder / name).read_bytes()).hexdigest()
        shutil.copy(folder / name, blobs / blob)
        os.symlink(f"../../../blobs/{blob}", snapshot / name)
    compare(tool, folder, snapshot / "m.onnx")
    os.symlink("plain", tmp_path / "link")
    compare(tool, folder, tmp_path / "link/m.onnx")
    os.rename(folder / "m.onnx_data", folder / "real.bin")
    os.symlink("real.bin", folder / "m.onnx_data")
    compare(tool, folder, folder / "m.onnx")


def test_links_do_not_leave_the_folder(tool, tmp_path):
    folder = external(tmp_path / "plain")
    os.rename(folder / "m.onnx_data", tmp_path / "secret.bin")
    os.symlink("../secret.bin", folder / "m.onnx_data")
    done = compare(tool, folder, folder / "m.onnx", expect=3)
    assert "leads out of the model's folder" in done.stderr
    # The model's own link gives access to the folder that it leads to, and to no other.
    (tmp_path / "other").mkdir()
    os.symlink("../plain/m.onnx", tmp_path / "other/m.onnx")
    os.symlink("../secret.bin", tmp_path / "other/m.onnx_data")
    assert "leads out" in compare(tool, folder, tmp_path / "other/m.onnx", expect=3).stderr


# Declared types and extents.
def softmax(outs, ins=None, infos=()):
    w, x = f32(8, 5), f32(3, 8)
    return model([node("MatMul", "x w", "a"), node("Softmax", "a", "y")], ins or [value("x", (3, 8))], outs,
                 {"w": w}, infos=infos), {"x": x}


@pytest.mark.parametrize("outs, ins, infos", [
    ([value("y", NO_SHAPE)], None, ()),
    ([onnx.ValueInfoProto(name="y")], None, ()),
    ([value("y", (3, 5))], None, [value("a", NO_SHAPE)]),
    ([value("y", (3, 5))], [value("x", NO_SHAPE)], ()),
    ([value("y", ["batch", "classes"])], None, [value("a", ["batch", 5])]),
    ([value("y", (-1, -1))], [value("x", (-1, 8))], ()),
    ([value("y", (3, 5))], None, [value("a", (1, 7))]),
], ids=["output", "no-type", "inner", "input", "names", "minus-one", "stale-inner"])
def test_declarations_that_leave_something_out(outs, ins, infos, tool, tmp_path):
    proto, feeds = softmax(outs, ins, infos)
    whole, _ = softmax([value("y", (3, 5))])
    del whole.graph.initializer[:]
    whole.graph.initializer.extend(proto.graph.initializer)
    assert agrees(tool, tmp_path, proto, feeds, onnxruntime_of(whole, feeds)).stderr == ""


def test_a_stale_batch_of_an_output(tool, tmp_path):
    # onnxruntime runs it with a warning, too.
    proto, feeds = softmax([value("y", (1, 5))])
    done = agrees(tool, tmp_path, proto, feeds)
    assert "output 'y' is declared as 1x5, the model computes 3x5" in done.stderr


@pytest.mark.parametrize("shape", [(3, 7), (3, 5, 1), (2, 5)])
def test_wrong_extents_of_an_output(shape, tool, tmp_path):
    proto, _ = softmax([value("y", shape)])
    refused(tool, tmp_path, proto, 3, f"output 'y' is declared as {'x'.join(map(str, shape))}, the model computes 3x5")


def test_extents_of_a_pool_as_onnx_infers_them(tool, tmp_path):
    x = f32(1, 2, 5, 5)
    pool = node("MaxPool", "x", "y", kernel_shape=[2, 2], strides=[3, 3], pads=[1] * 4, ceil_mode=1)
    proto = model([pool], [declare("x", x)], [value("y", (1, 2, 3, 3))])
    want = onnxruntime_of(proto, {"x": x})
    assert want["y"].shape == (1, 2, 2, 2)
    assert "declared as 1x2x3x3" in agrees(tool, tmp_path, proto, {"x": x}, want).stderr


def test_wrong_element_type_of_an_output(tool, tmp_path):
    proto, _ = softmax([value("y", (3, 5), T.DOUBLE)])
    refused(tool, tmp_path, proto, 3)


def test_declarations_inside_subgraphs(tool, tmp_path):
    x = f32(3, 8)
    then = helper.make_graph([node("Relu", "x", "t")], "then", [], [value("t", NO_SHAPE)])
    other = helper.make_graph([node("Neg", "x", "e")], "else", [], [value("e", (7, 7))])
    body = helper.make_graph([node("Add", "s s", "s2"), node("Identity", "c", "c2")], "body",
                             [value("i", NO_SHAPE, T.INT64), value("c", NO_SHAPE, T.BOOL), value("s", (5,))],
                             [value("c2", NO_SHAPE, T.BOOL), value("s2", NO_SHAPE)])
    nodes = [node("If", "b", "z", then_branch=then, else_branch=other), node("Loop", "n go z", "y", body=body)]
    proto = model(nodes, [declare("x", x), value("b", [], T.BOOL)], [value("y", NO_SHAPE)],
                  {"n": np.array(3, "i8"), "go": np.array(True)})
    for taken in (True, False):
        want = np.maximum(x, 0) if taken else -x
        agrees(tool, tmp_path / str(taken), proto, {"x": x, "b": np.array(taken)}, {"y": want * 8})


POOLS = {"MaxPool": (17, {}), "AveragePool": (17, {}), "LpPool": (18, {}),
         "MaxPool-12": (12, {"storage_order": 1}), "AveragePool-11": (11, {"count_include_pad": 1})}


@pytest.mark.parametrize("name", POOLS)
@pytest.mark.parametrize("place", ["output", "inner", "constant"])
def test_pools_with_ceil_mode_and_their_true_extents(name, place, tool, tmp_path):
    # ONNX's inference below opset 22 counts a window that starts in the padding behind: 3x3.
    opset, attributes = POOLS[name]
    x = f32(1, 2, 5, 5)
    pool = node(name.split("-")[0], "x", "p", kernel_shape=[2, 2], strides=[3, 3], pads=[1] * 4, ceil_mode=1,
                **attributes)
    proto = model([pool, node("Add", "p one", "y")], [declare("x", x)], [value("y", (1, 2, 2, 2))],
                  {"one": np.ones((1, 2, 2, 2), "f4")}, opset=opset,
                  infos=[value("p", (1, 2, 2, 2))] if place == "inner" else ())
    bare = model([pool], [declare("x", x)], [value("p", NO_SHAPE)], opset=opset)
    want = {"y": onnxruntime_of(bare, {"x": x})["p"] + 1}
    if place == "constant":  # the pool's input is an initialiser
        proto.graph.initializer.append(onnx.numpy_helper.from_array(x, "x"))
        del proto.graph.input[:]
    agrees(tool, tmp_path, proto, {} if place == "constant" else {"x": x}, want)


# Ops that ONNX defines by a function body.
@pytest.mark.parametrize("name", ["", "mvn"])
@pytest.mark.parametrize("kind", ["f4", "f2", "f8"])
@pytest.mark.parametrize("opset", [9, 13, 17])
def test_mean_variance_normalization(name, kind, opset, tool, tmp_path):
    x = rng.standard_normal((2, 3, 2, 2)).astype(kind)
    axes = (0, 2, 3)
    mean_variance = node("MeanVarianceNormalization", "x", "y", name=name)
    proto = model([mean_variance], [declare("x", x)], [declare("y", x)], opset=opset)
    wide = x.astype("f8")
    want = (wide - wide.mean(axes, keepdims=True)) / wide.std(axes, keepdims=True)
    tolerance = {"f2": 1e-2, "f4": 1e-5, "f8": 1e-7}[kind]
    agrees(tool, tmp_path, proto, {"x": x}, {"y": want.astype(kind)}, rtol=tolerance, atol=tolerance)


def test_mean_variance_normalization_of_rank_3(tool, tmp_path):
    # The default axes are written for images; onnxruntime takes those that there are.
    x = f32(16, 2, 13)
    proto = model([node("MeanVarianceNormalization", "x", "y")], [declare("x", x)], [declare("y", x)], opset=11)
    agrees(tool, tmp_path, proto, {"x": x})


@pytest.mark.parametrize("opset, groups", [(18, 4), (19, 2), (20, 1), (21, 2)])
def test_group_normalization(opset, groups, tool, tmp_path):
    # Deprecated in 18 to 20, where scale and bias are one for each group; from 21 on one for each channel.
    count = 4 if opset > 20 else groups
    x, s, b = f32(3, 4, 5), f32(count), f32(count)
    proto = model([node("GroupNormalization", "x s b", "y", num_groups=groups)], [declare("x", x)],
                  [declare("y", x)], {"s": s, "b": b}, opset=opset)
    agrees(tool, tmp_path, proto, {"x": x})


@pytest.mark.parametrize("op, opset, inits", [
    ("Upsample", 10, {"s": np.ones(2, "f4")}), ("Scatter", 11, {"s": np.zeros((1, 1), "i8")})])
def test_ops_that_an_opset_took_away(op, opset, inits, tool, tmp_path):
    proto = model([node(op, "x s" if op == "Upsample" else "x s x", "y", name="old")], [value("x", (1, 1))],
                  [value("y", (1, 1))], inits, opset=opset)
    refused(tool, tmp_path, proto, 3, "node 'old'", op, f"gone since opset {opset}", "version_converter")


@pytest.mark.parametrize("kind", ["f4", "f8", "f2"])
def test_statistics_of_layer_normalization_have_their_own_type(kind, tool, tmp_path):
    x, w = rng.standard_normal((3, 4)).astype(kind), rng.standard_normal(4).astype(kind)
    proto = model([node("LayerNormalization", "x w", "y mean inv")], [declare("x", x)],
                  [declare("y", x), value("mean", (3, 1)), value("inv", (3, 1))], {"w": w})
    wide = x.astype("f8")
    mean, inverse = wide.mean(1, keepdims=True), 1 / np.sqrt(wide.var(1, keepdims=True) + 1e-5)
    want = {"y": ((wide - mean) * inverse * w).astype(kind), "mean": mean.astype("f4"), "inv": inverse.astype("f4")}
    tolerance = 5e-3 if kind == "f2" else 1e-5
    agrees(tool, tmp_path, proto, {"x": x}, want, rtol=tolerance, atol=tolerance)


# Ops that nobody has.
MICROSOFT = helper.make_opsetid("com.microsoft", 1)


def test_all_unsupported_ops_in_one_error(tool, tmp_path):
    kin = {"domain": "com.microsoft"}
    nodes = [node("FusedMatMul", "x w", "a", name="first", **kin), node("BiasGelu", "a b", "c", name="second", **kin),
             node("BiasGelu", "c b", "d", name="third", **kin), node("QLinearAdd", "d d d d d d d d", "e", **kin),
             node("NonMaxSuppression", "e e", "y", name="nms")]
    proto = model(nodes, [value("x", (2, 8))], [value("y", [None, 3], T.INT64)], {"w": f32(8, 6), "b": f32(6)},
                  domains=[MICROSOFT])
    refused(tool, tmp_path, proto, 4, "4 ops are not supported", "node 'first' (FusedMatMul)",
            "node 'second' (BiasGelu) and 1 more", "QLinearAdd", "node 'nms' (NonMaxSuppression)", "ORT_DISABLE_ALL",
            "QDQ", "model-local function", "extract_model")


def test_unsupported_ops_inside_functions_and_branches(tool, tmp_path):
    outer = helper.make_function("my", "Outer", ["a"], ["b"], [node("Det", "a", "c", name="inner"),
                                                               node("Relu", "c", "b")],
                                 [helper.make_opsetid("", 17)])
    then = helper.make_graph([node("Optional", "x", "s"), node("OptionalGetElement", "s", "t")],
                             "then", [], [value("t", (2, 2))])
    other = helper.make_graph([node("Outer", "x", "e", domain="my")], "else", [], [value("e", (2, 2))])
    proto = model([node("If", "c", "y", then_branch=then, else_branch=other)],
                  [value("x", (2, 2)), value("c", [], T.BOOL)], [value("y", NO_SHAPE)],
                  domains=[helper.make_opsetid("my", 1)], functions=[outer])
    refused(tool, tmp_path, proto, 4, "Optional", "OptionalGetElement", "node 'inner' (Det)",
            "in place of optionals")


def test_unsupported_ops_in_a_branch_that_is_not_there(tool, tmp_path):
    x = f32(2, 2)
    then = helper.make_graph([node("FusedMatMul", "x x", "t", domain="com.microsoft")], "then", [],
                             [value("t", (2, 2))])
    other = helper.make_graph([node("Neg", "x", "e")], "else", [], [value("e", (2, 2))])
    proto = model([node("If", "c", "y", then_branch=then, else_branch=other)], [declare("x", x)], [declare("y", x)],
                  {"c": np.array(False)}, domains=[MICROSOFT])
    agrees(tool, tmp_path, proto, {"x": x}, {"y": -x})


# Open extents.
def two_inputs(first, second):
    return model([node("Mul", "x k", "y"), node("Neg", "h", "z")], [value("x", first), value("h", second)],
                 [value("y", NO_SHAPE), value("z", NO_SHAPE)], {"k": np.array(2, "f4")})


def test_a_free_batch_is_one_sample(tool, tmp_path):
    proto = two_inputs(["batch", 3], [None, 2])
    save(tmp_path, proto, {})
    for command, more in {"compile": ["-o", tmp_path / "m.hyb"], "run": ["--values", "off"], "explain": [],
                          "inspect": []}.items():
        done = tool("hybridc", command, tmp_path / "model.onnx", *more)
        said = [line for line in done.stderr.splitlines() if "taken as 1" in line]
        assert len(said) == 1 and "--dim batch=EXTENT" in said[0] and "dimension 0 of input 'h'" in said[0], done.stderr
    text = tool("hybridc", "inspect", tmp_path / "model.onnx", "--dim", "batch=4").stdout
    assert "x: f32 4x3" in text and "h: f32 1x2" in text


def test_open_extents_are_listed_with_what_to_type(tool, tmp_path):
    refused(tool, tmp_path, two_inputs(["batch", "time"], [2, None, 4]), 4, "dimension 1 ('time')",
            "input 'h': dimension 1", "--dim time=N", "--shape h=2xNx4")
    refused(tool, tmp_path, two_inputs([None, None], [2]), 4, "--shape x=1xN")


@pytest.mark.parametrize("shape, names", [(["batch", "time"], "'batch', 'time'"), ([1, 2], "it has none")])
def test_dim_errors_list_the_names(shape, names, tool, tmp_path):
    refused(tool, tmp_path, two_inputs(shape, [2]), 2, "--dim N=4", names, options=["--dim", "N=4"])


# A branch that does not fit the extents at hand.
def detector():
    def branch(frame):
        window = [node("Conv", f"u w{frame}", f"v{frame}", strides=[frame], name=f"conv{frame}"),
                  node("Squeeze", f"v{frame} last", f"y{frame}")]
        return helper.make_graph(window, f"frames{frame}", [], [value(f"y{frame}", [None, 2])])

    nodes = [node("Unsqueeze", "x mid", "u"), node("Equal", "sr rate", "c"),
             node("If", "c", "y", then_branch=branch(32), else_branch=branch(16), name="choice")]
    inits = {"rate": np.array(16000, "i8"), "mid": np.array([1], "i8"), "last": np.array([2], "i8"),
             "w32": f32(2, 1, 32), "w16": f32(2, 1, 16)}
    return model(nodes, [value("x", [None, None]), value("sr", [], T.INT64)], [value("y", [None, 2])], inits)


@pytest.mark.parametrize("frame, rate", [(32, 16000), (16, 8000)])
def test_the_branch_that_fits_is_compiled(frame, rate, tool, tmp_path):
    proto, x = detector(), f32(1, frame)
    feeds = {"x": x, "sr": np.array(rate, "i8")}
    want = onnxruntime_of(proto, feeds)
    done = agrees(tool, tmp_path, proto, feeds, want)
    assert "of node 'choice' is not valid for these input extents" in done.stderr
    # Fixed at compile time, only one branch is left, and one input.
    done = agrees(tool, tmp_path, proto, feeds, want, options=["--value", f"sr={rate}"])
    assert "not valid" not in done.stderr
    done = agrees(tool, tmp_path, proto, {"x": x}, want, options=["--value", f"sr={rate}"])
    assert "not valid" not in done.stderr


@pytest.mark.parametrize("frame, rate, branch", [(32, 8000, "else_branch"), (16, 16000, "then_branch")])
def test_the_branch_that_does_not_fit_ends_the_run(frame, rate, branch, tool, tmp_path):
    feeds = {"x": f32(1, frame), "sr": np.array(rate, "i8")}
    refused(tool, tmp_path, detector(), 3, f"the {branch} of 'choice' was taken", feeds=feeds)


def test_no_branch_fits(tool, tmp_path):
    refused(tool, tmp_path, detector(), 3, "conv32", feeds={"x": f32(1, 8), "sr": np.array(1, "i8")})


VALUES = {"scalar": ("2", (), "f4", 2), "everywhere": ("-1.5", (2, 3), "f4", -1.5), "bool": ("true", (), "?", True),
          "half": ("0.1", (3,), "f2", np.float16(0.1)), "u64": ("18446744073709551615", (), "u8", 2**64 - 1)}


@pytest.mark.parametrize("name", VALUES)
def test_inputs_fixed_to_values(name, tool, tmp_path):
    text, shape, kind, number = VALUES[name]
    array = np.full(shape, number, kind)
    proto = model([node("Identity", "v", "w"), node("Neg", "x", "y")], [declare("v", array), value("x", (2,))],
                  [declare("w", array), value("y", (2,))])
    x = f32(2)
    agrees(tool, tmp_path, proto, {"x": x}, {"w": array, "y": -x}, options=["--value", f"v={text}"])
    np.save(tmp_path / "v.npy", array)
    agrees(tool, tmp_path, proto, {"x": x}, {"w": array, "y": -x}, options=["--value", f"v={tmp_path / 'v.npy'}"])
    text = tool("hybridc", "inspect", tmp_path / "model.onnx", "--value", f"v={text}").stdout
    assert "input     x" in text and "input     v" not in text


@pytest.mark.parametrize("option, code, phrase", [
    ("q=1", 2, "no such input; it has 'v', 'x'"), ("v=300", 2, "expected a number of type INT8"),
    ("v=1.5", 2, "expected a number of type INT8"), ("v", 2, "expected INPUT=V"), ("v=none.npy", 3, "none.npy"),
    ("v=floats.npy", 2, "takes INT8"), ("v=long.npy", 2, "the input has 1")])
def test_values_that_do_not_fit(option, code, phrase, tool, tmp_path):
    proto = model([node("Identity", "v", "w"), node("Neg", "x", "y")], [value("v", (2,), T.INT8), value("x", (2,))],
                  [value("w", (2,), T.INT8), value("y", (2,))])
    np.save(tmp_path / "floats.npy", np.zeros(2, "f4"))
    np.save(tmp_path / "long.npy", np.zeros((2, 2), "i1"))
    if ".npy" in option:
        option = option.replace("=", f"={tmp_path}/")
    refused(tool, tmp_path, proto, code, phrase, options=["--value", option])


def test_a_value_that_contradicts_the_inputs(tool, tmp_path):
    feeds = {"x": f32(1, 32), "sr": np.array(8000, "i8")}
    refused(tool, tmp_path, detector(), 3, "input 'sr' differs from --value", feeds=feeds,
            options=["--value", "sr=16000"])


# Names beyond ASCII, and other odd ones.
@pytest.mark.parametrize("name", ["größe", "日本", "a/b", "x.npy", "e:0", "q=1", " ", "\\n"])
def test_names_of_outputs(name, tool, tmp_path):
    x = f32(3)
    proto = model([node("Relu", ["x"], [name])], [declare("x", x)], [value(name, (3,))])
    save(tmp_path, proto, {"x": x})
    tool("hybridc", "run", tmp_path / "model.onnx", "--precision", "exact", "--inputs", tmp_path / "inputs.npz",
         "--outputs", tmp_path / "o.npz")
    with np.load(tmp_path / "o.npz") as written:
        assert written.files == [name]
        np.testing.assert_array_equal(written[name], np.maximum(x, 0))
    # And back in.
    proto = model([node("Neg", [name], ["y"])], [value(name, (3,))], [value("y", (3,))])
    shutil.copy(tmp_path / "o.npz", tmp_path / "expected.npz")
    onnx.save(proto, tmp_path / "back.onnx")
    tool("hybridc", "run", tmp_path / "back.onnx", "--precision", "exact", "--inputs", tmp_path / "o.npz",
         "--outputs", tmp_path / "p.npz")
    np.testing.assert_array_equal(np.load(tmp_path / "p.npz")["y"], -np.maximum(x, 0))
