"""Sequences inside of a model: random programs of the ops on them against onnxruntime, and what is refused."""
import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import TensorProto, helper, numpy_helper


class Program:
    """A chain of ops on one sequence, which a list mirrors; every tensor is [rows, 3]."""

    def __init__(self, seed):
        self.rng = np.random.default_rng(seed)
        self.nodes, self.constants, self.held = [], [], 0

    def constant(self, value):
        name = f"c{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(np.asarray(value, np.int64), name))
        return name

    def node(self, op, *inputs, **attributes):
        name = f"v{len(self.nodes)}"
        self.nodes.append(helper.make_node(op, inputs, [name], name=f"{op}_{len(self.nodes)}", **attributes))
        return name

    def start(self):
        kind = self.rng.integers(5)
        if kind == 0:
            return self.node("SequenceEmpty")
        if kind == 1:
            self.held = 2
            return self.node("SequenceConstruct", "x", "y")
        how = [self.constant([1, 2, 3]), self.constant(4), None][kind - 2]
        self.held = 3 if kind == 2 else 2 if kind == 3 else 6
        return self.node("SplitToSequence", "x", *([how] if how else []), axis=0)

    def position(self, end):
        return self.constant(self.rng.integers(-self.held, end))

    def step(self, sequence):
        kind = self.rng.integers(4)
        if kind == 0 and self.held > 1:
            given = [self.position(self.held)] if self.rng.random() < .7 else []
            self.held -= 1
            return self.node("SequenceErase", sequence, *given)
        if kind == 1:
            return self.node("Identity", sequence)
        if kind == 2 and self.held:
            taken = self.node("SequenceAt", sequence, self.position(self.held))
            self.held += 1
            return self.node("SequenceInsert", sequence, self.node("Neg", taken))
        given = [self.position(self.held + 1)] if self.rng.random() < .7 else []
        self.held += 1
        return self.node("SequenceInsert", sequence, str(self.rng.choice(["x", "y"])), *given)

    def model(self):
        sequence = self.start()
        for _ in range(self.rng.integers(1, 7)):
            sequence = self.step(sequence)
        outputs = [self.node("ConcatFromSequence", sequence, axis=int(self.rng.choice([0, -2]))),
                   self.node("SequenceLength", sequence)]
        return model_of(self.nodes, outputs, self.constants)


def model_of(nodes, outputs, constants=(), inputs=("x", "y"), opset=17, kinds=None):
    infos = [helper.make_tensor_value_info(name, TensorProto.FLOAT, [6 if name == "x" else 2, 3]) for name in inputs]
    outs = [onnx.ValueInfoProto(name=name) for name in outputs] if kinds is None else kinds
    return helper.make_model(helper.make_graph(nodes, "g", infos, outs, list(constants)),
                             opset_imports=[helper.make_opsetid("", opset)], ir_version=8)


def agrees(model, tool, tmp_path):
    rng = np.random.default_rng(3)
    feeds = {v.name: rng.standard_normal([d.dim_value for d in v.type.tensor_type.shape.dim]).astype("f4")
             for v in model.graph.input}
    want = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"]).run(None, feeds)
    onnx.save(model, tmp_path / "m.onnx")
    np.savez(tmp_path / "x.npz", **feeds)
    tool("hybridc", "run", tmp_path / "m.onnx", "--precision", "exact", "--inputs", tmp_path / "x.npz", "--outputs",
         tmp_path / "y.npz")
    got = np.load(tmp_path / "y.npz")
    for output, value in zip(model.graph.output, want):
        assert got[output.name].dtype == value.dtype
        np.testing.assert_array_equal(got[output.name], value)


@pytest.mark.parametrize("seed", range(25))
def test_random_programs(seed, tool, tmp_path):
    agrees(Program(seed).model(), tool, tmp_path)


@pytest.mark.parametrize("axis", [0, 1, -1])
def test_new_axis_and_dropped_axis(axis, tool, tmp_path):
    nodes = [helper.make_node("SplitToSequence", ["x"], ["s"], axis=1, keepdims=0),
             helper.make_node("ConcatFromSequence", ["s"], ["z"], axis=axis, new_axis=1)]
    agrees(model_of(nodes, ["z"]), tool, tmp_path)


def test_map(tool, tmp_path):
    """The body of SequenceMap once for each tensor; what is no sequence is the same each time."""
    body = helper.make_graph([helper.make_node("Mul", ["a", "b"], ["ab"]), helper.make_node("Add", ["ab", "y0"], ["o"])],
                             "body", [helper.make_tensor_value_info(n, TensorProto.FLOAT, None) for n in "ab"],
                             [helper.make_tensor_value_info("o", TensorProto.FLOAT, None)])
    nodes = [helper.make_node("SplitToSequence", ["x"], ["s"], axis=0),
             helper.make_node("ReduceMax", ["y"], ["y0"], axes=[0], keepdims=1),
             helper.make_node("SequenceMap", ["s", "y0"], ["t"], body=body),
             helper.make_node("ConcatFromSequence", ["t"], ["z"], axis=0)]
    agrees(model_of(nodes, ["z"]), tool, tmp_path)


def test_branches_and_functions_pass_sequences_on(tool, tmp_path):
    kind = helper.make_tensor_sequence_value_info("t", TensorProto.FLOAT, None)
    branch = [helper.make_graph([helper.make_node(op, ["s", *more], ["t"])], op, [], [kind])
              for op, more in (("SequenceInsert", ["y"]), ("Identity", []))]
    last = helper.make_function("own", "Last", ["a"], ["b", "c"], [
        helper.make_node("SequenceErase", ["a"], ["b"]), helper.make_node("SequenceLength", ["a"], ["c"])],
        [helper.make_opsetid("", 17)])
    nodes = [helper.make_node("SequenceConstruct", ["x", "y"], ["s"]),
             helper.make_node("If", ["yes"], ["t"], then_branch=branch[0], else_branch=branch[1]),
             helper.make_node("Last", ["t"], ["u", "n"], domain="own"),
             helper.make_node("ConcatFromSequence", ["u"], ["z"], axis=0)]
    model = model_of(nodes, ["z", "n"], [numpy_helper.from_array(np.array(True), "yes")])
    model.functions.append(last)
    model.opset_import.append(helper.make_opsetid("own", 1))
    agrees(model, tool, tmp_path)


def loop_of(turns):
    """What exporters make of a list that is filled in a loop: the rows of x, each times its number, and their sum."""
    seq = lambda name: helper.make_tensor_sequence_value_info(name, TensorProto.FLOAT, None)
    body = helper.make_graph(
        [helper.make_node("Gather", ["x", "i"], ["row"], axis=0), helper.make_node("Cast", ["i"], ["k"], to=1),
         helper.make_node("Mul", ["row", "k"], ["scaled"]), helper.make_node("Add", ["sum", "scaled"], ["total"]),
         helper.make_node("SequenceInsert", ["list", "scaled"], ["longer"]), helper.make_node("Identity", ["go"], ["on"])],
        "body", [helper.make_tensor_value_info("i", TensorProto.INT64, []), helper.make_tensor_value_info("go", TensorProto.BOOL, []),
                 seq("list"), helper.make_tensor_value_info("sum", TensorProto.FLOAT, [3])],
        [helper.make_tensor_value_info("on", TensorProto.BOOL, []), seq("longer"),
         helper.make_tensor_value_info("total", TensorProto.FLOAT, [3])])
    constants = [numpy_helper.from_array(np.int64(turns or 0), "turns"), numpy_helper.from_array(np.zeros(3, "f4"), "zero"),
                 numpy_helper.from_array(np.array(True), "true")]
    nodes = [helper.make_node("SequenceEmpty", [], ["e"])]
    if turns is None:
        nodes += [helper.make_node("Cast", ["y"], ["yi"], to=7), helper.make_node("ReduceMax", ["yi"], ["run"], keepdims=0)]
    nodes += [helper.make_node("Loop", ["run" if turns is None else "turns", "true", "e", "zero"], ["s", "t"], body=body, name="at"),
              helper.make_node("ConcatFromSequence", ["s"], ["z"], axis=0, new_axis=1)]
    return model_of(nodes, ["z", "t"], constants)


@pytest.mark.parametrize("turns", [1, 6])
def test_loop_that_fills_a_list(turns, tool, tmp_path):
    agrees(loop_of(turns), tool, tmp_path)


@pytest.mark.parametrize("turns", [None, 1000])
def test_loop_of_unknown_length_is_refused(turns, tool, tmp_path):
    onnx.save(loop_of(turns), tmp_path / "m.onnx")
    done = tool("hybridc", "compile", tmp_path / "m.onnx", "-o", tmp_path / "p.hyb", expect=4)
    assert "node 'at' (Loop)" in done.stderr and "sequence" in done.stderr


@pytest.mark.parametrize("what, exit", [("position", 4), ("outside", 3), ("output", 4), ("tensor", 4), ("empty", 3)])
def test_refused(what, exit, tool, tmp_path):
    constants = [numpy_helper.from_array(np.int64(5), "five")]
    nodes = [helper.make_node("SequenceConstruct", ["x", "y"], ["s"], name="make")]
    nodes += {"position": [helper.make_node("Cast", ["x"], ["i"], to=7), helper.make_node("ReduceMax", ["i"], ["p"], keepdims=0),
                           helper.make_node("SequenceAt", ["s", "p"], ["z"], name="at")],
              "outside": [helper.make_node("SequenceAt", ["s", "five"], ["z"], name="at")],
              "output": [helper.make_node("Identity", ["s"], ["z"])],
              "tensor": [helper.make_node("SequenceLength", ["x"], ["z"], name="at")],
              "empty": [helper.make_node("SequenceEmpty", [], ["e"]),
                        helper.make_node("ConcatFromSequence", ["e"], ["z"], axis=0, name="at")]}[what]
    kinds = None
    if what == "output":
        kinds = [helper.make_tensor_sequence_value_info("z", TensorProto.FLOAT, None)]
    onnx.save(model_of(nodes, ["z"], constants, kinds=kinds), tmp_path / "m.onnx")
    done = tool("hybridc", "compile", tmp_path / "m.onnx", "-o", tmp_path / "p.hyb", expect=None)
    if what == "tensor":  # ONNX's own type check comes first
        assert done.returncode in (3, 4)
    else:
        assert done.returncode == exit, done.stderr
    assert "sequence" in done.stderr or "position" in done.stderr
    assert "'at'" in done.stderr or what in ("output", "tensor")
    assert not (tmp_path / "p.hyb").exists()
