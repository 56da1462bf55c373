"""Many outputs that are moved rather than computed: each is written where it belongs."""
import numpy as np
import onnx
import pytest

from cases import model, node, value


@pytest.mark.parametrize("count", [30, 47, 60, 100])
def test_many_moved_outputs(tool, tmp_path, count):
    nodes = [node("Add", f"x c{i}", f"r{i}") for i in range(count)]
    nodes += [node("Concat", f"r{i} x", f"y{i}", axis=i % 2) for i in range(count)]
    onnx.save(model(nodes, [value("x", [2, 4])],
                    [value(f"y{i}", [2, 8] if i % 2 else [4, 4]) for i in range(count)],
                    {f"c{i}": np.float32(i) for i in range(count)}), tmp_path / "m.onnx")
    x = np.arange(1, 9, dtype=np.float32).reshape(2, 4)
    np.savez(tmp_path / "x.npz", x=x)
    tool("hybridc", "run", tmp_path / "m.onnx", "--precision", "exact", "--inputs", tmp_path / "x.npz", "--outputs",
         tmp_path / "y.npz")
    got = np.load(tmp_path / "y.npz")
    for i in range(count):
        assert (got[f"y{i}"] == np.concatenate([x + i, x], i % 2)).all()
