"""Small models that once went wrong: building them, what is right, and what hybridc makes of them."""
import numpy as np
import onnx
from onnx import TensorProto as T
from onnx import helper, numpy_helper

FLOATS = {np.dtype("f2"): T.FLOAT16, np.dtype("f4"): T.FLOAT, np.dtype("f8"): T.DOUBLE}
# Stands for "the type has no shape", where None is a single open extent.
NO_SHAPE = "no shape"


def node(op, ins, outs, **attributes):
    return helper.make_node(op, ins.split() if isinstance(ins, str) else ins,
                            outs.split() if isinstance(outs, str) else outs, **attributes)


def value(name, shape, kind=T.FLOAT):
    """A declaration; an extent may be a number, a name or None (open)."""
    return helper.make_tensor_value_info(name, kind, None if shape is NO_SHAPE else shape)


def declare(name, array):
    return value(name, array.shape, helper.np_dtype_to_tensor_dtype(array.dtype))


def model(nodes, ins, outs, inits=None, opset=17, ir=None, domains=(), functions=(), infos=()):
    tensors = [numpy_helper.from_array(np.asarray(array), name) for name, array in (inits or {}).items()]
    graph = helper.make_graph(nodes, "g", ins, outs, tensors, value_info=infos)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset), *domains], functions=functions,
                             ir_version=ir or (8 if opset < 21 else 10))


def onnxruntime_of(proto, feeds):
    """What onnxruntime computes without any optimisation."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    session = onnxruntime.InferenceSession(proto.SerializeToString(), options, providers=["CPUExecutionProvider"])
    return dict(zip((o.name for o in session.get_outputs()), session.run(None, feeds)))


def save(folder, proto, feeds, want=None):
    """Writes model.onnx, inputs.npz and expected.npz."""
    folder.mkdir(parents=True, exist_ok=True)
    onnx.save(proto, folder / "model.onnx")
    np.savez(folder / "inputs.npz", **feeds)
    if want is not None:
        np.savez(folder / "expected.npz", **want)


def agrees(tool, folder, proto, feeds, want=None, options=(), rtol=1e-5, atol=1e-6, precision="exact"):
    """`hybridc compare` with `want` (default: onnxruntime), hazard checker on."""
    want = onnxruntime_of(proto, feeds) if want is None else want
    save(folder, proto, feeds, want)
    return tool("hybridc", "compare", folder / "model.onnx", "--precision", precision, "--check-hazards",
                "--expect", folder / "expected.npz", "--rtol", rtol, "--atol", atol,
                *(("--inputs", folder / "inputs.npz") if feeds else ()), *options)


def refused(tool, folder, proto, code, *phrases, feeds=None, options=()):
    """`hybridc compile` (with `feeds`: `run`) ends with `code` and one error that holds all of `phrases`."""
    save(folder, proto, feeds or {})
    if feeds is None:
        done = tool("hybridc", "compile", folder / "model.onnx", "-o", folder / "m.hyb", *options, expect=code)
    else:
        done = tool("hybridc", "run", folder / "model.onnx", "--precision", "exact", "--inputs",
                    folder / "inputs.npz", *options, expect=code)
    errors = [line for line in done.stderr.splitlines() if "error: " in line]
    assert len(errors) == 1, done.stderr
    for phrase in phrases:
        assert phrase in errors[0], f"{phrase!r} is not in: {errors[0]}"
    return done
