#!/usr/bin/env python3
"""Random hyb through random orders of passes: tools/dev fuzz mlir [--count N] [--seed S] [--jobs J] [--seconds N].

The text of a random model's import goes through hybrid-opt with passes in an order that is legal but none of the
compiler's own, verified after each one; the result is compiled and run, and must give what the oracles say. Exit code 1
when something failed; what did is printed with the passes, and kept in --keep.
"""
import argparse
import collections
import concurrent.futures
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

import numpy as np

if __package__ in (None, ""):
    sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
    __package__ = "models"
from . import check, generate, known  # noqa: E402

# What keeps hyb legal wherever it stands before groups are formed, as often as one likes.
ANYWHERE = ("canonicalize", "cse", "hyb-canonicalize-movement", "hyb-fold-constants", "hyb-fold-scale",
            "hyb-fuse-maps", "hyb-integer-contractions", "symbol-dce")
CHUNK = 20


def passes_of(seed):
    rng = np.random.default_rng([seed, 13])
    return [str(p) for p in rng.choice(ANYWHERE, int(rng.integers(1, 8, endpoint=True)))]


def one(seed, checker, opt):
    """(Outcome, passes)"""
    made = generate.generate(seed)
    passes = passes_of(seed)
    if made.model is None or made.expected is None or made.oracles not in ("both", "steps"):
        return check.Outcome("dropped", made.oracles), passes
    checker.store(made)
    code, said = checker.call("compile", checker.path("model.onnx"), "--to", "import", "--weights", "inline", "-o",
                              checker.path("t.mlir"))
    if code:
        return checker.failed(code, said, "import"), passes
    try:
        done = subprocess.run([opt, checker.path("t.mlir"), "--verify-each", *(f"--{p}" for p in passes), "-o",
                               checker.path("u.mlir")], capture_output=True, text=True, errors="replace",
                              timeout=check.SECONDS, env=checker.env)
    except subprocess.TimeoutExpired:
        return check.Outcome("hang", "hybrid-opt", "mlir"), passes
    if done.returncode:
        said = next((line for line in done.stderr.splitlines() if "error:" in line), done.stderr[:200])
        return check.Outcome("crash", f"hybrid-opt ends with {done.returncode}: {said}", "mlir"), passes
    got, failure = checker.run(made, "mlir", checker.path("u.mlir"), "--precision", "exact")
    return failure or checker.compared(made, got, "mlir"), passes


def chunk(seeds, options):
    report = []
    with tempfile.TemporaryDirectory(prefix="hybridc-fuzz-") as folder:
        checker = check.Checker(options.bin / "hybridc", folder)
        for seed in seeds:
            outcome, passes = one(seed, checker, str(options.bin / "hybrid-opt"))
            report.append((seed, outcome, passes))
            if outcome.kind in check.BAD and options.keep and not known.reason(outcome):
                target = options.keep / f"mlir-{outcome.kind}-{seed}"
                shutil.copytree(folder, target, dirs_exist_ok=True)
    return report


def main(arguments=None):
    p = argparse.ArgumentParser(prog="tools/dev fuzz mlir", description=__doc__.split("\n\n")[1])
    p.add_argument("--count", type=int, default=2000)
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--jobs", type=int, default=os.cpu_count())
    p.add_argument("--seconds", type=float, default=1e9)
    p.add_argument("--bin", type=pathlib.Path,
                   default=pathlib.Path(os.environ.get("HYBRIDC_BUILD_DIR", check.ROOT / "build")) / "bin")
    p.add_argument("--keep", type=pathlib.Path, help="folder for what failed")
    options = p.parse_args(arguments)
    options.bin = options.bin.resolve()
    until, counts, seen = time.time() + options.seconds, collections.Counter(), collections.Counter()
    first = options.seed * 1_000_000
    chunks = [range(i, min(i + CHUNK, first + options.count)) for i in range(first, first + options.count, CHUNK)]
    with concurrent.futures.ProcessPoolExecutor(options.jobs) as pool:
        while chunks and time.time() < until:
            now, chunks = chunks[:2 * options.jobs], chunks[2 * options.jobs:]
            for report in pool.map(chunk, now, [options] * len(now)):
                for seed, outcome, passes in report:
                    bad = outcome.kind in check.BAD
                    kind = "known" if bad and known.reason(outcome) else outcome.kind
                    counts[kind] += 1
                    if bad and kind != "known":
                        seen[outcome.key()] += 1
                        if seen[outcome.key()] == 1:
                            print(f"{outcome.key()}\n  seed {seed}: --{' --'.join(passes)}: {outcome.said}", flush=True)
    print(f"{sum(counts.values())} modules: " + ", ".join(f"{n} {k}" for k, n in counts.most_common()))
    return 1 if seen else 0


if __name__ == "__main__":
    sys.exit(main())
