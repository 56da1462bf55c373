"""The two oracles: onnxruntime without optimisation, and onnx's own evaluator."""
import warnings

import numpy as np
import onnx
import onnxruntime
from onnx import helper
from onnx.reference import ReferenceEvaluator

from .values import BF16, ONNX_TYPE, is_float

NEWEST_RUNTIME_OPSET = 26
IR_VERSION = 10

# Where onnx's evaluator does not do what the operator's text says (test/models/ops.py tells what): it may agree with
# onnxruntime, but does not dispute it.
UNSURE = {"LRN", "LSTM", "GRU", "RNN", "ConvTranspose", "Upsample", "Resize", "MaxPool", "AveragePool", "LpPool",
          "BatchNormalization", "GlobalMaxPool", "GlobalAveragePool", "Loop", "Scan",
          "QLinearMatMul", "QLinearConv"}
FLATTENED = {"Softmax", "LogSoftmax", "Hardmax"}  # before opset 13


def options():
    chosen = onnxruntime.SessionOptions()
    chosen.log_severity_level = 4
    chosen.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    chosen.intra_op_num_threads = chosen.inter_op_num_threads = 1
    return chosen


def opset_of(model):
    return next(entry for entry in model.opset_import if entry.domain == "")


def lowered(model):
    """The model as the runtime can load it, or None."""
    newest = opset_of(model).version
    if newest <= NEWEST_RUNTIME_OPSET:
        return model
    for node in walk(model.graph):
        if not node.domain and onnx.defs.get_schema(node.op_type, newest).since_version > NEWEST_RUNTIME_OPSET:
            return None
    copy = onnx.ModelProto()
    copy.CopyFrom(model)
    for entry in [*copy.opset_import, *(e for f in copy.functions for e in f.opset_import)]:
        if not entry.domain:
            entry.version = NEWEST_RUNTIME_OPSET
    return copy


def walk(graph):
    """Every node, of branches and bodies too."""
    for node in graph.node:
        yield node
        for attribute in node.attribute:
            if attribute.type == onnx.AttributeProto.GRAPH:
                yield from walk(attribute.g)


def by_runtime(model, feeds):
    """Outputs in order, or None when onnxruntime cannot."""
    if any(array.dtype == BF16 for array in feeds.values()):
        return None
    model = lowered(model)
    if model is None:
        return None
    try:
        session = onnxruntime.InferenceSession(model.SerializeToString(), options(),
                                               providers=["CPUExecutionProvider"])
        if any("bfloat16" in output.type for output in session.get_outputs()):
            return None
        return [np.asarray(out) for out in session.run(None, feeds)]
    except Exception:  # its exceptions share no narrower type
        return None


def by_reference(model, feeds):
    """Outputs in order, or None when onnx's evaluator cannot."""
    try:
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            return [np.asarray(out) for out in ReferenceEvaluator(model).run(None, feeds)]
    except Exception:
        return None


def unsure(model):
    """Whether the evaluator is known to be wrong about one of the operators."""
    wrong = UNSURE | (FLATTENED if opset_of(model).version < 13 else set())
    return any(node.op_type in wrong for node in walk(model.graph))


def believable(model, outputs):
    """Whether the evaluator's results have the types and shapes that onnx itself infers; it widens some integers."""
    if unsure(model):
        return False
    try:
        inferred = onnx.shape_inference.infer_shapes(model, check_type=True, strict_mode=True, data_prop=True)
    except Exception:
        return False
    for info, array in zip(inferred.graph.output, outputs):
        kind = info.type.tensor_type
        if kind.elem_type and kind.elem_type != ONNX_TYPE.get(array.dtype):
            return False
        if kind.HasField("shape") and (len(kind.shape.dim) != array.ndim or any(
                d.HasField("dim_value") and d.dim_value != n for d, n in zip(kind.shape.dim, array.shape))):
            return False
    return True


def close(got, want, relative):
    """Whether two arrays are the same tensor, floats within `relative` of the largest magnitude."""
    if got.dtype != want.dtype or got.shape != want.shape:
        return False
    if not is_float(want.dtype):
        return bool(np.array_equal(got, want))
    got, want = got.astype(np.float64), want.astype(np.float64)
    finite = np.isfinite(want)
    if not np.array_equal(np.isnan(got), np.isnan(want)) or not np.array_equal(got[~finite & ~np.isnan(want)],
                                                                                want[~finite & ~np.isnan(want)]):
        return False
    if not np.isfinite(got[finite]).all():
        return False
    scale = np.abs(want[finite]).max(initial=0.0)
    return bool((np.abs(got[finite] - want[finite]) <= relative * (scale + np.abs(want[finite])) + 1e-30).all())


def both(model, feeds, relative):
    """(outputs or None, "both" | "runtime" | "reference" | "disputed" | "invalid")"""
    runtime, reference = by_runtime(model, feeds), by_reference(model, feeds)
    if runtime is None and reference is None:
        return None, "invalid"
    if runtime is None:
        return (reference, "reference") if believable(model, reference) else (None, "invalid")
    if reference is None:
        return runtime, "runtime"
    if len(runtime) == len(reference) and all(close(a, b, relative) for a, b in zip(runtime, reference)):
        return runtime, "both"
    return (runtime, "runtime") if unsure(model) else (None, "disputed")


def model_of(nodes, inputs, outputs, opset, initializers=(), functions=(), domains=()):
    """A model whose outputs have no types of their own: both oracles find them."""
    graph = helper.make_graph(nodes, "g", inputs, [onnx.ValueInfoProto(name=name) for name in outputs],
                              list(initializers))
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset),
                                                   *(helper.make_opsetid(domain, 1) for domain in domains)],
                             ir_version=IR_VERSION, functions=list(functions))
