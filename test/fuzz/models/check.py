"""One model through hybridc in one way, and what came of it."""
import dataclasses
import os
import pathlib
import re
import subprocess

import numpy as np
import onnx

from . import lossy, oracle
from .values import BF16, is_float

ROOT = pathlib.Path(__file__).resolve().parents[3]
SECONDS = 60
# Sums in parts and spills: hardly any scratchpad.
SMALL = """name: small
clock_ghz: 1
dram: {bytes: 1000000000, bandwidth_gb_s: 10}
sram: {bytes: 16384, bytes_per_cycle: 64}
dma: {channels: 2, bytes_per_cycle: 16}
mac: {rows: 8, cols: 8, dataflow: ws, rate: {f32: 1, i8: 1}}
vec: {lanes: 8}
"""
PHASES = ("import", "simplify", "fuse", "partition", "precision", "layout", "lower", "schedule", "allocate")
WAYS = ("default", "no-fuse", "small", "threads", "text", "int8", "analog", "auto")
BAD = ("wrong", "crash", "hang", "bad-refusal", "driver")


@dataclasses.dataclass
class Outcome:
    kind: str       # fine, refused, skipped, doubt, or one of BAD
    said: str = ""  # the first line of the error, or what differs
    way: str = "default"

    def key(self):
        """What makes two failures the same: class, way, and the message without its names and numbers."""
        return f"{self.kind} {self.way}: {normalised(self.said)}"


def normalised(said):
    said = re.sub(r"'[^']*'", "'…'", said)
    said = re.sub(r"node name: [^)]*\)", "node name: …)", said)
    said = re.sub(r"/[\w./-]+", "…", said)
    return re.sub(r"-?\d[\d.e+x-]*", "#", said)[:160]


class Checker:
    """Runs models in a folder of its own."""

    def __init__(self, hybridc, folder):
        self.hybridc, self.folder = str(hybridc), pathlib.Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / "small.yaml").write_text(SMALL)
        (self.folder / "ideal.yaml").write_text(lossy.IDEAL)
        self.judged = 0  # models whose lossy values NumPy decided
        # A reproducer of a crash goes here, not into the machine's temporary folder.
        self.env = os.environ | {"HYBRIDC_CHECK_HAZARDS": "true", "TMPDIR": str(self.folder)}

    def path(self, name):
        return str(self.folder / name)

    def call(self, *arguments):
        """(exit code, first line of the error); a hang is code None."""
        try:
            done = subprocess.run([self.hybridc, *arguments], stdin=subprocess.DEVNULL, capture_output=True,
                                  timeout=SECONDS, env=self.env, cwd=self.folder)
        except subprocess.TimeoutExpired:
            return None, f"more than {SECONDS} s"
        lines = [line for line in done.stderr.decode(errors="replace").splitlines() if "error:" in line] or \
            done.stderr.decode(errors="replace").splitlines() or [""]
        return done.returncode, lines[0].removeprefix("hybridc: error: ")

    def store(self, made):
        onnx.save(made.model, self.path("model.onnx"))
        # NumPy has no bf16: such numbers go as f32.
        np.savez(self.path("inputs.npz"), **{name: a.astype("f4") if a.dtype == BF16 else a
                                             for name, a in made.feeds.items()})

    def inputs(self, made, option="--inputs"):
        return [option, self.path("inputs.npz")] if made.feeds else []

    def failed(self, code, said, way, fits=False):
        """The outcome of an exit code that is not 0."""
        if code is None:
            return Outcome("hang", said, way)
        if code < 0 or code == 70:
            return Outcome("crash", said or f"signal {-code}", way)
        # A refusal speaks of the model, not of what the compiler made of it.
        ours = re.search(r"'(hyb|arith|math|scf|tensor)\.", said)
        if code == 4 and re.search(r"node '.*' \(\w+\)", said) and not ours:
            return Outcome("refused", said, way)
        if code == 5 and fits:
            return Outcome("refused", said, way)
        return Outcome("bad-refusal", f"exit {code}: {said}", way)

    def outputs(self, name="out.npz"):
        with np.load(self.path(name)) as stored:
            return dict(stored)

    def run(self, made, way, *arguments, fits=False):
        """Runs a model or program; its outputs, or the outcome of a failure."""
        out = self.folder / "out.npz"
        out.unlink(missing_ok=True)
        code, said = self.call("run", *arguments, "--noise", "off", *self.inputs(made), "--outputs", str(out))
        if code:
            return None, self.failed(code, said, way, fits)
        return self.outputs(), None

    def compared(self, made, got, way):
        if made.expected is None:
            return Outcome("fine", "", way)
        problem = difference(got, made.expected, made.tolerance)
        if problem is None or made.oracles == "both" and as_far_as_oracles(made, got):
            return Outcome("fine", "", way)
        return Outcome("wrong" if made.oracles in ("both", "steps") else "doubt", problem, way)

    def sane(self, made, got, way):
        """Values of a lossy precision: the right tensors, and finite where the exact ones are."""
        if made.expected is None:
            return Outcome("fine", "", way)
        for name, want in made.expected.items():
            have = got.get(name)
            kind = np.dtype("f4") if want.dtype == BF16 else want.dtype
            if have is None or have.dtype != kind or have.shape != want.shape:
                return Outcome("wrong", f"{name}: not the right tensor: {have if have is None else have.dtype}", way)
            if is_float(want.dtype) and not np.isfinite(have[np.isfinite(want.astype("f8"))].astype("f8")).all():
                return Outcome("wrong", f"{name}: values are not finite", way)
        return Outcome("fine", "", way)

    def lossy(self, made, way):
        """A build whose contractions have few bits: held to NumPy's values where these are known, else to `sane`."""
        named = lossy.named(made.model)
        onnx.save(named, self.path("named.onnx"))
        flags = ["--precision", way, *self.inputs(made, "--calibrate")]
        if way != "int8":
            flags += ["--target", self.path("ideal.yaml")]
        got, failure = self.run(made, way, self.path("named.onnx"), *flags, fits=True)
        if failure:
            return failure
        outcome = self.sane(made, got, way)
        if outcome.kind != "fine" or made.expected is None or not lossy.trusted(made):
            return outcome
        code, said = self.call("compile", self.path("named.onnx"), *flags, "--to", "partition", "-o",
                               self.path("places.mlir"))
        if code:
            return self.failed(code, said, way, True)
        text = pathlib.Path(self.path("places.mlir")).read_text()
        sure, problem = lossy.judged(named, made.feeds, text, got, made.tolerance)
        self.judged += sure
        return Outcome("wrong", problem, way) if problem else outcome

    def check(self, made, way, phase="fuse"):
        """The outcome of one way of compiling and running. The model must be stored."""
        model = self.path("model.onnx")
        flags = ["--precision", "exact"]
        if way == "no-fuse":
            flags.append("--no-fuse")
        if way == "small":
            flags += ["--target", self.path("small.yaml")]
        if way in ("int8", "analog", "auto"):
            if not all(np.isfinite(v.astype("f8")).all() for v in made.feeds.values() if is_float(v.dtype)):
                return Outcome("skipped", "ranges come from finite inputs", way)
            return self.lossy(made, way)
        if way == "threads":
            return self.threads(made, flags)
        if way == "text":
            return self.text(made, flags, phase)
        got, failure = self.run(made, way, model, *flags, fits=way != "default")
        if failure:
            return failure
        return self.compared(made, got, way)

    def threads(self, made, flags):
        code, said = self.call("compile", self.path("model.onnx"), *flags, "-o", self.path("p.hyb"))
        if code:
            return self.failed(code, said, "threads")
        one, failure = self.run(made, "threads", self.path("p.hyb"), "--threads", "1")
        if failure:
            return failure
        two, failure = self.run(made, "threads", self.path("p.hyb"), "--threads", "2")
        if failure:
            return failure
        for name, value in one.items():
            if value.tobytes() != two[name].tobytes():
                return Outcome("wrong", f"{name} differs between 1 and 2 threads", "threads")
        return self.compared(made, two, "threads")

    def text(self, made, flags, phase):
        code, said = self.call("compile", self.path("model.onnx"), *flags, "--to", phase, "--weights", "inline", "-o",
                               self.path("t.mlir"))
        if code:
            return self.failed(code, said, "text")
        got, failure = self.run(made, "text", self.path("t.mlir"), *flags)
        return failure or self.compared(made, got, "text")


def as_far_as_oracles(made, got):
    """Whether floats are off by no more than a few times what the oracles differ by: what is left of a sum that cancels."""
    runtime, reference = (by(made.model, made.feeds) for by in (oracle.by_runtime, oracle.by_reference))
    for (name, want), a, b in zip(made.expected.items(), runtime, reference):
        apart = lossy.off(a, b)
        if lossy.off(got[name], want.astype("f4") if want.dtype == BF16 else want) > 4 * apart or not np.isfinite(apart):
            return False
    return difference(got, made.expected, 1e-3) is None


def difference(got, expected, relative):
    """How the outputs differ, or None."""
    if set(got) != set(expected):
        return f"outputs {sorted(got)}, expected {sorted(expected)}"
    for name, want in expected.items():
        have = got[name]
        if want.dtype == BF16:
            want = want.astype("f4")
        if have.dtype != want.dtype or have.shape != want.shape:
            return f"{name}: {have.dtype} {list(have.shape)}, expected {want.dtype} {list(want.shape)}"
        if not oracle.close(have, want, relative):
            if not is_float(want.dtype):
                return f"{name}: {int((have != want).sum())} of {want.size} {want.dtype} values differ"
            off = np.abs(have.astype("f8") - want.astype("f8"))
            return f"{name}: {want.dtype} values off by up to {np.nanmax(off):.3g}"
    return None
