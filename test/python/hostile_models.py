"""Models that must be refused: damaged files, broken graphs, bombs."""
import io
import random

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper, parser

F = TensorProto.FLOAT
I64 = TensorProto.INT64


def info(name, shape, kind=F):
    return helper.make_tensor_value_info(name, kind, shape)


def model(nodes, inputs, outputs, stored=(), opset=17, ir=8, functions=(), imports=()):
    graph = helper.make_graph(list(nodes), "g", list(inputs), list(outputs), list(stored))
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset), *imports],
                             functions=list(functions))
    made.ir_version = ir
    return made


def node(op, inputs, outputs, **attributes):
    return helper.make_node(op, inputs, outputs, name=f"the_{op}", **attributes)


def good():
    """Small, and with something of everything: the base of the damaged files."""
    rng = np.random.default_rng(0)
    weight = numpy_helper.from_array(rng.random((4, 3, 3, 3), np.float32), "w")
    head = numpy_helper.from_array(rng.random((4, 5), np.float32), "h")
    return model(
        [node("Conv", ["x", "w"], ["c"], kernel_shape=[3, 3], pads=[1, 1, 1, 1]),
         node("Relu", ["c"], ["r"]), node("GlobalAveragePool", ["r"], ["p"]),
         node("Flatten", ["p"], ["f"]), node("MatMul", ["f", "h"], ["y"])],
        [info("x", [1, 3, 8, 8])], [info("y", [1, 5])], [weight, head])


def one(op, inputs, stored=(), outputs=1, rank=None, kinds=(F, I64), **attributes):
    """One node on inputs {name: (shape, kind)}. The output has a rank (that of
    the first input), its extents are open: only the node must be at fault."""
    names = [*inputs, *[s.name for s in stored]]
    rank = len(next(iter(inputs.values()))[0]) if rank is None else rank
    return model([node(op, names, [f"y{i}" for i in range(outputs)], **attributes)],
                 [info(n, s, k) for n, (s, k) in inputs.items()],
                 [info(f"y{i}", [None] * rank, kinds[i]) for i in range(outputs)], stored)


def const(name, values, kind=np.int64):
    return numpy_helper.from_array(np.array(values, kind), name)


def varint(value):
    out = b""
    while value > 127:
        out += bytes([value & 127 | 128])
        value >>= 7
    return out + bytes([value])


def field(number, payload):
    return varint(number << 3 | 2) + varint(len(payload)) + payload


def damaged(maker):
    whole = good().SerializeToString()
    for part in (0.02, 0.1, 0.25, 0.5, 0.75, 0.9, 0.97):
        maker.model(f"truncated_{int(part * 100):02d}", whole[: int(len(whole) * part)])
    maker.model("truncated_last_byte", whole[:-1])
    maker.model("empty", b"")
    rng = random.Random(1)
    for i in range(6):
        maker.model(f"random_{i}", rng.randbytes(10 ** (i % 3 + 1) * 7))
    for i in range(8):  # damage that may leave a valid model behind
        data = bytearray(whole)
        for _ in range(1 + 6 * i):
            data[rng.randrange(len(data))] = rng.randrange(256)
        maker.model(f"flipped_{i}", bytes(data), (0, 3, 4, 5), says="")
    maker.model("text", "this is not a model\n")
    maker.model("zeros", bytes(4096))
    maker.model("ones", b"\xff" * 4096)
    maker.model("huge_length", b"\x3a" + varint(2**62) + b"abc")
    maker.model("varint_endless", b"\x08" + b"\xff" * 100)
    maker.model("zip", b"PK\x03\x04" + rng.randbytes(300))
    maker.model("gzip", b"\x1f\x8b\x08" + rng.randbytes(300))
    maker.model("appended", whole + rng.randbytes(64))
    body = b""
    for _ in range(5000):  # GraphProto.node.attribute.g, again and again
        body = field(1, field(5, field(6, body)))
    maker.model("nested_messages", b"\x08\x08" + field(7, body))
    maker.model("nested_groups", b"\x08\x08" + b"\x0b" * 100000)
    nested = b""
    for _ in range(5000):  # TypeProto.sequence_type.elem_type
        nested = field(4, field(1, nested))
    maker.model("nested_types", b"\x08\x08" + field(
        7, field(11, field(1, b"x") + field(2, nested))))


def structure(maker):
    x, y = info("x", [4]), info("y", [4])
    relu = node("Relu", ["x"], ["y"])

    def bad(name, made, expect=3, **more):
        maker.model(name, made.SerializeToString(), expect, **more)

    bad("cycle", model([node("Add", ["x", "b"], ["a"]), node("Relu", ["a"], ["b"]),
                        node("Relu", ["b"], ["y"])], [x], [y]))
    bad("cycle_self", model([node("Add", ["x", "y"], ["y"])], [x], [y]))
    bad("not_sorted", model([node("Relu", ["a"], ["y"]), node("Relu", ["x"], ["a"])], [x], [y]),
        (0, 3))
    bad("missing_input", model([node("Add", ["x", "nowhere"], ["y"])], [x], [y]))
    bad("too_few_inputs", model([node("Add", ["x"], ["y"])], [x], [y]))
    bad("too_many_inputs", model([node("Relu", ["x", "x"], ["y"])], [x], [y]))
    bad("required_input_empty", model([node("Add", ["x", ""], ["y"])], [x], [y]))
    bad("too_many_outputs", model([node("Relu", ["x"], ["y", "z"])], [x], [y]))
    bad("output_not_made", model([relu], [x], [info("z", [4])]))
    bad("no_outputs", model([relu], [x], []), (0, 3, 4), says="")
    bad("no_graph", onnx.ModelProto(ir_version=8, opset_import=[helper.make_opsetid("", 17)]))
    bad("duplicate_output", model([relu, node("Exp", ["x"], ["y"])], [x], [y]))
    bad("duplicate_input", model([relu], [x, x], [y]))
    bad("output_is_input_name", model([node("Relu", ["x"], ["x"])], [x], [x]))
    bad("duplicate_initialiser", model([node("Add", ["x", "w"], ["y"])], [x], [y],
                                       [const("w", [1] * 4, np.float32)] * 2))
    bad("unnamed_input", model([relu], [info("", [4]), x], [y]))
    bad("input_without_type", model([relu], [onnx.ValueInfoProto(name="x")], [y]))
    bad("unknown_element_type", model([relu], [info("x", [4], 99)], [y]))
    bad("undefined_element_type", model([relu], [info("x", [4], 0)], [y]))
    bad("wrong_output_type", model([relu], [x], [info("y", [4], I64)]))
    bad("wrong_output_shape", model([relu], [x], [info("y", [7])]))
    bad("negative_extent", model([relu], [info("x", [-4])], [y]), (0, 3))
    bad("unknown_op", model([node("Frobnicate", ["x"], ["y"])], [x], [y]), (3, 4),
        says="Frobnicate")
    foreign = node("Frobnicate", ["x"], ["y"])
    foreign.domain = "com.example"
    bad("unknown_domain", model([foreign], [x], [y],
                                imports=[helper.make_opsetid("com.example", 1)]), (3, 4),
        says="Frobnicate")
    bad("domain_not_imported", model([foreign], [x], [y]), (3, 4))
    bad("no_opset", onnx.ModelProto(ir_version=8, graph=model([relu], [x], [y]).graph))
    bad("two_opsets", model([relu], [x], [y], imports=[helper.make_opsetid("", 9)]), (0, 3))
    bad("opset_0", model([relu], [x], [y], opset=0), (3, 4))
    bad("opset_999", model([relu], [x], [y], opset=999), (3, 4))
    bad("opset_negative", model([relu], [x], [y], opset=-5), (3, 4))
    bad("ir_99", model([relu], [x], [y], ir=99), (3, 4))
    bad("ir_0", model([relu], [x], [y], ir=0), (3, 4))
    bad("op_newer_than_opset", model([node("Gelu", ["x"], ["y"])], [x], [y], opset=13), (3, 4))
    bad("op_removed", model([node("Upsample", ["x", "s"], ["y"])], [info("x", [1, 1, 2, 2])],
                            [info("y", [None] * 4)], [const("s", [1, 1, 2, 2], np.float32)]), (3, 4))
    raw = good().SerializeToString()
    maker.model("name_not_utf8", raw.replace(b"the_Conv", b"the\xff\xfe\x00nv"), (0, 3))
    maker.model("value_not_utf8", raw.replace(b"\x0a\x01x\x0a\x01w", b"\x0a\x01\xff\x0a\x01w"))
    bad("complex", model([node("Identity", ["x"], ["y"])], [info("x", [4], TensorProto.COMPLEX64)],
                         [info("y", [4], TensorProto.COMPLEX64)]), (3, 4))


def attributes(maker):
    image = {"x": ([1, 3, 8, 8], F)}
    flat = {"x": ([4, 6], F)}
    kernel = const("w", np.zeros((4, 3, 3, 3)), np.float32)

    def bad(name, made, expect=3, **more):
        maker.model("attr_" + name, made.SerializeToString(), expect, **more)

    bad("stride_zero", one("Conv", image, [kernel], strides=[0, 1]))
    bad("stride_negative", one("Conv", image, [kernel], strides=[-1, 1]))
    bad("dilation_zero", one("Conv", image, [kernel], dilations=[0, 0]))
    bad("pads_short", one("Conv", image, [kernel], pads=[1, 1]))
    bad("pads_negative", one("Conv", image, [kernel], pads=[-9, -9, -9, -9]))
    bad("pads_huge", one("Conv", image, [kernel], pads=[2**60, 0, 2**60, 0]), (3, 4, 5))
    bad("group_zero", one("Conv", image, [kernel], group=0))
    bad("group_uneven", one("Conv", image, [kernel], group=2))
    bad("kernel_mismatch", one("Conv", image, [kernel], kernel_shape=[5, 5]))
    bad("wrong_kind", one("Conv", image, [kernel], strides="two"))
    bad("auto_pad_unknown", one("Conv", image, [kernel], auto_pad="SOMETIMES"), (3, 4))
    bad("unknown_attribute", one("Relu", flat, frobs=3))
    twice = one("LeakyRelu", flat, alpha=0.1)
    twice.graph.node[0].attribute.append(helper.make_attribute("alpha", 0.5))
    bad("duplicate", twice)
    bad("pool_kernel_zero", one("MaxPool", image, kernel_shape=[0, 2]))
    bad("pool_kernel_missing", one("MaxPool", image))
    bad("axis_out_of_range", one("Softmax", flat, axis=7))
    bad("concat_no_axis", one("Concat", {"x": ([4, 6], F), "z": ([4, 6], F)}))
    bad("perm_repeats", one("Transpose", flat, perm=[0, 0]))
    bad("perm_short", one("Transpose", flat, perm=[1]))
    bad("cast_to_unknown", one("Cast", flat, to=999))
    bad("split_sums_wrong", one("Split", flat, [const("s", [1, 1])], outputs=2, kinds=(F, F), axis=1))
    bad("einsum_grammar", one("Einsum", flat, equation="i$j->(", rank=1))
    bad("einsum_rank", one("Einsum", flat, equation="ijk->i", rank=1))
    bad("blocksize_zero", one("DepthToSpace", image, blocksize=0))
    bad("lstm_no_hidden", one("LSTM", {"x": ([2, 1, 3], F), "w": ([1, 8, 3], F),
                                       "r": ([1, 8, 2], F)}, rank=4), (0, 3))
    bad("lstm_hidden_wrong", one("LSTM", {"x": ([2, 1, 3], F), "w": ([1, 8, 3], F),
                                          "r": ([1, 8, 2], F)}, rank=4, hidden_size=77))


def shapes(maker):
    def bad(name, made, expect=3, **more):
        maker.model("shape_" + name, made.SerializeToString(), expect, **more)

    flat = {"x": ([4, 6], F)}
    bad("matmul", one("MatMul", {"x": ([4, 6], F), "z": ([5, 7], F)}))
    bad("add", one("Add", {"x": ([4, 6], F), "z": ([5], F)}))
    bad("add_types", one("Add", {"x": ([4], F), "z": ([4], I64)}))
    bad("gemm", one("Gemm", {"x": ([4, 6], F), "z": ([6, 3], F), "c": ([9], F)}))
    bad("concat", one("Concat", {"x": ([4, 6], F), "z": ([5, 7], F)}, axis=0))
    bad("conv_channels", one("Conv", {"x": ([1, 5, 8, 8], F)},
                             [const("w", np.zeros((4, 3, 3, 3)), np.float32)]))
    bad("conv_kernel_larger", one("Conv", {"x": ([1, 3, 1, 1], F)},
                                  [const("w", np.zeros((4, 3, 3, 3)), np.float32)]))
    bad("reshape_two_minus", one("Reshape", flat, [const("s", [-1, -1])]))
    bad("reshape_uneven", one("Reshape", flat, [const("s", [5, 5])]))
    bad("reshape_minus_two", one("Reshape", flat, [const("s", [-2, 12])]))
    bad("topk_k_large", one("TopK", flat, [const("k", [7])], outputs=2))
    bad("topk_k_negative", one("TopK", flat, [const("k", [-1])], outputs=2))
    bad("slice_step_zero", one("Slice", flat, [const("a", [0]), const("b", [4]), const("c", [0]),
                                               const("d", [0])]))
    # Only reading the index shows the fault: at compile time or in the run.
    late = [("gather", one("Gather", flat, [const("i", [4])])),
            ("gather_negative", one("Gather", flat, [const("i", [-5])])),
            ("scatter", one("ScatterND", flat, [
                const("i", [[9]]), const("u", np.zeros((1, 6)), np.float32)]))]
    out = io.BytesIO()
    np.savez(out, x=np.ones((4, 6), np.float32))
    inputs = maker.write("models/x46.npz", out.getvalue())
    for name, made in late:
        file = maker.write(f"models/shape_{name}_out_of_range.onnx", made.SerializeToString())
        maker.case(f"model_shape_{name}_out_of_range", file,
                   ["run", "{dir}/" + file, "--inputs", "{dir}/" + inputs,
                    "--outputs", "{out}/y.npz"], 3)
    bad("squeeze_not_one", one("Squeeze", flat, [const("a", [0])]))
    bad("expand", one("Expand", flat, [const("s", [5, 6])]))
    bad("batchnorm", one("BatchNormalization", {"x": ([1, 3, 4], F)}, [
        const(n, [1] * 5, np.float32) for n in "abcd"]))
    bad("range_delta_zero", model(
        [node("Range", ["a", "b", "c"], ["y"])], [], [info("y", [None], I64)],
        [const("a", 0), const("b", 5), const("c", 0)]))
    bad("string_into_relu", one("Relu", {"x": ([4], TensorProto.STRING)},
                                kinds=(TensorProto.STRING,)))


def weights(maker):
    x, y = info("x", [4]), info("y", [4])

    def bad(name, tensor, expect=3, **more):
        maker.model("weights_" + name, model([node("Add", ["x", "w"], ["y"])], [x], [y],
                                             [tensor]).SerializeToString(), expect, **more)

    def tensor(dims=(4,), kind=F, **fields):
        return TensorProto(name="w", dims=dims, data_type=kind, **fields)

    def external(**entries):
        made = tensor()
        made.data_location = TensorProto.EXTERNAL
        for key, value in entries.items():
            made.external_data.add(key=key, value=str(value))
        return made

    bad("missing", tensor())
    bad("short", tensor(raw_data=bytes(12)))
    bad("long", tensor(raw_data=bytes(20)))
    bad("float_data_short", tensor(float_data=[1, 2]))
    bad("both_fields", tensor(raw_data=bytes(16), float_data=[1, 2, 3, 4]))
    bad("wrong_field", tensor(int64_data=[1, 2, 3, 4]))
    bad("no_type", tensor(kind=0, raw_data=bytes(16)))
    bad("unknown_type", tensor(kind=77, raw_data=bytes(16)))
    bad("negative_dim", tensor(dims=(-4,), raw_data=bytes(16)))
    bad("terabytes", tensor(dims=(2**40,), raw_data=bytes(16)))
    bad("overflow", tensor(dims=(2**40, 2**40), raw_data=bytes(16)))
    bad("overflow_to_zero", tensor(dims=(2**32, 2**32), raw_data=b""))
    bad("overflow_to_small", tensor(dims=(2**62, 4), raw_data=b""))
    secret = maker.dir / "secret.bin"
    secret.write_bytes(bytes(64))
    maker.path("models/x")  # makes the folder
    (maker.dir / "models" / "data.bin").write_bytes(bytes(64))
    link = maker.dir / "models" / "link.bin"
    link.symlink_to("../secret.bin")
    folder_link = maker.dir / "models" / "link"
    folder_link.symlink_to("..")
    bad("external_missing", external(location="nothing.bin"))
    bad("external_no_location", external(offset=0))
    bad("external_empty_location", external(location=""))
    bad("external_parent", external(location="../secret.bin"))
    bad("external_passwd", external(location="../../../../../../../etc/passwd"))
    bad("external_absolute", external(location=str(secret.resolve())))
    bad("external_inside_out", external(location="data/../../secret.bin"))
    bad("external_link", external(location="link.bin"))
    bad("external_folder_link", external(location="link/secret.bin"))
    bad("external_folder", external(location="."))
    bad("external_device", external(location="/dev/zero"))
    bad("external_url", external(location="http://localhost/data.bin"))
    bad("external_nul", external(location="data.bin\0.txt"))
    bad("external_offset", external(location="data.bin", offset=60, length=16))
    bad("external_length", external(location="data.bin", offset=0, length=2**40))
    bad("external_length_wrong", external(location="data.bin", offset=0, length=12))
    bad("external_wraps", external(location="data.bin", offset=2**64 - 8, length=16))
    bad("external_negative", external(location="data.bin", offset=-16, length=16))
    bad("external_not_a_number", external(location="data.bin", offset="ten", length=16))
    bad("external_past_end", external(location="data.bin", offset=64))


def bombs(maker):
    """Small files that ask for much. They may be too large for the chip (5), not
    supported (4) or refused (3), but within seconds and without the memory."""
    def bad(name, made, expect=(3, 4, 5), **more):
        maker.model("bomb_" + name, made.SerializeToString(), expect, **more)

    def on(shape, *nodes, stored=()):
        return model(nodes, [info("x", shape)], [info("y", [None] * len(shape))], stored)

    def filled(*shape):
        return model([node("ConstantOfShape", ["s"], ["y"])], [],
                     [info("y", [None] * len(shape))], [const("s", shape)])

    relu = node("Relu", ["x"], ["y"])
    bad("input_terabytes", on([2**40], relu))
    bad("input_overflow", on([2**40, 2**40], relu))
    bad("input_overflow_to_zero", on([2**32, 2**32], relu))
    bad("constant_of_shape", filled(2**40))
    bad("constant_of_shape_overflow", filled(2**31, 2**31, 2**31))
    bad("constant_of_shape_negative", filled(-3))
    bad("expand", on([1], node("Expand", ["x", "s"], ["y"]), stored=[const("s", [2**41])]))
    bad("tile", on([4], node("Tile", ["x", "s"], ["y"]), stored=[const("s", [2**40])]))
    bad("tile_overflow", on([4], node("Tile", ["x", "s"], ["y"]), stored=[const("s", [2**62])]))
    bad("tile_negative", on([4], node("Tile", ["x", "s"], ["y"]), stored=[const("s", [-1])]))
    bad("pad", on([4], node("Pad", ["x", "p"], ["y"]), stored=[const("p", [2**40, 2**40])]))
    bad("resize", on([1, 1, 4, 4], node("Resize", ["x", "", "s"], ["y"]),
                     stored=[const("s", [1, 1, 1e6, 1e6], np.float32)]))
    bad("resize_nan", on([1, 1, 4, 4], node("Resize", ["x", "", "s"], ["y"]),
                         stored=[const("s", [1, 1, np.nan, -1], np.float32)]))
    bad("range", model([node("Range", ["a", "b", "c"], ["y"])], [], [info("y", [None], I64)],
                       [const("a", 0), const("b", 2**45), const("c", 1)]))
    bad("add_of_huge", on([1, 4], node("ConstantOfShape", ["s"], ["h"]),
                          node("Add", ["x", "h"], ["y"]), stored=[const("s", [2**38, 4])]))
    doubling = [node("Concat", [f"v{i}", f"v{i}"], [f"v{i + 1}"], axis=0) for i in range(60)]
    bad("doubling", model(doubling, [info("v0", [4])], [info("v60", [None])]))
    squares = [node("MatMul", [f"v{i}", f"v{i}"], [f"v{i + 1}"]) for i in range(3)]
    bad("large_matmul", model(squares, [info("v0", [2**20, 2**20])], [info("v3", [None, None])]))
    spin = parser.parse_model('''<ir_version: 8, opset_import: ["" : 17]>
g () => (float[1] y) <int64 n = {4611686018427387904}, bool on = {1}, float[1] z = {0}> {
  y = Loop (n, on, z) <body = b (int64 i, bool c, float[1] v) => (bool k, float[1] w) {
    k = Identity (c)  w = Add (v, v) }>
}''')
    bad("endless_constant_loop", spin, (0, 3, 4, 5), says="")

    def nested_if(depth):
        inner = helper.make_graph([node("Relu", ["x"], ["a0"])], "b", [], [info("a0", [4])])
        for i in range(depth):
            outer = node("If", ["c"], [f"a{i + 1}"], then_branch=inner, else_branch=inner)
            outer = node("If", ["c"], [f"a{i + 1}"], then_branch=inner,
                         else_branch=helper.make_graph(
                             [node("Relu", ["x"], ["e"])], "e", [], [info("e", [4])]))
            inner = helper.make_graph([outer], "b", [], [info(f"a{i + 1}", [4])])
        return inner.node[0]

    deep = nested_if(28)
    bad("nested_if_28", model([deep], [info("x", [4]), info("c", [], TensorProto.BOOL)],
                              [info("a28", [4])]), (0, 3, 4), says="")
    ends = "a0 = Relu (x)"
    for i in range(3000):
        ends = (f"a{i + 1} = If (c) <then_branch = t{i} () => (float[4] a{i}) {{ {ends} }}, "
                f"else_branch = e{i} () => (float[4] q{i}) {{ q{i} = Relu (x) }}>")
    maker.model("bomb_nested_if_3000", '<ir_version: 8, opset_import: ["" : 17]>\n'
                f"g (float[4] x, bool c) => (float[4] a3000) {{ {ends} }}", ending=".onnxtxt")
    wire = node("Relu", ["x"], ["a"]).SerializeToString()
    for _ in range(4000):  # the same in the binary form, past any parser's depth
        graph = field(1, wire) + field(2, b"b")
        wire = field(1, b"c") + field(2, b"a") + field(4, b"If") + field(
            5, field(1, b"then_branch") + field(6, graph) + b"\xa0\x01\x05")
    top = field(1, wire) + field(2, b"g")
    maker.model("bomb_nested_if_4000", b"\x08\x08" + field(7, top) + field(8, b"\x10\x11"))

    def functions(bodies):
        own = [helper.make_opsetid("", 17), helper.make_opsetid("local", 1)]
        made = [helper.make_function("local", name, ["a"], ["b"], nodes, own)
                for name, nodes in bodies.items()]
        call = helper.make_node(next(iter(bodies)), ["x"], ["y"], domain="local")
        return model([call], [info("x", [4])], [info("y", [4])], functions=made,
                     imports=[helper.make_opsetid("local", 1)])

    def call(name, source, target):
        return helper.make_node(name, [source], [target], domain="local")

    bad("function_calls_itself", functions({"f": [call("f", "a", "b")]}), 3)
    bad("function_cycle", functions({"f": [call("g", "a", "b")], "g": [call("f", "a", "b")]}), 3)
    bad("function_missing", functions({"f": [call("h", "a", "b")]}), (3, 4))
    laughs = {f"f{i}": [call(f"f{i + 1}", f"t{k}" if k else "a", f"t{k + 1}" if k < 9 else "b")
                        for k in range(10)] for i in range(12)}
    laughs["f12"] = [node("Relu", ["a"], ["b"])]
    bad("function_laughs", functions(laughs))
    twice = functions({"f": [node("Relu", ["a"], ["b"])]})
    twice.functions.append(twice.functions[0])
    bad("function_twice", twice, 3)
    maker.model("bomb_long_name", model([helper.make_node("Relu", ["x"], ["y"], name="n" * 10**6)],
                                        [info("x", [4])], [info("y", [4])]).SerializeToString(),
                (0, 3), says="")
    many = [node("Relu", [f"v{i}"], [f"v{i + 1}"]) for i in range(20000)]
    bad("many_nodes", model(many, [info("v0", [4])], [info("v20000", [4])]), (0, 3, 4, 5), says="")


def texts(maker):
    head = '<ir_version: 8, opset_import: ["" : 17]>\n'
    for name, text in [
            ("empty", ""), ("garbage", "][{}<>((("), ("no_header", "g (float[4] x) => (float[4] y) {}"),
            ("unfinished", head + "g (float[4] x) => (float[4] y) { y = Relu (x"),
            ("unknown_type", head + "g (floof[4] x) => (float[4] y) { y = Relu (x) }"),
            ("huge_number", head + "g (float[99999999999999999999] x) => (float[4] y) { y = Relu (x) }"),
            ("open_string", head + 'g (float[4] x) => (float[4] y) { y = Cast <to = "1 (x) }'),
            ("nul", head + "g (float[4] x) => (float[4] \0y) { y = Relu (x) }"),
            ("brackets", "<" * 200000)]:
        maker.model("text_" + name, text, ending=".onnxtxt")
    for name, text in [("empty_function", "func.func"), ("garbage", "%0 = ~~~"),
                       ("unknown_op", "func.func @f() { nothing.here }"),
                       ("no_entry", "module { }"), ("binary", "\x00\x01\x02ML\xef")]:
        maker.model("mlir_" + name, text, ending=".mlir")
    maker.model("wrong_ending", good().SerializeToString(), (2, 3), ending=".jpg")
    nowhere = ["compile", "{dir}/models/nowhere.onnx", "-o", "{out}/x.hyb"]
    maker.case("model_nowhere", "models/nowhere.onnx", nowhere, (2, 3))
    maker.path("models/folder.onnx/x")
    maker.case("model_folder", "models/folder.onnx",
               ["compile", "{dir}/models/folder.onnx", "-o", "{out}/x.hyb"], (2, 3))
    for device in ("null", "zero", "full"):
        link = maker.dir / "models" / f"{device}.onnx"
        link.symlink_to(f"/dev/{device}")
        maker.case(f"model_dev_{device}", f"models/{device}.onnx",
                   ["compile", f"{{dir}}/models/{device}.onnx", "-o", "{out}/x.hyb"], (2, 3))


def make(maker):
    for part in (damaged, structure, attributes, shapes, weights, bombs, texts):
        part(maker)
