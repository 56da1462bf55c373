#!/usr/bin/env python3
"""Holds hybridc against the expectations that ops.py and expect.py wrote.

  check.py DIR [--hybridc PATH] [--only SUBSTRING]... [--all] [--jobs 2]
           [--keep DIR] [--json FILE] [--verbose]

For each NAME[.bK].inputs.npz with its expect.npz it runs
  hybridc compile NAME.onnx --precision exact [--dim N=K] -o …
  hybridc run … --noise off --inputs … --outputs …
and compares every output itself: type, shape, values within the case's
tolerance (ops.py's manifest: rtol and atol per element; whole models: 1e-4 of
the output's largest magnitude, `light` 1e-3). Each case ends as pass,
unsupported (exit 4), compile-fail, run-fail, mismatch, crash or timeout.

Exit code 1 if a core case (--all: any case) does not pass. Needs numpy only.
"""
import argparse
import collections
import concurrent.futures
import dataclasses
import json
import pathlib
import re
import subprocess
import sys
import tempfile

import numpy as np

ROOT = pathlib.Path(__file__).resolve().parents[2]


@dataclasses.dataclass
class Case:
    name: str
    model: pathlib.Path
    inputs: pathlib.Path
    rtol: float | None  # of each element; None: `share` of the largest magnitude
    atol: float
    share: float
    batch: int | None
    core: bool


def cases_of(folder):
    manifest = folder / "manifest.json"
    if manifest.exists():
        for entry in json.loads(manifest.read_text())["cases"]:
            name = entry["name"]
            yield Case(name, folder / f"{name}.onnx", folder / f"{name}.inputs.npz",
                       entry["rtol"], entry["atol"], 0, None, entry["core"])
    for inputs in sorted(folder.glob("*.b*.inputs.npz")):
        name, batch = re.match(r"(.*)\.b(\d+)\.inputs\.npz$", inputs.name).groups()
        light = name.startswith("light_")
        yield Case(f"{name}.b{batch}", folder / f"{name}.onnx", inputs, None, 0,
                   1e-3 if light else 1e-4, None if light else int(batch), True)


def difference(case, got, want):
    """How the outputs differ, or None."""
    if sorted(got) != sorted(want):
        return f"outputs {sorted(got)}, expected {sorted(want)}"
    for name, right in want.items():
        left = got[name]
        if left.dtype != right.dtype or left.shape != right.shape:
            return (f"{name}: {left.dtype}{list(left.shape)}, expected "
                    f"{right.dtype}{list(right.shape)}")
        if right.dtype.kind != "f":
            if not np.array_equal(left, right):
                return f"{name}: {np.sum(left != right)} of {right.size} values differ"
            continue
        a, b = left.astype(np.float64), right.astype(np.float64)
        rtol, atol = case.rtol, case.atol
        if rtol is None:
            rtol, atol = 0, case.share * np.abs(b).max(initial=0)
        close = np.isclose(a, b, rtol, atol, equal_nan=True)
        if not close.all():
            worst = np.nanmax(np.abs(a - b)[~close]) if np.isfinite(a - b)[~close].any() else np.nan
            return f"{name}: {np.sum(~close)} of {b.size} values off, by up to {worst:.3g}"
    return None


def call(command, seconds):
    """(kind of failure or None, exit code, last words)"""
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True,
                              timeout=seconds)
    except subprocess.TimeoutExpired:
        return "timeout", None, f"more than {seconds} s"
    said = done.stderr.decode(errors="replace").strip()
    if done.returncode < 0 or done.returncode == 70:
        return "crash", done.returncode, said[-400:] or f"signal {-done.returncode}"
    if done.returncode:
        return "fail", done.returncode, said[-400:]
    return None, 0, ""


def check(case, hybridc, keep, seconds):
    """(outcome, why)"""
    with tempfile.TemporaryDirectory() as scratch:
        folder = keep or pathlib.Path(scratch)
        program, outputs = folder / f"{case.name}.hyb", folder / f"{case.name}.npz"
        dims = ["--dim", f"N={case.batch}"] if case.batch else []
        kind, code, said = call([hybridc, "compile", case.model, "--precision", "exact",
                                 *dims, "-o", program], seconds)
        if kind == "fail":
            return ("unsupported" if code == 4 else "compile-fail"), said
        if kind:
            return kind, said
        with np.load(case.inputs) as stored:
            feed = ["--inputs", case.inputs] if stored.files else []
        kind, code, said = call([hybridc, "run", program, "--noise", "off", *feed,
                                 "--outputs", outputs], seconds)
        if kind:
            return ("run-fail" if kind == "fail" else kind), said
        if not outputs.exists():
            return "run-fail", f"writes no {outputs.name}"
        expect = case.inputs.with_name(case.inputs.name.replace(".inputs.", ".expect."))
        with np.load(outputs) as got, np.load(expect) as want:
            problem = difference(case, dict(got), dict(want))
        return ("mismatch", problem) if problem else ("pass", "")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("dir", type=pathlib.Path)
    parser.add_argument("--hybridc", type=pathlib.Path, default=ROOT / "build/bin/hybridc")
    parser.add_argument("--only", action="append", metavar="SUBSTRING")
    parser.add_argument("--all", action="store_true", help="also cases beyond the core list")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--timeout", type=float, default=60, help="seconds per command")
    parser.add_argument("--keep", type=pathlib.Path, help="folder for programs and outputs")
    parser.add_argument("--json", type=pathlib.Path, help="write the outcomes there")
    parser.add_argument("--verbose", action="store_true", help="print passing cases too")
    options = parser.parse_args()
    if not options.hybridc.exists():
        parser.error(f"{options.hybridc} does not exist; build it or give --hybridc")
    chosen = [c for c in cases_of(options.dir) if (options.all or c.core)
              and (not options.only or any(part in c.name for part in options.only))]
    if not chosen:
        parser.error(f"{options.dir}: no cases; run ops.py or export.py and expect.py first")
    options.hybridc = options.hybridc.resolve()
    if options.keep:
        options.keep.mkdir(parents=True, exist_ok=True)
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        outcomes = list(pool.map(
            lambda c: check(c, options.hybridc, options.keep, options.timeout), chosen))
    for case, (outcome, why) in zip(chosen, outcomes):
        if outcome != "pass" or options.verbose:
            first = why.splitlines()[0] if why else ""
            print(f"{outcome}: {case.name}{': ' + first if first else ''}")
    counts = collections.Counter(outcome for outcome, _ in outcomes)
    print(f"{len(chosen)} cases: " + ", ".join(f"{n} {o}" for o, n in counts.most_common()))
    if options.json:
        options.json.write_text(json.dumps(
            [{"name": c.name, "outcome": o, "why": w} for c, (o, w) in zip(chosen, outcomes)],
            indent=1) + "\n")
    return 0 if counts["pass"] == len(chosen) else 1


if __name__ == "__main__":
    sys.exit(main())
