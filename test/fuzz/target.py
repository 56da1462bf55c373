#!/usr/bin/env python3
"""Damaged chip descriptions: tools/dev fuzz target [--count N] [--seed S] [--jobs J] [--seconds N].

Presets and the descriptions of corpus/target with single lines or fields changed go through `targets check`, and what
it accepts through a compile of a small net. None may end with a signal or 70, take longer than 20 seconds or more than
2 GiB. What does is printed, and kept in corpus/target, where it stays a test. Exit code 1 when something failed.
"""
import argparse
import collections
import concurrent.futures
import os
import pathlib
import random
import re
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
CORPUS = ROOT / "test" / "fuzz" / "corpus" / "target"
SECONDS, BYTES = 20, 2 << 30
WORDS = ("0", "-1", "1", "2", "-0.0", "1e-320", "1e308", "-1e308", ".nan", ".inf", "-.inf", "9223372036854775807",
         "-9223372036854775808", "18446744073709551615", "18446744073709551616", "4294967296", "2147483648", "1e18",
         "1e9", "65536", "0x7fffffff", "true", "~", "''", "[]", "{}", "[1, 2]", "{a: 1}", "pcm", "f32", "ws", "é",
         "[[[[[[]]]]]]", "*x", "&x 1", "!!binary aGk=", "'1'", "1_000", "0o17", "1e400", "a" * 5000)
NET = """<ir_version: 8, opset_import: ["" : 13]>
g (float[4,8] x, float[8,4] w) => (float[4,4] y) { z = MatMul(x, w)  y = Softmax(z) }
"""


NUMBER = re.compile(r"(?<=[:,\[ ] )[\d.]+(?:e-?\d+)?(?=[,}\]\s])|(?<=[:,\[])[\d.]+(?:e-?\d+)?(?=[,}\]\s])")


def other(number, rng):
    """Another number: near, far, or a limit."""
    if rng.random() < .15:
        return rng.choice(WORDS)
    if number.isdigit():
        n = int(number)
        return str(rng.choice([n * 2, n // 2, n + 1, n - 1, n * 1000, n * 10**9, 0, 1, 2**rng.randrange(64)]))
    value = float(number) if re.fullmatch(r"\d*\.?\d*(e-?\d+)?", number) and number not in (".", "") else 1.0
    return f"{value * 10 ** rng.uniform(-9, 9):.9g}"


def damaged(text, rng):
    """One to four numbers changed; at times a line, as a slip of the hand would."""
    for _ in range(rng.choice([1, 1, 1, 2, 4])):
        end = text.find("\nprovenance:")
        spots = [m for m in NUMBER.finditer(text) if end < 0 or m.start() < end]
        if spots and rng.random() < .75:
            spot = rng.choice(spots)
            text = text[:spot.start()] + other(spot.group(), rng) + text[spot.end():]
        else:
            text = slipped(text, rng)
    return text


def slipped(text, rng):
    lines = text.splitlines()
    if not lines:
        return text
    at = rng.randrange(len(lines))
    line, how = lines[at], rng.random()
    if how < .4 and ":" in line:
        lines[at] = f"{line.partition(':')[0]}: {rng.choice(WORDS)}"
    elif how < .55:
        del lines[at]
    elif how < .7:
        lines.insert(at, line)
    elif how < .8:
        other_at = rng.randrange(len(lines))
        lines[at], lines[other_at] = lines[other_at], line
    elif how < .9:
        lines[at] = " " * rng.randrange(6) + line.strip()
    else:
        lines[at] = line[:rng.randrange(len(line) + 1)] + chr(rng.choice([0, 9, 34, 39, 58, 91, 123, 233]))
    return "\n".join(lines) + "\n"


def call(command, folder):
    """What went wrong, or None; and the exit code."""
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, cwd=folder,
                               stderr=open(folder / "said", "wb"), env=os.environ | {"TMPDIR": str(folder)})
    until = time.time() + SECONDS
    while True:
        pid, status, usage = os.wait4(process.pid, os.WNOHANG)
        if pid:
            break
        if time.time() > until:
            process.kill()
            os.wait4(process.pid, 0)
            return f"hang: more than {SECONDS} s", None
        time.sleep(.002)
    process.returncode = code = os.waitstatus_to_exitcode(status)
    said = (folder / "said").read_text(errors="replace").split("\n")[0][:200]
    if code < 0 or code == 70:
        return f"exit {code}: {said}", code
    if usage.ru_maxrss * 1024 > BYTES:
        return f"{usage.ru_maxrss >> 10} MiB", code
    return None, code


def judge(text, hybridc, folder):
    """What went wrong with a description, and where."""
    file = folder / "chip.yaml"
    file.write_text(text, errors="surrogateescape")
    wrong, code = call([hybridc, "targets", "check", str(file)], folder)
    if wrong or code:
        return (f"check: {wrong}" if wrong else None), code
    wrong, code = call([hybridc, "run", str(folder / "net.onnxtxt"), "--target", str(file), "--values", "off"], folder)
    return (f"run: {wrong}" if wrong else None), code


def texts(hybridc):
    """Every preset, and what was kept."""
    listed = subprocess.run([hybridc, "targets", "list"], capture_output=True, text=True, check=True).stdout
    names = [line.split()[0] for line in listed.splitlines() if line.strip()]
    shown = (subprocess.run([hybridc, "targets", "show", n], capture_output=True, text=True) for n in names)
    return [s.stdout for s in shown if s.returncode == 0] + [f.read_text() for f in sorted(CORPUS.glob("*.yaml"))]


def one(seed, presets, hybridc):
    rng = random.Random(seed)
    text = damaged(rng.choice(presets), rng)
    with tempfile.TemporaryDirectory(prefix="hybridc-fuzz-") as folder:
        folder = pathlib.Path(folder)
        (folder / "net.onnxtxt").write_text(NET)
        wrong, code = judge(text, hybridc, folder)
        return seed, wrong, code, text


def main(arguments=None):
    p = argparse.ArgumentParser(prog="tools/dev fuzz target", description=__doc__.split("\n\n")[1])
    p.add_argument("--count", type=int, default=5000)
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--jobs", type=int, default=os.cpu_count())
    p.add_argument("--seconds", type=float, default=1e9)
    p.add_argument("--hybridc", default=str(pathlib.Path(os.environ.get("HYBRIDC_BUILD_DIR", ROOT / "build")) /
                                            "bin/hybridc"))
    p.add_argument("--keep", type=pathlib.Path, default=CORPUS)
    options = p.parse_args(arguments)
    options.hybridc = str(pathlib.Path(options.hybridc).resolve())
    until, codes, kinds = time.time() + options.seconds, collections.Counter(), {}
    presets = texts(options.hybridc)
    seeds = range(options.seed * 1_000_000, options.seed * 1_000_000 + options.count)
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        for start in range(0, len(seeds), 200):
            if time.time() > until:
                break
            for seed, wrong, code, text in pool.map(lambda s: one(s, presets, options.hybridc),
                                                    seeds[start:start + 200]):
                codes[code] += 1
                kind = wrong and "".join(c for c in wrong if not c.isdigit())
                if wrong and kind not in kinds:
                    kinds[kind] = seed
                    options.keep.mkdir(parents=True, exist_ok=True)
                    (options.keep / f"found-{seed}.yaml").write_text(text)
                    print(f"seed {seed}: {wrong}\n  {options.keep / f'found-{seed}.yaml'}", flush=True)
    print(f"{sum(codes.values())} descriptions: " + ", ".join(f"{n} exit {c}" for c, n in codes.most_common())
          + f"; {len(kinds)} kinds of failures")
    return 1 if kinds else 0


if __name__ == "__main__":
    sys.exit(main())
