import sys
import numpy as np
import onnx
from onnx import TensorProto as T, helper as h, numpy_helper as nh

r = np.random.default_rng(1)
weights = {"w": r.standard_normal((20, 30)).astype(np.float32), "wide name/2": r.standard_normal((8, 3, 3, 3)).astype(np.float32),
           "flags": r.integers(0, 2, (2000,)).astype(bool)}
nodes = [h.make_node("Conv", ["x", "wide name/2"], ["c"], "conv", pads=[1, 1, 1, 1]), h.make_node("Relu", ["c"], ["d"], "relu"),
         h.make_node("MatMul", ["a", "w"], ["b"], "fc"), h.make_node("And", ["m", "flags"], ["n"], "and")]
graph = h.make_graph(nodes, "g", [h.make_tensor_value_info("x", T.FLOAT, [1, 3, 8, 8]), h.make_tensor_value_info("a", T.FLOAT, [4, 20]),
                                  h.make_tensor_value_info("m", T.BOOL, [2000])],
                     [h.make_tensor_value_info("d", T.FLOAT, [1, 8, 8, 8]), h.make_tensor_value_info("b", T.FLOAT, [4, 30]),
                      h.make_tensor_value_info("n", T.BOOL, [2000])], [nh.from_array(v, k) for k, v in weights.items()])
onnx.save(h.make_model(graph, opset_imports=[h.make_opsetid("", 17)], ir_version=9), sys.argv[1] + "/m.onnx")
np.savez(sys.argv[1] + "/other.npz", **{"wide name/2": np.zeros(1, np.float32)})
