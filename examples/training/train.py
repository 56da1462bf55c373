#!/usr/bin/env python3
"""train.py HYBRIDC [OUT_DIR]: a linear layer learned in place on training arrays, beside NumPy.

Makes the data of a linear regression, runs linear.mlir and linear_loop.mlir on it (exact, with converters alone, with the
physics of the cells) and prints how far the weights are from those that made the data, and from NumPy's after the same steps.
Then the same layer on RRAM, whose steps up and down differ: pulsed into its weights, and by the programs tiki_taka.mlir and
ttv2.mlir.
"""
import json
import pathlib
import re
import subprocess
import sys

import numpy as np

HERE = pathlib.Path(__file__).resolve().parent
EPOCHS, BATCH, LR = 20, 10, 0.01


def data(seed=0, samples=1000):
    """W* ~ U(±0.4), x ~ U(±1), t = x·W*."""
    draw = np.random.default_rng(seed)
    goal = draw.uniform(-0.4, 0.4, (32, 8)).astype(np.float32)
    x = draw.uniform(-1, 1, (samples, 32)).astype(np.float32)
    return goal, x, x @ goal


def sgd(x, t, rates):
    """Plain mini-batch gradient descent in float32, W and the last batch's error times Wᵀ before its update."""
    w, g = np.zeros((32, 8), np.float32), None
    for rate in rates:
        for first in range(0, len(x), BATCH):
            xs = x[first:first + BATCH]
            d = xs @ w - t[first:first + BATCH]
            g = d @ w.T
            w -= np.float32(rate) * (xs.T @ d)
    return w, g


def ideal(source, out):
    """The same program with exact arithmetic on the arrays."""
    path = out / f"ideal_{source.name}"
    path.write_text(re.sub(r"(n_offsets = (array<i64: 0>|0 : i64))(?!, ideal)", r"\1, ideal = 1 : i64", source.read_text()))
    return path


def rram(hybridc, out):
    """hybrid-edge with another device in its training arrays: rram-sb without write noise, cells referred to their symmetry point."""
    text = subprocess.run([hybridc, "targets", "show", "hybrid-edge"], check=True, capture_output=True, text=True).stdout
    path = out / "rram.yaml"
    path.write_text(text.replace("device: ecram-li", "device: rram-sb\n"
                                 "    device_params: {write_noise: 0, subtract_symmetry_point: 1}"))
    return path


# Programs on RRAM, with how many samples each learns from.
ALGORITHMS = {"plain.mlir": ("pulses into W", 1000), "tiki_taka.mlir": ("Tiki-Taka", 40 * 960), "ttv2.mlir": ("TTv2", 20 * 960)}


def learn(hybridc, name, out, seed, target):
    """The error of one of ALGORITHMS on a task and cells of the seed's own."""
    out.mkdir(parents=True, exist_ok=True)
    program, inputs = HERE / name, out / "inputs.npz"
    if name == "plain.mlir":  # linear.mlir, longer and faster
        program = out / name
        program.write_text((HERE / "linear.mlir").read_text().replace("tile.loop 20", "tile.loop 40")
                           .replace("learning_rate = 0.01", "learning_rate = 0.1"))
    goal, x, t = data(seed, ALGORITHMS[name][1])
    np.savez(inputs, x=x, t=t, **({} if name == "plain.mlir" else {"rows": np.eye(32, dtype=np.float32)}))
    return error(run(hybridc, program, inputs, out, "--target", target, "--seed", str(seed))[0]["w"], goal)


def run(hybridc, program, inputs, out, *options):
    report, learned = out / "report.json", out / "learned.npz"
    subprocess.run([hybridc, "run", program, "--inputs", inputs, "--outputs", learned, "--report", report,
                    *options], check=True, stdout=subprocess.DEVNULL)
    return dict(np.load(learned)), json.loads(report.read_text())


def main():
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    hybridc = sys.argv[1]
    out = pathlib.Path(sys.argv[2] if len(sys.argv) == 3 else ".")
    out.mkdir(parents=True, exist_ok=True)
    goal, x, t = data()
    falling = np.linspace(2 * LR, 0.2 * LR, EPOCHS).astype(np.float32)
    print(f"{'program':16} {'arithmetic':14} {'from W*':>8} {'from NumPy':>11} {'time':>8} {'energy':>8} {'runs left':>10}")
    for name, rates in (("linear.mlir", [LR] * EPOCHS), ("linear_loop.mlir", falling)):
        inputs = out / f"{name}.npz"
        np.savez(inputs, x=x, t=t, **({"lr": falling} if "loop" in name else {}))
        want, _ = sgd(x, t, rates)
        source = HERE / name
        print(f"{name:16} {'NumPy':14} {error(want, goal):8.4f}")
        for label, program, options in (("exact", ideal(source, out), []), ("converters", source, ["--noise", "off"]),
                                        ("cells, seed 0", source, []), ("cells, seed 1", source, ["--seed", "1"])):
            got, report = run(hybridc, program, inputs, out, *options)
            left = report["arrays"]["tiles"][0]["runs_left"]
            print(f"{name:16} {label:14} {error(got['w'], goal):8.4f} {error(got['w'], want):11.2e} "
                  f"{report['totals']['latency_ns'] / 1e6:5.2f} ms {report['totals']['energy_pj'] / 1e9:5.2f} mJ "
                  f"{f'{left:.3g}' if left else '-':>10}")
    target = rram(hybridc, out)
    for name, (label, _) in ALGORITHMS.items():
        errors = [learn(hybridc, name, out, seed, target) for seed in range(2)]
        print(f"rram-sb without write noise, {label:14} from W*: {' '.join(f'{e:.3f}' for e in errors)}")


def error(w, goal):
    return float(np.linalg.norm(w - goal) / np.linalg.norm(goal))


if __name__ == "__main__":
    main()
