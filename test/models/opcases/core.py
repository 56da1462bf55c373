"""What a case is, and how a family file states one.

A case is a small ONNX model with its inputs. Families call `case` for a single
node and `text` for a model in ONNX's textual syntax. Inputs are arrays, or
recipes (`f32(2, 3)`, `i64(4, lo=0, hi=9)`, `like(...)`) drawn from a generator
seeded by the case's name, so that adding a case changes no other.
"""
import dataclasses
import zlib

import numpy as np
import onnx
import onnx.parser
from onnx import helper

NEWEST_RUNTIME_OPSET = 26  # of onnxruntime 1.31

# Relative and absolute tolerance by output type: a few roundings of each.
TOLERANCE = {"float32": (1e-4, 1e-6), "float64": (1e-9, 1e-12), "float16": (4e-3, 1e-3)}


@dataclasses.dataclass
class Case:
    name: str
    op: str
    model: onnx.ModelProto
    inputs: dict
    rtol: float
    atol: float
    core: bool          # of the list that must work; else beyond it
    shape_only: bool    # values are random: compare types and shapes
    uses: tuple         # (domain, op) of every node


@dataclasses.dataclass
class Recipe:
    shape: tuple
    dtype: str
    lo: float
    hi: float
    unique: bool = False

    def draw(self, rng):
        if self.dtype == "bool":
            return rng.random(self.shape) < 0.5
        if np.issubdtype(self.dtype, np.integer):
            return rng.integers(self.lo, self.hi, self.shape, endpoint=True).astype(self.dtype)
        count = int(np.prod(self.shape))
        if self.unique:  # for sorting: no ties that could be broken either way
            values = rng.permutation(count) * ((self.hi - self.lo) / max(count, 1)) + self.lo
            return values.reshape(self.shape).astype(self.dtype)
        return (rng.random(self.shape) * (self.hi - self.lo) + self.lo).astype(self.dtype)


def recipe(dtype, lo, hi):
    def make(*shape, lo=lo, hi=hi, unique=False):
        return Recipe(shape, dtype, lo, hi, unique)
    return make


f16 = recipe("float16", -2, 2)
f32 = recipe("float32", -2, 2)
f64 = recipe("float64", -2, 2)
i8 = recipe("int8", -100, 100)
i16 = recipe("int16", -1000, 1000)
i32 = recipe("int32", -1000, 1000)
i64 = recipe("int64", -1000, 1000)
u8 = recipe("uint8", 0, 200)
u16 = recipe("uint16", 0, 2000)
u32 = recipe("uint32", 0, 2000)
u64 = recipe("uint64", 0, 2000)
boolean = recipe("bool", 0, 1)
BY_NAME = {"f16": f16, "f32": f32, "f64": f64, "i8": i8, "i16": i16, "i32": i32,
           "i64": i64, "u8": u8, "u16": u16, "u32": u32, "u64": u64, "bool": boolean}

# Where element-wise code goes wrong.
SPECIAL = np.array([0.0, -0.0, 1.0, -1.0, 0.5, -0.5, 1.5, 2.5, -2.5, 1e-8, 3.0, 10.0,
                    -10.0, 30.0, -30.0, 88.0, -88.0, 1e-30], np.float32)

CASES = []
NAMES = set()


def ints(*values):
    return np.array(values, np.int64)


def arr(dtype, *values):
    return np.array(values, dtype)


def scalar(value, dtype="float32"):
    return np.array(value, dtype)


def draw(name, value):
    if not isinstance(value, Recipe):
        return value
    seed = zlib.crc32(f"{name}:{value}".encode())
    return value.draw(np.random.default_rng(seed))


def collect(graph, found):
    for node in graph.node:
        found.append((node.domain, node.op_type))
        for attribute in node.attribute:
            for body in [attribute.g, *attribute.graphs]:
                collect(body, found)
    return found


def add(name, op, model, inputs, rtol, atol, core, shape_only):
    if name in NAMES:
        raise ValueError(f"two cases named {name}")
    NAMES.add(name)
    model.ir_version = helper.find_min_ir_version_for(model.opset_import, True)
    if model.functions:
        model.ir_version = max(model.ir_version, 8)
    if model.ir_version < 4:  # then every initialiser is also a graph input
        for stored in model.graph.initializer:
            model.graph.input.append(helper.make_tensor_value_info(
                stored.name, stored.data_type, stored.dims))
    model = onnx.shape_inference.infer_shapes(model, strict_mode=True, data_prop=True)
    for output in model.graph.output:
        if not output.type.HasField("tensor_type"):
            # Operators whose type onnx infers only through their function body;
            # all such cases here keep the type and shape of their first input.
            output.type.CopyFrom(model.graph.input[0].type)
    onnx.checker.check_model(model, full_check=True)
    uses = tuple(sorted(set(collect(model.graph, []))))
    kinds = {onnx.helper.tensor_dtype_to_np_dtype(o.type.tensor_type.elem_type).name
             for o in model.graph.output}
    bounds = [TOLERANCE.get(k, (0.0, 0.0)) for k in kinds]
    CASES.append(Case(name, op, model, inputs,
                      max(b[0] for b in bounds) if rtol is None else rtol,
                      max(b[1] for b in bounds) if atol is None else atol,
                      core, shape_only, uses))


def case(op, variant, opset, inputs, attrs=None, outputs=1, const=(), domain="",
         rtol=None, atol=None, core=True, shape_only=False):
    """One node. `inputs`: arrays, recipes or None (left out); those whose index
    is in `const` become initialisers. `outputs`: a count, or a list with False
    for one that is left out."""
    name = f"{op.lower()}_{opset}_{variant}"
    names, feeds, stored, infos = [], {}, [], []
    for i, value in enumerate(inputs):
        label = f"x{i}"
        names.append("" if value is None else label)
        if value is None:
            continue
        array = draw(f"{name}/{i}", value)
        if i in const:
            stored.append(onnx.numpy_helper.from_array(array, label))
            continue
        feeds[label] = array
        kind = helper.np_dtype_to_tensor_dtype(array.dtype)
        infos.append(helper.make_tensor_value_info(label, kind, array.shape))
    wanted = [True] * outputs if isinstance(outputs, int) else outputs
    results = [f"y{i}" if want else "" for i, want in enumerate(wanted)]
    node = helper.make_node(op, names, results, name=f"the_{op}", domain=domain,
                            **(attrs or {}))
    graph = helper.make_graph([node], name, infos,
                              [onnx.ValueInfoProto(name=r) for r in results if r], stored)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)])
    add(name, op, model, feeds, rtol, atol, core, shape_only)


def text(op, variant, opset, source, inputs, rtol=None, atol=None, core=True,
         shape_only=False, imports=""):
    """A model in ONNX's textual syntax: `graph` and whatever functions follow."""
    name = f"{op.lower()}_{opset}_{variant}"
    model = onnx.parser.parse_model(
        f'<ir_version: 8, opset_import: ["" : {opset}{imports}]>\n{source}')
    feeds = {k: draw(f"{name}/{k}", v) for k, v in inputs.items()}
    add(name, op, model, feeds, rtol, atol, core, shape_only)
