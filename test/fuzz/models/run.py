#!/usr/bin/env python3
"""Random models through hybridc: tools/dev fuzz models [--count N] [--seed S] [--jobs J] [--seconds N] [--ways A,B] [--keep DIR].

Each seed gives one model, checked with default options and in one or two further ways (without fusion, with hardly any
scratchpad, with 1 and 2 threads, through the text of a phase, int8, analog, auto). What fails is cut down and one of
each kind stored; exit code 1 if anything did. The same seeds give the same models.
"""
import argparse
import collections
import concurrent.futures
import json
import os
import pathlib
import sys
import tempfile
import time
import traceback

if __package__ in (None, ""):
    sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
    __package__ = "models"
from . import check, generate, known, shrink  # noqa: E402

CHUNK = 20
JUDGED = collections.Counter()  # lossy builds whose values NumPy decided


def ways_of(seed):
    """Default, and one or two others; phases in turn."""
    ways = check.WAYS[1:]
    chosen = dict.fromkeys((ways[seed % len(ways)], *([ways[seed // 3 % len(ways)]] if seed % 3 == 0 else [])))
    return ("default", *chosen), check.PHASES[seed // len(ways) % len(check.PHASES)]


def one(seed, checker, zero=0.0, only=()):
    """[(Outcome, phase)], the model; only: the ways, instead of those whose turn it is"""
    try:
        made = generate.generate(seed, zero)
    except Exception:  # a defect of the generator does not end the run, but is told
        said = traceback.format_exc().splitlines()
        return [(check.Outcome("driver", f"{said[-1]} {said[-3].strip()}"), "")], None
    if made.model is None or made.oracles == "invalid":
        return [(check.Outcome("dropped", made.oracles), "")], made
    checker.store(made)
    ways, phase = ways_of(seed)
    outcomes = []
    for way in only or ways:
        outcome = checker.check(made, way, phase)
        outcomes.append((outcome, phase))
        if outcome.kind not in ("fine", "skipped", "refused"):
            break
    return outcomes, made


def chunk(seeds, hybridc, zero, only):
    """What a worker reports of some seeds."""
    with tempfile.TemporaryDirectory(prefix="hybridc-fuzz-") as folder:
        checker = check.Checker(hybridc, folder)
        report = []
        for seed in seeds:
            outcomes, made = one(seed, checker, zero, only)
            report.append((seed, [(o.kind, o.said, o.way, phase) for o, phase in outcomes],
                           made.oracles if made else "none"))
        return report, checker.judged


def told(options):
    """What a worker must know of the options."""
    return options.hybridc, options.zero, options.ways


def crashed(seeds, options):
    """Seeds one by one, each in a process of its own: an oracle ended it."""
    for seed in seeds:
        with concurrent.futures.ProcessPoolExecutor(1) as pool:
            try:
                yield from pool.submit(chunk, [seed], *told(options)).result()[0]
            except concurrent.futures.process.BrokenProcessPool:
                yield seed, [("dropped", "an oracle crashed", "default", "")], "invalid"


def reports(seeds, options, until):
    """Reports in the order of their seeds; a worker that an oracle ends is replaced."""
    chunks = [seeds[i:i + CHUNK] for i in range(0, len(seeds), CHUNK)]
    while chunks:
        with concurrent.futures.ProcessPoolExecutor(options.jobs) as pool:
            pending = collections.deque()
            try:
                while chunks or pending:
                    while chunks and len(pending) < 2 * options.jobs and time.time() < until:
                        pending.append((chunks[0], pool.submit(chunk, chunks.pop(0), *told(options))))
                    if not pending:
                        return
                    report, judged = pending[0][1].result()
                    JUDGED["by NumPy"] += judged
                    yield from report
                    pending.popleft()
            except concurrent.futures.process.BrokenProcessPool:
                lost = [c for c, _ in pending]
                for seeds_of in lost:
                    yield from crashed(seeds_of, options)


def ways_named(text):
    ways = tuple(text.split(","))
    if unknown := [way for way in ways if way not in check.WAYS]:
        raise argparse.ArgumentTypeError(f"no way called {', '.join(unknown)}")
    return ways


def parser():
    p = argparse.ArgumentParser(prog="tools/dev fuzz models", description=__doc__.split("\n\n")[1])
    root = check.ROOT
    p.add_argument("--count", type=int, default=10000)
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--jobs", type=int, default=os.cpu_count())
    p.add_argument("--seconds", type=float, default=1e9, help="begin no further model after so long")
    p.add_argument("--zero", type=float, default=0.0, help="how likely a shape has a zero in it")
    p.add_argument("--ways", type=ways_named, default=(), metavar="A,B",
                   help=f"these, instead of some in turn: {', '.join(check.WAYS)}")
    p.add_argument("--hybridc", type=pathlib.Path,
                   default=pathlib.Path(os.environ.get("HYBRIDC_BUILD_DIR", root / "build")) / "bin/hybridc")
    p.add_argument("--keep", type=pathlib.Path, default=root / "test/fuzz/found", help="where failures are stored")
    p.add_argument("--no-keep", action="store_true", help="neither cut down nor store")
    p.add_argument("--json", type=pathlib.Path, help="counts and kinds go there")
    p.add_argument("--verbose", action="store_true", help="print what is refused, too")
    return p


def main(arguments=None):
    options = parser().parse_args(arguments)
    options.hybridc = options.hybridc.resolve()
    begin = time.time()
    counts, oracles, kinds, refused, waiting = (collections.Counter() for _ in range(5))
    first = {}
    seeds = range(options.seed * 1_000_000, options.seed * 1_000_000 + options.count)
    for seed, outcomes, how in reports(list(seeds), options, begin + options.seconds):
        oracles[how] += 1
        kind, said, way, phase = outcomes[-1]
        outcome = check.Outcome(kind, said, way)
        bad = kind in check.BAD or kind == "doubt"
        if bad and known.reason(outcome):
            kind = "known"
            waiting[known.reason(outcome)] += 1
        counts[kind] += 1
        if kind == "refused":
            refused[check.normalised(said)] += 1
        if bad and kind != "known":
            kinds[outcome.key()] += 1
            if outcome.key() not in first:
                first[outcome.key()] = (seed, way, phase)
                print(f"{outcome.key()}\n  seed {seed}: {said}", flush=True)
        done = sum(counts.values())
        if sys.stderr.isatty() or done % 100 == 0:
            print(f"{done} models, {time.time() - begin:.0f} s: "
                  + ", ".join(f"{n} {k}" for k, n in counts.most_common()), file=sys.stderr, flush=True)
    for key, (seed, way, phase) in first.items() if not options.no_keep else ():
        if key.startswith("driver"):
            continue
        folder = shrink.keep(seed, way, phase, key, options)
        print(f"{kinds[key]}x {key}\n  {folder}", flush=True)
    for why, n in waiting.most_common():
        print(f"{n}x known: {why}")
    if options.verbose:
        for key, n in refused.most_common():
            print(f"{n}x refused: {key}")
    print(f"{sum(counts.values())} models: " + ", ".join(f"{n} {k}" for k, n in counts.most_common())
          + "; oracles: " + ", ".join(f"{n} {k}" for k, n in oracles.most_common())
          + f"; {JUDGED['by NumPy']} lossy builds held to NumPy; {time.time() - begin:.0f} s")
    if options.json:
        options.json.write_text(json.dumps({"counts": counts, "kinds": kinds, "refused": refused}, indent=1) + "\n")
    return 1 if any(key.split()[0] in check.BAD for key in kinds) else 0


if __name__ == "__main__":
    sys.exit(main())
