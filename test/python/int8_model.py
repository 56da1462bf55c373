"""The arithmetic of docs/Int8.md in NumPy: an evaluator of ONNX models that shares nothing with hybridc.

It reads the model itself and, from hybridc, only the calibrated ranges (the attribute `hyb.ranges` in the text of phase
`partition`) and, for a mean over axes, whether its operand is channel-blocked (the text of phase `layout`). All floats are f32,
each operation rounded once.
"""
import re

import numpy as np
import onnx
from onnx import numpy_helper

F = np.float32


def ranges_of(text):
    """Node that names a group → (min, max) of its first input."""
    found = {}
    for name, low, high in re.findall(r'hyb\.group "([^"]+)"\((?:(?!hyb\.group ").)*?hyb\.ranges = \[\[([^,]+), ([^\]]+)\]',
                                      text, re.S):
        if not low.startswith("0x"):
            found[name] = (float(low), float(high))
    return found


def is_mean_blocked(text):
    """Whether each mean over axes, in order, reads blocks of channels (rank 5)."""
    return [len(shape.split("x")) == 6
            for shape in re.findall(r"hyb\.reduce\s+mean[^\n]*: \(tensor<([^>]+)>\)", text)]


def activation_scale(low, high):
    largest = max(abs(low), abs(high))
    unsigned = low >= 0
    with np.errstate(over="ignore"):
        scale = F(largest / (255 if unsigned else 127))
    if not (scale >= np.finfo(F).tiny) or not np.isfinite(scale):
        scale = F(1)
    return scale, (0, 255) if unsigned else (-128, 127)


def quantize(x, scale, low, high):
    q = np.clip(np.rint(x / scale), F(low), F(high))
    return np.nan_to_num(q, nan=0).astype(np.int64)


def quantize_weights(w, channel):
    """q_w and s_w, one scale for each index of axis `channel`."""
    axes = tuple(d for d in range(w.ndim) if d != channel)
    scale = np.abs(w).max(axis=axes) / F(127)
    scale = np.where(scale >= np.finfo(F).tiny, scale, F(1)).astype(F)
    shape = [-1 if d == channel else 1 for d in range(w.ndim)]
    return quantize(w, scale.reshape(shape), -127, 127), scale


def windows(x, kernel, strides, pads, dilations, fill):
    """x[n, c, …] → [n, c, out…, taps…], padded with `fill`."""
    rank = len(kernel)
    padded = np.pad(x, [(0, 0), (0, 0)] + list(zip(pads[:rank], pads[rank:])), constant_values=fill)
    extents = [(k - 1) * d + 1 for k, d in zip(kernel, dilations)]
    view = np.lib.stride_tricks.sliding_window_view(padded, extents, axis=tuple(range(2, 2 + rank)))
    index = [slice(None)] * 2 + [slice(None, None, s) for s in strides] + [slice(None, None, d) for d in dilations]
    return view[tuple(index)]


def conv(q, w, strides, pads, dilations, groups):
    """Exact sums of integer products, by im2col."""
    rank = w.ndim - 2
    taps = windows(q, w.shape[2:], strides, pads, dilations, 0)
    n, out = taps.shape[0], taps.shape[2:2 + rank]
    per, filters = q.shape[1] // groups, w.shape[0] // groups
    sums = []
    for g in range(groups):
        part = np.moveaxis(taps[:, g * per:(g + 1) * per], 1, 1 + rank).reshape(n, *out, -1)
        sums.append(np.moveaxis(part @ w[g * filters:(g + 1) * filters].reshape(filters, -1).T, -1, 1))
    return np.concatenate(sums, axis=1)


def conv_transpose(q, w, strides, pads, dilations, output_padding):
    """w[C, F, taps…]; one group."""
    rank = w.ndim - 2
    full = [(i - 1) * s + (k - 1) * d + 1 + o
            for i, s, k, d, o in zip(q.shape[2:], strides, w.shape[2:], dilations, output_padding)]
    out = np.zeros((q.shape[0], w.shape[1], *full), np.int64)
    for tap in np.ndindex(*w.shape[2:]):
        at = tuple(slice(t * d, t * d + (i - 1) * s + 1, s)
                   for t, d, i, s in zip(tap, dilations, q.shape[2:], strides))
        out[(slice(None), slice(None)) + at] += np.einsum("nc...,cf->nf...", q, w[(slice(None), slice(None)) + tap])
    crop = tuple(slice(b, f - e) for b, e, f in zip(pads[:rank], pads[rank:], full))
    return out[(slice(None), slice(None)) + crop]


def real(acc, factors, axis):
    """y = float(acc) * f[c]"""
    assert np.abs(acc).max(initial=0) < 2**31
    shape = [-1 if d == axis else 1 for d in range(acc.ndim)]
    return acc.astype(np.int32).astype(F) * factors.reshape(shape)


def mean_rows(x):
    """Means of dense rows x[…, n]: 16 lanes, 1024 elements a block, blocks added in f64."""
    total = np.zeros(x.shape[:-1])
    for start in range(0, x.shape[-1], 1024):
        block = x[..., start:start + 1024]
        block = np.concatenate([block, np.zeros((*block.shape[:-1], -block.shape[-1] % 16), F)], axis=-1)
        lanes = np.zeros((*x.shape[:-1], 16), F)
        for i in range(0, block.shape[-1], 16):
            lanes = lanes + block[..., i:i + 16]
        while lanes.shape[-1] > 1:
            half = lanes.shape[-1] // 2
            lanes = lanes[..., :half] + lanes[..., half:]
        total += lanes[..., 0]
    return (total / x.shape[-1]).astype(F)


def mean_columns(x):
    """Means of x[…, n] one element after the other, 64 a block, blocks added in f64."""
    total = np.zeros(x.shape[:-1])
    for start in range(0, x.shape[-1], 64):
        acc = np.zeros(x.shape[:-1], F)
        for i in range(start, min(start + 64, x.shape[-1])):
            acc = acc + x[..., i]
        total += acc
    return (total / x.shape[-1]).astype(F)


class Int8Model:
    """One ONNX model; `run` gives every value by its name."""

    def __init__(self, model, ranges, blocked_means=()):
        self.graph = model.graph
        self.ranges = ranges
        self.blocked_means = list(blocked_means)
        self.constants = {i.name: numpy_helper.to_array(i) for i in self.graph.initializer}
        self.readers = {}
        for node in self.graph.node:
            for name in node.input:
                self.readers.setdefault(name, []).append(node)

    def run(self, feeds):
        values = dict(self.constants) | dict(feeds)
        done = set()
        means = list(self.blocked_means)
        for node in self.graph.node:
            if node.name in done:
                continue
            attributes = {a.name: onnx.helper.get_attribute_value(a) for a in node.attribute}
            x = values[node.input[0]] if node.input and node.input[0] in values else None
            others = [values.get(name) for name in node.input[1:] if name]
            if node.op_type in ("Conv", "ConvTranspose", "Gemm", "MatMul"):
                last = self.fold(node, done)
                values[last.output[0]] = self.contraction(node, attributes, last, values)
            elif node.op_type == "DequantizeLinear" and node.input[0] in self.constants:
                pass  # weights: their reader takes the integers
            elif node.op_type == "GlobalAveragePool":
                flat = np.ascontiguousarray(x).reshape(*x.shape[:2], -1)
                mean = mean_columns(flat) if means.pop(0) else mean_rows(flat)
                values[node.output[0]] = mean.reshape(*x.shape[:2], *[1] * (x.ndim - 2))
            else:
                values[node.output[0]] = getattr(self, node.op_type)(x, others, attributes)
        return values

    def fold(self, node, done):
        """The BatchNormalization that alone reads a contraction is folded: the last of both nodes."""
        readers = self.readers.get(node.output[0], [])
        outputs = [o.name for o in self.graph.output]
        if (len(readers) == 1 and readers[0].op_type == "BatchNormalization" and node.output[0] not in outputs
                and node.op_type != "Gemm"):
            done.add(readers[0].name)
            return readers[0]
        return node

    def contraction(self, node, attributes, last, values):
        x, w = values[node.input[0]], values.get(node.input[1])
        bias = values[node.input[2]] if len(node.input) > 2 else None
        stated = self.stated(node)  # x and w are integers already
        rank = (w if stated is None else stated[2]).ndim - 2
        if node.op_type in ("Conv", "ConvTranspose"):
            strides = attributes.get("strides", [1] * rank)
            pads = attributes.get("pads", [0] * 2 * rank)
            dilations = attributes.get("dilations", [1] * rank)
        channel = {"Conv": 0, "ConvTranspose": 1}.get(node.op_type, 1)
        if node.op_type == "Gemm" and attributes.get("transB", 0):
            w = np.ascontiguousarray(w.T)
        shift = None
        if last is not node:  # BatchNormalization: w * a, then + b
            gamma, beta, mean, variance = (values[name] for name in last.input[1:5])
            epsilon = next((a.f for a in last.attribute if a.name == "epsilon"), 1e-5)
            a = gamma / np.sqrt(variance + F(epsilon))
            shift = beta - mean * a
            if bias is not None:
                shift = bias * a + shift
            w = w * a.reshape([-1 if d == channel else 1 for d in range(w.ndim)])
            bias = None
        if stated is not None:
            q, s_x, q_w, s_w = self.integers(node, values)
        else:
            s_x, (low, high) = activation_scale(*self.ranges[node.name])
            q = quantize(x, s_x, low, high)
            q_w, s_w = quantize_weights(w, channel if w.ndim > 2 else w.ndim - 1)
        factors = (s_x * s_w).astype(F)
        if node.op_type == "Conv":
            acc = conv(q, q_w, strides, pads, dilations, attributes.get("group", 1))
        elif node.op_type == "ConvTranspose":
            acc = conv_transpose(q, q_w, strides, pads, dilations, attributes.get("output_padding", [0] * rank))
        else:
            acc = q @ q_w
        axis = 1 if node.op_type in ("Conv", "ConvTranspose") else acc.ndim - 1
        y = real(acc, np.broadcast_to(factors, (acc.shape[axis],)), axis)
        for addend in (bias, shift):
            if addend is not None:
                y = y + addend.reshape([-1 if d == axis else 1 for d in range(y.ndim)])
        return y

    # What is no contraction, in f32, as ONNX has it.
    def Relu(self, x, others, attributes):
        return np.maximum(x, F(0))

    def LeakyRelu(self, x, others, attributes):
        return np.where(x < 0, x * F(attributes.get("alpha", 0.01)), x)

    def Clip(self, x, others, attributes):
        return np.minimum(np.maximum(x, others[0]), others[1])

    def Add(self, x, others, attributes):
        return x + others[0]

    def Mul(self, x, others, attributes):
        return x * others[0]

    def Concat(self, x, others, attributes):
        return np.concatenate([x, *others], axis=attributes["axis"])

    def Flatten(self, x, others, attributes):
        return x.reshape(x.shape[0], -1)

    def Transpose(self, x, others, attributes):
        return x.transpose(attributes["perm"])

    def Reshape(self, x, others, attributes):
        return x.reshape([x.shape[i] if d == 0 else d for i, d in enumerate(others[0])])

    def MaxPool(self, x, others, attributes):
        rank = len(attributes["kernel_shape"])
        taps = windows(x, attributes["kernel_shape"], attributes.get("strides", [1] * rank),
                       attributes.get("pads", [0] * 2 * rank), [1] * rank, F(-np.inf))
        return taps.max(axis=tuple(range(-rank, 0)))

    def AveragePool(self, x, others, attributes):
        """The taps one after the other, row by row, from 0; then one division."""
        rank = len(attributes["kernel_shape"])
        how = (attributes["kernel_shape"], attributes.get("strides", [1] * rank), attributes.get("pads", [0] * 2 * rank),
               [1] * rank)
        taps = windows(x, *how, F(0))
        total = np.zeros(taps.shape[:-rank], F)
        for tap in np.ndindex(*attributes["kernel_shape"]):
            total = total + taps[(...,) + tap]
        inside = windows(np.ones_like(x), *how, F(attributes.get("count_include_pad", 0)))
        return total / inside.sum(axis=tuple(range(-rank, 0)), dtype=F)

    # Models that are quantised already.
    def QuantizeLinear(self, x, others, attributes):
        scale, zero = others
        limits = np.iinfo(zero.dtype)
        return np.clip(np.rint(x / scale) + F(zero), F(limits.min), F(limits.max)).astype(zero.dtype)

    def DequantizeLinear(self, x, others, attributes):
        scale, zero = others
        return (x.astype(np.int32) - zero.astype(np.int32)).astype(F) * scale

    def producer(self, name):
        return next((node for node in self.graph.node if name in node.output), None)

    def stated(self, node):
        """The constant integers behind both operands, where DequantizeLinear gives them."""
        left, right = self.producer(node.input[0]), self.producer(node.input[1])
        if left is None or right is None or left.op_type != "DequantizeLinear" or right.op_type != "DequantizeLinear":
            return None
        return left, right, self.constants[right.input[0]]

    def integers(self, node, values):
        left, right, q_w = self.stated(node)
        s_x, z_x = values[left.input[1]], values[left.input[2]]
        s_w, z_w = values[right.input[1]], values[right.input[2]]
        q = values[left.input[0]].astype(np.int64) - int(z_x)
        shape = [-1] + [1] * (q_w.ndim - 1)
        return (q, s_x, q_w.astype(np.int64) - z_w.astype(np.int64).reshape(shape if z_w.ndim else []),
                np.atleast_1d(s_w))
