"""test_data.py OUTDIR: models whose inputs are a sequence, an optional, strings or a plain tensor, each NAME.onnx with folders in
the layout of ONNX's own test data."""
import pathlib
import sys

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

out = pathlib.Path(sys.argv[1])
out.mkdir(parents=True, exist_ok=True)
x = np.arange(4, dtype=np.float32)
tensor = helper.make_tensor_type_proto(TensorProto.FLOAT, [4])
y = helper.make_tensor_value_info("y", TensorProto.FLOAT, [4])


def model(name, inputs, outputs, *nodes):
    graph = helper.make_graph(nodes, name, inputs, outputs)
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), out / f"{name}.onnx")


def folder(name, **files):
    (out / name).mkdir(exist_ok=True)
    for file, proto in files.items():
        (out / name / f"{file}.pb").write_bytes(proto if isinstance(proto, bytes) else proto.SerializeToString())


strings = numpy_helper.from_array(np.array(["a", "b", "c", "d"], dtype=object), "x")
model("sequence",
      [helper.make_value_info("s", helper.make_sequence_type_proto(tensor)),
       helper.make_tensor_value_info("i", TensorProto.INT64, [])],
      [y], helper.make_node("SequenceAt", ["s", "i"], ["y"], name="at"))
folder("sequence", input_0=numpy_helper.from_list([x, x + 1], "s"), input_1=numpy_helper.from_array(np.int64(1), "i"))
model("optional", [helper.make_value_info("o", helper.make_optional_type_proto(tensor))], [y],
      helper.make_node("OptionalGetElement", ["o"], ["y"], name="get"))
folder("sequence_tensor", input_0=numpy_helper.from_array(x, "s"))
folder("optional", input_0=numpy_helper.from_optional(x, "o"))
folder("optional_empty", input_0=numpy_helper.from_optional(None, "o", dtype=1))
folder("optional_sequence", input_0=numpy_helper.from_optional([x], "o"))
model("strings", [helper.make_tensor_value_info("x", TensorProto.STRING, [4])],
      [helper.make_tensor_value_info("y", TensorProto.STRING, [4])],
      helper.make_node("Identity", ["x"], ["y"], name="id"))
folder("strings", input_0=strings)
model("gives", [helper.make_tensor_value_info("x", TensorProto.FLOAT, [4])],
      [helper.make_value_info("y", helper.make_sequence_type_proto(tensor))],
      helper.make_node("SequenceConstruct", ["x", "x"], ["y"], name="build"))

model("plain", [helper.make_tensor_value_info("x", TensorProto.FLOAT, [4])], [y],
      helper.make_node("Relu", ["x"], ["y"], name="relu"))
model("open", [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["N"]),
               helper.make_tensor_value_info("z", TensorProto.FLOAT, [1])],
      [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["N"])], helper.make_node("Add", ["x", "z"], ["y"], name="add"))
folder("renamed", input_0=numpy_helper.from_array(x, "first"), input_1=numpy_helper.from_array(x[:1], ""),
       output_0=numpy_helper.from_array(x, ""))
right = numpy_helper.from_array(x, "x")
folder("plain", input_0=right, output_0=numpy_helper.from_array(x, "y"))
folder("plain_sequence", input_0=numpy_helper.from_list([x, x], "x"))
folder("plain_optional", input_0=numpy_helper.from_optional(x, "x"))
folder("plain_strings", input_0=strings)
folder("expects_sequence", input_0=right, output_0=numpy_helper.from_list([x, x], "y"))
# Damaged in every byte, and cut off after every byte.
whole = numpy_helper.from_list([x, x], "x").SerializeToString()
for i in range(len(whole)):
    flipped = bytearray(whole)
    flipped[i] ^= 0x55
    folder(f"flipped{i}", input_0=bytes(flipped))
    folder(f"cut{i}", input_0=whole[:i])
