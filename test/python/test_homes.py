"""Results that stay in the scratchpad: what a plan promises, what it saves, and that it changes no value."""
import json
import subprocess

import numpy as np
import onnx
import pytest

import test_oracles


def run(build, *arguments, code=0):
    done = subprocess.run([build / "bin/hybridc", *map(str, arguments)], capture_output=True, text=True)
    assert done.returncode == code, done.stderr
    return done.stdout + done.stderr


@pytest.fixture(scope="module")
def networks():
    test_oracles.networks()
    return test_oracles.BUILD / "test-models" / "networks"


def plain_bytes(path):
    """Bytes of weights, inputs and outputs of a float network, its batch 1."""
    graph = onnx.load(path).graph
    size = lambda dims: 4 * int(np.prod([d or 1 for d in dims]))
    names = {i.name for i in graph.initializer}
    edges = [v for v in [*graph.input, *graph.output] if v.name not in names]
    return (sum(size(i.dims) for i in graph.initializer if i.data_type == onnx.TensorProto.FLOAT),
            sum(size([d.dim_value for d in v.type.tensor_type.shape.dim]) for v in edges))


def test_nothing_else_passes_dram(build, networks, tmp_path):
    """Where activations fit, DRAM sees weights, inputs and outputs: BatchNorms are folded, channels padded to blocks."""
    path = networks / "resnet18.onnx"
    for extra, name in (([], "homes"), (["--no-homes"], "none")):
        run(build, "run", path, "--precision", "exact", "--values", "off", "--report", tmp_path / f"{name}.json", *extra)
    homes, none = (json.loads((tmp_path / f"{n}.json").read_text())["totals"] for n in ("homes", "none"))
    weights, edges = plain_bytes(path)
    moved = homes["dram_read_bytes"] + homes["dram_write_bytes"]
    assert weights * 0.99 <= moved <= (weights + edges) * 1.06, (moved, weights, edges)
    assert none["dram_read_bytes"] + none["dram_write_bytes"] > 1.4 * moved
    assert homes["latency_ns"] < none["latency_ns"] and homes["energy_pj"] < none["energy_pj"]


@pytest.mark.parametrize("name", ["resnet18", "bert_small", "gpt_small", "lstm"])
@pytest.mark.parametrize("target", ["hybrid-edge", "eyeriss"])
def test_values(build, networks, tmp_path, name, target):
    """Large scratchpads and small ones: right values, every conflict ordered."""
    inputs, expected = networks / f"{name}.b1.inputs.npz", np.load(networks / f"{name}.b1.expect.npz")
    run(build, "run", networks / f"{name}.onnx", "--target", target, "--precision", "exact", "--inputs", inputs, "--check-hazards",
        "--outputs", tmp_path / "y.npz")
    outputs = np.load(tmp_path / "y.npz")
    for key in expected.files:
        scale = max(1, np.abs(expected[key]).max())
        assert np.abs(outputs[key] - expected[key]).max() < 1e-4 * scale, key


@pytest.mark.parametrize("target", ["hybrid-edge", "pcm-hermes", "diana", "eyeriss"])
def test_plan(build, networks, tmp_path, target):
    """What the solver saw and answered, checked by itself: capacity at each step, gains, the bound."""
    run(build, "compile", networks / "resnet18.onnx", "--target", target, "--dump-problem", tmp_path / "p.json", "-o", tmp_path / "m.hyb")
    problems = json.loads((tmp_path / "p.json").read_text())
    assert problems
    for p in problems:
        stays = [v for v in p["values"] if v["stays"]]
        for step, reserved in enumerate(p["reserved_bytes"]):
            here = [v["bytes"] for v in stays if v["first"] <= step <= v["last"]]
            assert not here or reserved + sum(here) <= p["capacity_bytes"]
        assert sum(v["gain_bytes"] for v in stays) == pytest.approx(p["gain_bytes"])
        assert p["gain_bytes"] <= p["bound_bytes"] <= 1.01 * p["gain_bytes"] + 1
        # Nothing that would fit beside the others is left out.
        for v in p["values"]:
            if not v["stays"]:
                assert any(p["reserved_bytes"][s] + v["bytes"] +
                           sum(w["bytes"] for w in stays if w["first"] <= s <= w["last"]) > p["capacity_bytes"]
                           for s in range(v["first"], v["last"] + 1)), v


def test_edges_tell(build, networks, tmp_path):
    """The report says which edges stay in the scratchpad."""
    run(build, "run", networks / "resnet18.onnx", "--values", "off", "--report", tmp_path / "r.json")
    edges = json.loads((tmp_path / "r.json").read_text())["edges"]
    inner = [e for e in edges if e["from"] >= 0 and e["to"] >= 0]
    assert sum(e["sram_bytes"] for e in inner) > 0.9 * sum(e["bytes"] for e in inner)
    assert all(e["sram_bytes"] == 0 for e in edges if e["from"] < 0)


def test_dump_is_an_output(build, networks, tmp_path):
    """The planner's problems go where no input or other output is, and are promised only where something is planned."""
    model = tmp_path / "m.onnx"
    model.write_bytes((networks / "lstm.onnx").read_bytes())
    before = model.read_bytes()
    assert "is an input" in run(build, "compile", model, "-o", tmp_path / "m.hyb", "--dump-problem", model, code=2)
    assert model.read_bytes() == before
    assert "written twice" in run(build, "compile", model, "-o", tmp_path / "m.hyb", "--dump-problem", tmp_path / "m.hyb", code=2)
    assert "before layout" in run(build, "compile", model, "--to", "fuse", "--dump-problem", tmp_path / "p.json", code=2)
    assert json.loads(run(build, "compile", model, "-o", tmp_path / "m.hyb", "--dump-problem", "-").split("hybridc:")[0])
