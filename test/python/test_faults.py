"""Faults of whole programs against NumPy, which holds every cell of every array itself."""
import numpy as np
import pytest
import yaml

ROWS, COLS, ARRAYS = 5, 6, 6

TARGET = f"""
name: cells
clock_ghz: 1
dram: {{bytes: 1048576, bandwidth_gb_s: 10}}
sram: {{bytes: 262144, bytes_per_cycle: 64}}
dma: {{bytes_per_cycle: 32}}
vec: {{lanes: 16}}
mac: {{rows: 8, cols: 8, rate: {{f32: 1}}}}
arrays:
  - name: cells
    device: ideal
    count: {ARRAYS}
    rows: {ROWS}
    cols: {COLS}
    spare_columns: 2
    mvm_ns: 100
    periphery: {{in_res: 0, out_res: 0, out_bound: 0, out_noise: 0}}
"""


def literal(model, name):
    body = model.split(name)[1].split("{")[1].split("}")[0]
    return np.array([float(v) for v in body.split(",")])


def random_map(random):
    arrays = []
    for number in range(ARRAYS):
        cells = random.permutation(ROWS * (COLS + 2))[: random.integers(0, 8)]
        arrays.append({
            "kind": "cells", "array": number,
            "dead_rows": [int(v) for v in random.permutation(ROWS)[: random.integers(0, 2)]],
            "dead_columns": [int(v) for v in random.permutation(COLS + 2)[: random.integers(0, 2)]],
            "stuck": [{"row": int(c) // (COLS + 2), "column": int(c) % (COLS + 2),
                       "side": str(random.choice(["positive", "negative"])),
                       "at": str(random.choice(["min", "max"]))} for c in cells],
        })
    return {"arrays": arrays}


def held(w, scale, faults):
    """What a tile's pairs of cells hold, placed row k at row k and column n at column n."""
    r = w / scale
    plus, minus = np.maximum(r, 0), np.maximum(-r, 0)
    for cell in faults["stuck"]:
        k, n = cell["row"], cell["column"]
        if k < w.shape[0] and n < w.shape[1]:
            (plus if cell["side"] == "positive" else minus)[k, n] = cell["at"] == "max"
    out = (plus - minus) * scale
    out[[k for k in faults["dead_rows"] if k < w.shape[0]], :] = 0
    out[:, [n for n in faults["dead_columns"] if n < w.shape[1]]] = 0
    return out


@pytest.mark.parametrize("seed", range(6))
def test_faults_of_a_program(seed, root, tool, tmp_path):
    random = np.random.default_rng(seed)
    model = root / "test/Driver/Inputs/two_layers.onnxtxt"
    text = model.read_text()
    w1, w2 = literal(text, " w1 =").reshape(8, 4), literal(text, " w2 =").reshape(4, 3)
    faults = random_map(random)
    target, chart = tmp_path / "cells.yaml", tmp_path / "map.yaml"
    target.write_text(TARGET)
    chart.write_text(yaml.safe_dump(faults))
    x = random.standard_normal((5, 8)).astype(np.float32)
    np.savez(tmp_path / "x.npz", x=x)

    def run(*options):
        tool("hybridc", "run", model, "--target", target, "--precision", "analog", "--noise", "off",
             "--inputs", tmp_path / "x.npz", "--outputs", tmp_path / "y.npz", *options)
        return np.load(tmp_path / "y.npz")["y"].astype(np.float64)

    def network(first, second):
        return np.maximum(x.astype(np.float64) @ first, 0) @ second

    # As numbered: rows 0-4 and 5-7 of the first layer on arrays 0 and 1, the second layer on array 2.
    a = faults["arrays"]
    cut = [w1[:ROWS], w1[ROWS:]]
    first = np.vstack([held(part, np.abs(part).max(0), a[i]) for i, part in enumerate(cut)])
    second = held(w2, np.abs(w2).max(0), a[2])
    got = run("--faults", chart, "--fault-mapping", "none")
    error = np.abs(got - network(first, second)).max()
    print(f"unmapped: largest difference to NumPy {error:.2e} (bound 1e-4)")
    assert error < 1e-4

    # Mapped around them there is less error than without; and without faults none.
    clean = network(w1, w2)
    assert np.abs(run("--faults", "none") - clean).max() < 1e-4
    mapped = run("--faults", chart)
    before, after = np.linalg.norm(got - clean), np.linalg.norm(mapped - clean)
    print(f"error of the outputs: {before:.3g} unmapped, {after:.3g} mapped")
    assert after <= before * 0.1 + 1e-4
