"""examples/training: a layer learned on an array by commands, against NumPy and against `characterize`."""
import importlib.util
import pathlib
import re
import subprocess
import sys

import numpy as np
import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
spec = importlib.util.spec_from_file_location("train", ROOT / "examples" / "training" / "train.py")
train = importlib.util.module_from_spec(spec)
spec.loader.exec_module(train)


@pytest.fixture(scope="module")
def regression(tmp_path_factory):
    out = tmp_path_factory.mktemp("training")
    goal, x, t = train.data()
    inputs = out / "data.npz"
    np.savez(inputs, x=x, t=t)
    return out, goal, x, t, inputs


def test_exact_is_numpy(regression, build):
    out, _, x, t, _ = regression
    rates = np.linspace(0.02, 0.002, 20).astype(np.float32)
    for name, steps in (("linear.mlir", [train.LR] * 20), ("linear_loop.mlir", rates)):
        inputs = out / "exact.npz"
        np.savez(inputs, x=x, t=t, **({"lr": rates} if "loop" in name else {}))
        got, _ = train.run(build / "bin" / "hybridc", train.ideal(ROOT / "examples/training" / name, out), inputs, out)
        w, g = train.sgd(x, t, steps)
        off = np.abs(got["w"] - w).max()
        print(f"{name}: largest difference from NumPy {off:.2e} (bound 2e-6)")
        assert off < 2e-6
        if "g" in got:
            off = np.abs(got["g"] - g).max()
            print(f"{name}: backwards {off:.2e} (bound 2e-6)")
            assert off < 2e-6 and np.abs(g).max() > 0


def test_cells_learn_as_characterized(regression, build, tool):
    """The same regression as `characterize --what regression` runs on the same device and periphery."""
    out, goal, x, t, inputs = regression
    hybridc = build / "bin" / "hybridc"
    csv = out / "regression.csv"
    tool("hybridc", "characterize", "ecram-li", "--what", "regression", "--csv", csv)
    rows = [line.split(",") for line in csv.read_text().splitlines()]
    column = {name: i for i, name in enumerate(rows[0])}
    known = [float(row[column["rel_w_err"]]) for row in rows[1:] if int(row[column["epoch"]]) == 20]
    errors = []
    for seed in range(3):
        got, report = train.run(hybridc, ROOT / "examples/training/linear.mlir", inputs, out, "--seed", str(seed))
        errors.append(train.error(got["w"], goal))
        tile = report["arrays"]["tiles"][0]
        assert tile["updates"] == 20000 and 0 < tile["most_update_pulses"] < tile["update_pulses"]
    mean, reference = np.mean(errors), np.mean(known)
    print(f"‖W − W*‖/‖W*‖ after 20 epochs: commands {mean:.4f} ± {np.std(errors):.4f}, characterize {reference:.4f} "
          f"± {np.std(known):.4f} (bound 15 %)")
    assert len(known) >= 3 and abs(mean / reference - 1) < 0.15
    # Without noise only the converters are in the way.
    got, _ = train.run(hybridc, ROOT / "examples/training/linear.mlir", inputs, out, "--noise", "off")
    quiet = train.error(got["w"], goal)
    print(f"without noise {quiet:.4f} (bound 0.02)")
    assert 0 < quiet < 0.02


@pytest.fixture(scope="module")
def printed(tmp_path_factory, build):
    text = subprocess.run([sys.executable, ROOT / "examples/training/train.py", build / "bin" / "hybridc",
                           tmp_path_factory.mktemp("example")], check=True, capture_output=True, text=True).stdout
    print(text)
    return text


def test_the_example_prints_what_it_says(printed):
    for name in ("linear.mlir", "linear_loop.mlir"):
        rows = re.findall(rf"^{name}\s+(\w+)[^\n]*?\s(\d\.\d{{4}})", printed, re.M)
        assert [row[0] for row in rows] == ["NumPy", "exact", "converters", "cells", "cells"]
        assert float(rows[0][1]) == pytest.approx(float(rows[1][1]), abs=1e-3)
        assert 0.03 < float(rows[3][1]) < 0.15


def test_an_algorithm_is_a_program(printed, tmp_path, tool):
    """Tiki-Taka by commands, beside plain pulses and beside `characterize`, on rram-sb without write noise."""
    plain, transferred = ([float(v) for v in re.search(rf"{name} +from W\*: (.*)", printed)[1].split()]
                          for name in ("pulses into W", "Tiki-Taka"))
    csv = tmp_path / "tiki_taka.csv"
    tool("hybridc", "characterize", "rram-sb", "--what", "regression", "--algorithm", "tiki-taka", "--set",
         "write_noise=0", "--lr", "0.1", "--epochs", "40", "--samples", "960", "--csv", csv)
    known = [float(line.split(",")[-1]) for line in csv.read_text().splitlines()[1:] if line.split(",")[3] == "40"]
    mean, reference = np.mean(transferred), np.mean(known)
    print(f"‖W − W*‖/‖W*‖: pulses into W {np.mean(plain):.3f}, Tiki-Taka {mean:.3f}; characterize {reference:.3f} ± "
          f"{np.std(known):.3f} (bound: within a half of it)")
    assert 0.5 < mean / reference < 1.5
    assert np.mean(plain) > 2 * mean
