"""What a lossy build must compute: the model with each contraction in the format that hybridc chose, by docs/Int8.md.

Only choices are taken from hybridc (format and calibrated range of each contraction, in the text of phase `partition`); the values are
NumPy's. Contractions on arrays are exact: their target is one of ideal cells without converters' steps.
"""
import itertools
import pathlib
import re
import sys
import warnings

import numpy as np
import onnx
from onnx import helper
from onnx.reference import ReferenceEvaluator
from onnx.reference.op_run import OpRun

from . import oracle
from .values import BF16, is_float

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "python"))
from int8_model import activation_scale, quantize, quantize_weights  # noqa: E402

F = np.float32
DOMAIN = "lossy"
CONTRACTIONS = {"Conv": 0, "ConvTranspose": 1, "Gemm": 1, "MatMul": 1}  # where channels of the weights are
VIEWS = {"Identity", "Reshape", "Flatten", "Squeeze", "Unsqueeze", "Transpose"}
NUDGE = 4e-6
IDEAL = """name: ideal
clock_ghz: 1
dram: {bytes: 1000000000, bandwidth_gb_s: 10}
sram: {bytes: 1048576, bytes_per_cycle: 64}
dma: {channels: 2, bytes_per_cycle: 16}
mac: {rows: 8, cols: 8, dataflow: ws, rate: {bf16: 1, i8: 1}}
vec: {lanes: 8}
arrays:
- {name: ideal, device: ideal, purpose: inference, count: 64, rows: 32, cols: 32, mapping: differential, mvm_ns: 10, adc_share: 1,
   input_bits: 8, input_bits_per_phase: 8, periphery: {in_res: 0, out_res: 0, in_bound: 0, out_bound: 0, out_noise: 0,
   noise_management: false, bound_management: false}}
"""


class Places:
    """Node → (format, range of its first operand or None), from the text of phase `partition`."""

    def __init__(self, text):
        self.format, self.range = {}, {}
        open_groups = []
        for line in text.splitlines():
            if group := re.search(r'hyb\.group "([^"]+)"', line):
                open_groups.append(group.group(1))
            place = re.search(r'place = #hyb\.place<"\w+", "\w*", "(\w*)"', line)
            if place and open_groups:
                name = open_groups.pop()
                self.format[name] = place.group(1)
                if ranges := re.search(r"hyb\.ranges = \[\[([^,\]]+), ([^,\]]+)\]", line):
                    low, high = ranges.groups()
                    self.range[name] = None if "0x" in low + high else (float(low), float(high))


class Nudged(OpRun):
    """An op whose values may be moved by a little, to see whether a rounding hangs by a hair."""
    op_domain = DOMAIN
    nudge = 0.0


class Integers(Nudged):
    """x → its 8-bit integers, as f64: their products are exact."""

    def _run(self, x, low=0.0, high=0.0):
        scale, bounds = activation_scale(low, high)
        return (quantize((x * F(1 + self.nudge)).astype(F), scale, *bounds).astype(np.float64),)


class Weights(Nudged):
    def _run(self, w, axis=0):
        return (quantize_weights((w * F(1 - self.nudge / 4)).astype(F), axis)[0].astype(np.float64),)


class Real(Nudged):
    """Sums of integers, the weights that they came from → f32."""

    def _run(self, acc, w, low=0.0, high=0.0, axis=0, result=1, alpha=1.0):
        factors = (activation_scale(low, high)[0] * quantize_weights(w, axis)[1]).astype(F)
        shape = [-1 if d == result else 1 for d in range(acc.ndim)]
        y = acc.astype(F) * factors.reshape(shape) * F(alpha)
        return ((y * F(1 + self.nudge)).astype(F),)


class Rounded(Nudged):
    """x in bf16, as f64."""

    def _run(self, x):
        return ((x * F(1 + self.nudge)).astype(F).astype(BF16).astype(np.float64),)


class Single(Nudged):
    def _run(self, x, alpha=1.0):
        return ((x * alpha * (1 + self.nudge)).astype(F),)


OPS = [Integers, Weights, Real, Rounded, Single]


class Rewriter:
    """Replaces contractions of the main graph; `Unsure` where what hybridc may do is not written down."""

    class Unsure(Exception):
        pass

    def __init__(self, model, places):
        self.model, self.places = model, places
        self.producer = {name: node for node in model.graph.node for name in node.output}
        self.ranks = self.inferred_ranks()
        self.fixed = {t.name for t in model.graph.initializer}
        for node in model.graph.node:
            if all(name in self.fixed for name in node.input) and node.op_type not in ("If", "Loop", "Scan") \
                    and not node.op_type.startswith("Random"):
                self.fixed.update(node.output)

    def inferred_ranks(self):
        inferred = onnx.shape_inference.infer_shapes(self.model, data_prop=True).graph
        kinds = {v.name: v.type.tensor_type for v in [*inferred.value_info, *inferred.input, *inferred.output]}
        ranks = {t.name: (len(t.dims), t.data_type) for t in inferred.initializer}
        return ranks | {name: (len(k.shape.dim), k.elem_type) for name, k in kinds.items() if k.HasField("shape")}

    def stated(self, name):
        """Whether a value is a dequantised one, seen through what only moves it."""
        node = self.producer.get(name)
        while node is not None and node.op_type in VIEWS:
            node = self.producer.get(node.input[0])
        return node is not None and node.op_type == "DequantizeLinear"

    def lossy(self):
        """The contractions that are computed in a format of few bits: [(node, format)]"""
        found, nodes = [], {node.name: node for node in self.model.graph.node}
        whole = {"QLinearConv", "QLinearMatMul", "ConvInteger", "MatMulInteger"}  # integers by themselves
        for name, format in self.places.format.items():
            if format not in ("i8", "bf16") or name not in nodes and name.endswith(".scale"):
                continue
            kind = nodes[name].op_type if name in nodes else None  # None: in a branch, a body or a function
            if kind in CONTRACTIONS:
                found.append((nodes[name], format))
            elif kind not in whole:
                raise self.Unsure(name)
        return found

    def rewritten(self, exact):
        """The model, contractions in `exact` left as they are."""
        copy = onnx.ModelProto()
        copy.CopyFrom(self.model)
        formats = {node.name: format for node, format in self.lossy() if node.name not in exact}
        nodes = []
        for node in copy.graph.node:
            if node.name in formats:
                nodes += self.contraction(node, formats[node.name])
            else:
                nodes.append(node)
        del copy.graph.node[:]
        copy.graph.node.extend(nodes)
        copy.opset_import.append(helper.make_opsetid(DOMAIN, 1))
        return copy

    def contraction(self, node, format):
        x, w = node.input[:2]
        for name in (x, w):
            if self.ranks.get(name, (0, 0))[1] != onnx.TensorProto.FLOAT:
                raise self.Unsure(node.name)
        inner = onnx.NodeProto()
        inner.CopyFrom(node)
        inner.name, inner.output[0] = node.name + ".sum", node.name + ".acc"
        del inner.input[:]
        attributes = {a.name: helper.get_attribute_value(a) for a in node.attribute}
        alpha, beta = attributes.get("alpha", 1.0), attributes.get("beta", 1.0)
        kept = [a for a in inner.attribute if a.name not in ("alpha", "beta")]
        del inner.attribute[:]
        inner.attribute.extend(kept)
        before = node.name + ".x", node.name + ".w"
        inner.input.extend(before)
        has_bias = len(node.input) > 2 and node.input[2] != ""
        product = node.name + ".product" if has_bias else node.output[0]
        if format == "i8":
            made = self.in_integers(node, inner, attributes, alpha, product)
        else:
            made = [helper.make_node("Rounded", [name], [q], domain=DOMAIN) for name, q in zip((x, w), before)]
            made += [inner, helper.make_node("Single", [inner.output[0]], [product], domain=DOMAIN, alpha=alpha)]
        return made + (self.bias(node, product, beta) if has_bias else [])

    def in_integers(self, node, inner, attributes, alpha, product):
        x, w = node.input[:2]
        limits, rank = self.places.range.get(node.name), self.ranks[w][0]
        matrix = node.op_type in ("Gemm", "MatMul")
        if limits is None or w not in self.fixed or x in self.fixed or matrix and rank != 2:
            raise self.Unsure(node.name)
        if node.op_type == "ConvTranspose" and attributes.get("group", 1) != 1:
            raise self.Unsure(node.name)
        axis = 0 if attributes.get("transB", 0) else CONTRACTIONS[node.op_type]
        low, high = limits
        rank_x = self.ranks[x][0]
        how = dict(domain=DOMAIN, low=low, high=high)
        return [helper.make_node("Integers", [x], [inner.input[0]], **how),
                helper.make_node("Weights", [w], [inner.input[1]], domain=DOMAIN, axis=axis), inner,
                helper.make_node("Real", [inner.output[0], w], [product], **how, axis=axis, alpha=alpha,
                                 result=rank_x - 1 if matrix else 1)]

    def bias(self, node, product, beta):
        shaped = node.name + ".c"
        if node.op_type == "Gemm":
            made = [helper.make_node("Single", [node.input[2]], [shaped], domain=DOMAIN, alpha=beta)]
        else:
            ones = [1] * (self.ranks[node.input[1]][0] - 2)
            shape = helper.make_tensor(node.name + ".shape", onnx.TensorProto.INT64, [2 + len(ones)], [1, -1, *ones])
            made = [helper.make_node("Constant", [], [node.name + ".shape"], value=shape),
                    helper.make_node("Reshape", [node.input[2], node.name + ".shape"], [shaped])]
        return made + [helper.make_node("Add", [product, shaped], [node.output[0]])]


def evaluated(model, feeds, nudge):
    ops = [type(op.__name__, (op,), {"nudge": nudge}) for op in OPS]
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        return [np.asarray(out) for out in ReferenceEvaluator(model, new_ops=ops).run(None, feeds)]


def named(model):
    """The model with a name of its own for each node of the main graph."""
    copy = onnx.ModelProto()
    copy.CopyFrom(model)
    for i, node in enumerate(copy.graph.node):
        node.name = f"N{i}_{node.op_type}"
    return copy


def off(got, want):
    """The largest difference of finite values; infinite when the tensors, or what is not finite in them, differ."""
    if not is_float(want.dtype):
        return 0.0 if np.array_equal(got, want) else np.inf
    a, b = got.astype("f8"), want.astype("f8")
    finite = np.isfinite(b)
    if a.shape != b.shape or not np.array_equal(np.isfinite(a), finite):
        return np.inf
    return float(np.abs(a - b)[finite].max(initial=0.0))


def judged(model, feeds, text, got, tolerance):
    """(whether the model could be judged, what differs or None)"""
    names = [output.name for output in model.graph.output]
    rewriter = Rewriter(model, Places(text))
    try:
        lossy = rewriter.lossy()
        stated = [node.name for node, format in lossy if format == "i8" and rewriter.stated(node.input[0])][:3]
        problem = None
        for exact in itertools.chain.from_iterable(itertools.combinations(stated, n) for n in range(len(stated), -1, -1)):
            variant = rewriter.rewritten(set(exact))
            want, *moved = (evaluated(variant, feeds, nudge) for nudge in (0, NUDGE, -NUDGE))
            problem = None
            for i, name in enumerate(names):
                have, value = got[name], want[i].astype("f4") if want[i].dtype == BF16 else want[i]
                size = np.abs(value[np.isfinite(value)].astype("f8")).max(initial=0.0) if is_float(value.dtype) else 0.0
                loose = max(off(m[i], want[i]) for m in moved)
                if off(have, value) > 4 * loose + tolerance * size + 1e-30:
                    problem = f"{name}: off by {off(have, value):.3g} of {size:.3g}"
            if problem is None:
                return True, None
        return True, problem
    except Rewriter.Unsure:
        return False, None
    except Exception as error:  # the evaluator's exceptions share no narrower type
        if isinstance(error, (KeyError, AttributeError, NameError, TypeError)):
            raise
        return False, None


def trusted(made):
    """Whether onnx's evaluator gives what the model's outputs are known to be."""
    if oracle.unsure(made.model):
        return False
    outputs = oracle.by_reference(made.model, made.feeds)
    return outputs is not None and all(oracle.close(a, b, made.tolerance)
                                       for a, b in zip(outputs, made.expected.values()))
