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


NO_WRITE_NOISE = ["--set", "write_noise=0"]


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


def test_cells_learn(regression, build):
    out, goal, x, t, inputs = regression
    hybridc = build / "bin" / "hybridc"
    errors = []
    for seed in range(3):
        got, report = train.run(hybridc, ROOT / "examples/training/linear.mlir", inputs, out, "--seed", str(seed))
        errors.append(train.error(got["w"], goal))
        tile = report["arrays"]["tiles"][0]
        assert tile["updates"] == 20000 and 0 < tile["most_update_pulses"] < tile["update_pulses"]
    assert 0.05 < np.mean(errors) < 0.09
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


def test_algorithms_are_programs(printed):
    plain, taken, buffered = ([float(v) for v in re.search(rf"{name} +from W\*: (.*)", printed)[1].split()]
                              for name in ("pulses into W", "Tiki-Taka", "TTv2"))
    assert np.mean(plain) > 2 * np.mean(taken) and np.mean(taken) > np.mean(buffered)


# A program, the device and the fields by which `characterize` does the same, and that program's samples.
SAME = {
    "linear.mlir": ("ecram-li", ["--lr", "0.01"], 20 * 1000),
    "plain.mlir": ("rram-sb", ["--lr", "0.1", "--epochs", "40", *NO_WRITE_NOISE, "--set", "subtract_symmetry_point=1"], 40 * 1000),
    "tiki_taka.mlir": ("rram-sb", ["--lr", "0.1", "--epochs", "40", "--samples", "960", *NO_WRITE_NOISE, "--algorithm", "tiki-taka"],
                       40 * 960),
    "slow.mlir": ("rram-sb", ["--lr", "0.1", "--epochs", "40", "--samples", "960", *NO_WRITE_NOISE, "--algorithm", "tiki-taka",
                              "--set", "fast_lr=0.1"], 40 * 960),
    "ttv2.mlir": ("rram-sb", ["--lr", "0.1", "--batch", "8", "--samples", "960", *NO_WRITE_NOISE, "--algorithm", "ttv2", "--set",
                              "auto_scale=0", "--set", "fast_lr=0.1", "--set", "auto_granularity=200"], 20 * 960),
}


@pytest.mark.parametrize("name", SAME)
def test_commands_learn_as_characterized(name, build, tool, tmp_path):
    """Tasks and cells of five seeds each: the same mechanism, behind commands and behind an algorithm's fields."""
    hybridc, seeds = build / "bin" / "hybridc", 5
    device, options, samples = SAME[name]
    csv = tmp_path / "regression.csv"
    tool("hybridc", "characterize", device, "--what", "regression", "--seeds", str(seeds), *options, "--csv", csv)
    rows = [line.split(",") for line in csv.read_text().splitlines()]
    column = {word: i for i, word in enumerate(rows[0])}
    last = max(int(row[column["epoch"]]) for row in rows[1:])
    known = [float(row[column["rel_w_err"]]) for row in rows[1:] if int(row[column["epoch"]]) == last]
    program, target = tmp_path / name, train.rram(hybridc, tmp_path)
    source = {"plain.mlir": "linear.mlir", "slow.mlir": "tiki_taka.mlir"}.get(name, name)
    text = (ROOT / "examples/training" / source).read_text()
    if source == "linear.mlir":  # new samples in every epoch, as there
        text = (text.replace("[1000, ", f"[{samples}, ").replace("[%i : [320]]", "[%epoch, %i : [32000, 320]]")
                .replace("[%i : [80]]", "[%epoch, %i : [8000, 80]]"))
    if name == "plain.mlir":
        text = text.replace("tile.loop 20", "tile.loop 40").replace("learning_rate = 0.01", "learning_rate = 0.1")
    if name == "slow.mlir":
        text = text.replace("learning_rate = 1.0", "learning_rate = 0.1")
    program.write_text(text)
    errors = []
    for seed in range(seeds):
        goal, x, t = train.data(seed, samples)
        np.savez(tmp_path / "inputs.npz", x=x, t=t, **({"rows": np.eye(32, dtype=np.float32)} if "%rows" in text else {}))
        got, _ = train.run(hybridc, program, tmp_path / "inputs.npz", tmp_path, "--seed", str(seed),
                           *([] if device == "ecram-li" else ["--target", target]))
        errors.append(train.error(got["w"], goal))
    mean, reference = np.mean(errors), np.mean(known)
    deviation = np.sqrt((np.var(errors, ddof=1) + np.var(known, ddof=1)) / seeds)
    bound = max(3 * deviation, 0.05 * reference)
    print(f"{name}: ‖W − W*‖/‖W*‖ by commands {mean:.4f}, characterize {reference:.4f}, difference {mean - reference:+.4f} "
          f"(bound {bound:.4f}: three standard errors or 5 %)")
    assert len(known) == seeds and abs(mean - reference) < bound
