#!/usr/bin/env python3
"""Holds the zoo of zoo.py against onnxruntime.

  zoo_check.py DIR --hybridc PROGRAM [--only NAME]... [--json FILE] [--floors FILE]

Each network compiles for three presets; in `exact` its output is onnxruntime's within 1e-4 of the largest value; in `int8`
(calibrated on its own input) and in `auto` (arrays without noise) the signal-to-quantisation-noise ratio is told, and must
not be below that of --floors, where that names the network. Exit code 1 when anything fails.
"""
import argparse
import json
import math
import pathlib
import subprocess
import sys
import tempfile

import numpy as np
import onnxruntime as ort

PRESETS = ("hybrid-edge", "hybrid-server", "pcm-hermes")
EXACT = 1e-4


def expected(path, inputs):
    options = ort.SessionOptions()
    options.log_severity_level = 3
    options.intra_op_num_threads = 1
    options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_DISABLE_ALL
    return ort.InferenceSession(str(path), options, providers=["CPUExecutionProvider"]).run(["y"], inputs)[0]


def sqnr(got, want):
    want, error = want.astype(np.float64), got.astype(np.float64) - want
    noise = (error ** 2).sum()
    return math.inf if noise == 0 else 10 * math.log10((want ** 2).sum() / noise)


class Failed(Exception):
    pass


class Zoo:
    def __init__(self, hybridc, folder, timeout):
        self.hybridc, self.folder, self.timeout = hybridc, folder, timeout

    def call(self, *arguments):
        try:
            done = subprocess.run([self.hybridc, *map(str, arguments)], capture_output=True, text=True, timeout=self.timeout)
        except subprocess.TimeoutExpired:
            raise Failed(f"{arguments[0]}: no end after {self.timeout} s")
        if done.returncode:
            said = done.stderr.strip().splitlines() or ["nothing"]
            raise Failed(f"{arguments[0]} {' '.join(a for a in map(str, arguments) if a.startswith('-'))}: "
                         f"exit {done.returncode}: {[l for l in said if 'error' in l or l == said[-1]][0]}")

    def output(self, model, inputs, *flags):
        result = self.folder / "y.npz"
        self.call("run", model, "--inputs", inputs, "--noise", "off", "--outputs", result, *flags)
        return np.load(result)["y"]

    def check(self, model):
        """{what: figure}, or Failed"""
        inputs = model.with_suffix(".npz")
        given = dict(np.load(inputs))
        want = expected(model, given)
        row = {}
        got = self.output(model, inputs, "--precision", "exact")
        row["exact"] = float(np.abs(got - want).max() / max(np.abs(want).max(), 1e-30))
        if not row["exact"] <= EXACT:
            raise Failed(f"exact: {row['exact']:.1e} of the largest output, more than {EXACT:g}")
        for precision in ("int8", "auto"):
            got = self.output(model, inputs, "--precision", precision, "--calibrate", inputs)
            row[precision] = sqnr(got, want)
            if not math.isfinite(float(np.abs(got).max())):
                raise Failed(f"{precision}: not finite")
        for preset in PRESETS[1:]:
            self.call("compile", model, "--target", preset, "-o", self.folder / "p.hyb")
        return row


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--hybridc", required=True)
    parser.add_argument("--only", action="append")
    parser.add_argument("--json", type=pathlib.Path)
    parser.add_argument("--floors", type=pathlib.Path)
    parser.add_argument("--timeout", type=float, default=600)
    options = parser.parse_args()
    floors = json.loads(options.floors.read_text()) if options.floors else {}
    rows, failed = {}, 0
    with tempfile.TemporaryDirectory() as folder:
        zoo = Zoo(options.hybridc, pathlib.Path(folder), options.timeout)
        for model in sorted(options.folder.glob("*.onnx")):
            name = model.stem
            if options.only and name not in options.only:
                continue
            try:
                row = zoo.check(model)
                for precision, least in floors.get(name, {}).items():
                    if row[precision] < least:
                        raise Failed(f"{precision}: {row[precision]:.1f} dB, less than {least}")
                rows[name] = row
                print(f"{name:30} exact {row['exact']:.1e}  int8 {row['int8']:5.1f} dB  auto {row['auto']:5.1f} dB", flush=True)
            except Failed as why:
                failed += 1
                rows[name] = {"failed": str(why)}
                print(f"{name:30} FAILED {why}", flush=True)
    if options.json:
        options.json.write_text(json.dumps(rows, indent=1))
    print(f"{len(rows) - failed} networks fine, {failed} failed")
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main())
