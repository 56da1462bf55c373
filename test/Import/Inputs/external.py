#!/usr/bin/env python3
"""external.py DIR: writes models whose weights lie in another file."""
import pathlib
import sys

import onnx
from onnx import TensorProto, helper

folder = pathlib.Path(sys.argv[1])
(folder / "w.bin").write_bytes(bytes(range(256)) * 4)
(folder / "link.bin").symlink_to("w.bin")
CASES = {
    "good": {"location": "w.bin", "offset": "0", "length": "1024"},
    "escape": {"location": "../w.bin"},
    "absolute": {"location": str(folder.resolve() / "w.bin")},
    "link": {"location": "link.bin"},
    "away": {"location": "away.bin"},
    "beyond": {"location": "w.bin", "offset": "512", "length": "1024"},
    "missing": {"location": "nowhere.bin"},
}
for name, entries in CASES.items():
    weight = TensorProto(name="w", data_type=TensorProto.FLOAT, dims=[16, 16],
                         data_location=TensorProto.EXTERNAL)
    for key, value in entries.items():
        weight.external_data.add(key=key, value=value)
    graph = helper.make_graph(
        [helper.make_node("MatMul", ["x", "w"], ["y"])], "g",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [2, 16])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [2, 16])], [weight])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)])
    model.ir_version = 8
    (folder / f"{name}.onnx").write_bytes(model.SerializeToString())
