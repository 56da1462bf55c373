"""Every option of every command does something that one can see, or is refused.

The table says for each option how: what is run without it and what with it, which must differ in output, reports or
files; or that it is refused, and what is said. An option that `--help` lists and the table does not have fails, and so
does an entry that no command has any more.
"""
import re
import shutil
import subprocess

import numpy as np
import pytest

from conftest import BUILD, ROOT

HYBRIDC = BUILD / "bin" / "hybridc"
MODEL = ROOT / "test" / "Driver" / "Inputs" / "two_layers.onnxtxt"
COMMANDS = ["compile", "run", "compare", "eval", "explain", "inspect", "targets list", "targets show", "targets check", "characterize"]

# Of programs, values do not tell: that they differ is shown for `compile`, from which these have the code.
PROGRAM_ONLY = {("compare", "--objective"), ("compare", "--no-buffer-reuse"), ("eval", "--no-buffer-reuse"),
                ("compare", "--no-homes"), ("eval", "--no-homes"), ("explain", "--no-homes"), ("run", "--no-homes"),
                ("explain", "--no-buffer-reuse"), ("run", "--no-buffer-reuse"), ("explain", "--check-hazards"),
                ("compare", "--check-hazards"),
                ("eval", "--check-hazards"), ("explain", "--weights"), ("explain", "--load-pass-plugin"),
                ("eval", "--load-pass-plugin"), ("compare", "--load-pass-plugin"), ("run", "--load-pass-plugin"),
                ("eval", "--weights"), ("explain", "--horizon"), ("explain", "--recalibrate"),
                ("explain", "--drift-bound"), ("eval", "--drift-bound"), ("compare", "--drift-bound"),
                ("compare", "--fault-mapping"), ("eval", "--fault-mapping"), ("explain", "--fault-mapping"),
                ("eval", "--horizon"), ("compare", "--horizon")}
# Values do not depend on it, and that is a promise: test_threads.py.
THREADS = {("compare", "--threads"), ("eval", "--threads")}

ARRAYS = ["--precision", "analog"]
RECALIBRATED = [*ARRAYS, "--horizon", "1y"]

# Option → what is given with it; a pair: (what both runs have besides, what only the second has).
COMPILE = {
    "--target": ["--target", "tpu-v4"],
    "--dim": ["--dim", "N=3"],
    "--shape": ["--shape", "x=5x8"],
    "--value": ["--value", "x=0.5"],
    "--precision": ["--precision", "fp32"],
    "--objective": (["--precision", "auto"], ["--objective", "energy"]),
    "--calibrate": (["--precision", "auto", "--target", "tpu-v4"], ["--calibrate", "calib.npz"]),
    "--calibration": (["--precision", "int8", "--calibrate", "calib.npz"], ["--calibration", "minmax"]),
    "--place": (ARRAYS, ["--place", "first=mac"]),
    "--set-precision": (["--precision", "fp32"], ["--set-precision", "second=bf16"]),
    "--no-fuse": ["--no-fuse"],
    "--no-buffer-reuse": ("chain", ["--no-buffer-reuse"]),
    "--no-homes": ("chain", ["--no-homes"]),
    "--dump-problem": ["--dump-problem", "p.json"],
    "--faults": (ARRAYS, ["--faults", "stuck=0.2"]),
    "--fault-mapping": ([*ARRAYS, "--faults", "dead_column=0.3,stuck=0.2"], ["--fault-mapping", "none"]),
    "--horizon": ([*ARRAYS, "--recalibrate", "gain=1d", "--horizon", "2d"], ["--horizon", "5d"]),
    "--recalibrate": (RECALIBRATED, ["--recalibrate", "gain=30d"]),
    "--drift-bound": ([*RECALIBRATED, "--recalibrate", "auto"], ["--drift-bound", "1"]),
    "--run-pass": ["--run-pass", "fuse=builtin.module(hyb-partition{precision=fp32})"],
    "--load-pass-plugin": ["--load-pass-plugin", "no-such-plugin.so"],
    "--weights": ("refused", ["--weights", "w.npz"], "weights of text"),
    "--check-hazards": ("hazard", None),
}
RUN = {
    "--noise": (ARRAYS, ["--noise", "off"]),
    "--seed": (ARRAYS, ["--seed", "5"]),
    "--age": (ARRAYS, ["--age", "1y"]),
    "--compensate": ([*ARRAYS, "--age", "1y"], ["--compensate", "none"]),
    "--schedule": ([*RECALIBRATED, "--recalibrate", "gain=30d", "--age", "300d"], ["--schedule", "off"]),
    "--threads": ["--threads", "1"],
}
HEAT = {
    "--thermal": ["--thermal", "on"],
    "--policy": (["--thermal", "on"], ["--policy", "throttle", "--limit", "46"]),
    "--ambient": (["--thermal", "on"], ["--ambient", "60"]),
    "--limit": (["--thermal", "on"], ["--limit", "46"]),
    "--duration": (["--thermal", "on"], ["--duration", "1s"]),
    "--duty": (["--thermal", "on"], ["--duty", "0.1"]),
    "--thermal-csv": ["--thermal-csv", "t.csv"],
}
FIELDS = ["--what", "mvm", "--samples", "20", "--seeds", "1"]
TRAIN = ["--what", "regression", "--samples", "20", "--epochs", "2", "--seeds", "1"]
PULSES = ["--what", "pulse", "--samples", "20", "--levels", "3"]
UPDATE = ["--what", "update", "--samples", "50"]
DRIFT = ["--what", "drift", "--samples", "50"]
THERMAL = ["--what", "thermal", "--power", "vec=2", "--duration", "1s"]
TABLE = {
    "compile": COMPILE | {
        "--output": ["--output", "other.hyb"],
        "--to": ["--to", "fuse"],
        "--dump-phases": ["--dump-phases", "phases"],
        "--explain": ["--explain"],
        "--report": ["--report", "r.txt"],
        "--config": ["--config", "config.yaml"],
        "--dump-config": ["--dump-config"],
        "--weights": (["--to", "fuse"], ["--weights", "inline"]),
    },
    "run": COMPILE | RUN | HEAT | {
        "--inputs": ["--inputs", "x4.npz"],
        "--outputs": ["--outputs", "y.npz"],
        "--entry": ("refused", ["--entry", "train"], "no such entry"),
        "--values": ["--values", "off"],
        "--before": ("refused", ["--before", "train"], "no such entry"),
        "--repeat": ["--repeat", "2"],
        "--report": ["--report", "r.csv"],
        "--trace": ["--trace", "t.json"],
    },
    "compare": COMPILE | RUN | {
        "--expect": ["--expect", "zeros.npz"],
        "--inputs": ["--inputs", "x4.npz"],
        "--rtol": ["--rtol", "10"],
        "--atol": ["--atol", "10"],
        "--metric": ["--metric", "top1"],
        "--threshold": (["--metric", "snr"], ["--threshold", "3"]),
        "--no-fuse": (["--per-layer"], ["--no-fuse"]),
        "--per-layer": ["--per-layer"],
        "--json": (["--per-layer"], ["--json"]),
        "--csv": (["--per-layer"], ["--csv", "-"]),
        "--entry": ("refused", ["--entry", "train"], "no such entry"),
    },
    "eval": COMPILE | RUN | {
        "--data": ["--data", "other.npz"],
        "--samples": ("no data", ["--samples", "3"]),
        "--labels": ["--labels", "z"],
        "--limit": ["--limit", "5"],
        "--batch": ["--batch", "2"],
        "--output": ("refused", ["--output", "nowhere"], "nowhere"),
        "--entry": ("refused", ["--entry", "train"], "no such entry"),
        "--seeds": (ARRAYS, ["--seeds", "2"]),
        "--values": ["--values", "off"],
        "--cost-batch": (["--values", "off"], ["--cost-batch", "4"]),
        "--beside": ["--beside", "tpu-v4"],
        "--report": ["--report", "r.csv"],
        "--dim": ("refused", ["--dim", "M=3"], "M"),
        "--shape": ["--shape", "x=5x8"],
        "--value": ("refused", ["--value", "x=0.5"], "has no samples"),
        "--noise": ([*ARRAYS, "--beside", "none"], ["--noise", "off"]),
        "--compensate": ([*ARRAYS, "--beside", "none", "--age", "1y"], ["--compensate", "none"]),
        "--fault-mapping": ([*ARRAYS, "--faults", "dead_column=0.3"], ["--fault-mapping", "none"]),
    },
    "explain": COMPILE | {
        "--json": ["--json"],
        "--calibration": ("by ranges", None),
        "--faults": (ARRAYS, ["--faults", "dead_array=0.999"]),
    },
    "inspect": {
        "--dim": ["--dim", "N=3"],
        "--shape": ["--shape", "x=5x8"],
        "--value": ["--value", "x=0.5"],
        "--disassemble": ("program", ["--disassemble"]),
        "--hazards": ("program", ["--hazards"]),
        "--weights": ("program", ["--disassemble"], ["--weights", "inline"]),
    },
    "targets list": {"--json": ["--json"]},
    "targets show": {},
    "targets check": {"--json": ["--json"]},
    "characterize": {
        "--what": ["--what", "fields"],
        "--array": ("of hybrid-server", ["--what", "timing"], ["--array", "mac"]),
        "--age": (DRIFT, ["--age", "1y"]),
        "--pair": (DRIFT, ["--pair", "off"]),
        "--inputs": (FIELDS, ["--inputs", "sparse"]),
        "--weight-dist": (FIELDS, ["--weight-dist", "sparse"]),
        "--io": (FIELDS, ["--io", "perfect"]),
        "--levels": (DRIFT, ["--levels", "3"]),
        "--samples": (DRIFT, ["--samples", "60"]),
        "--seed": (DRIFT, ["--seed", "1"]),
        "--noise": (FIELDS, ["--noise", "off"]),
        "--compensate": (DRIFT, ["--compensate", "none"]),
        "--set": (DRIFT, ["--set", "read_noise_scale=0"]),
        "--seeds": (FIELDS, ["--seeds", "2"]),
        "--algorithm": ("of idealized", TRAIN, ["--algorithm", "ttv2"]),
        "--lr": ("of idealized", TRAIN, ["--lr", "0.05"]),
        "--products": ("of idealized", UPDATE, ["--products", "0.3:0.4"]),
        "--cells": ("of idealized", UPDATE, ["--cells", "own"]),
        "--phases": ("of idealized", PULSES, ["--phases", "up"]),
        "--epochs": ("of idealized", TRAIN, ["--epochs", "3"]),
        "--batch": ("of idealized", TRAIN, ["--batch", "5"]),
        "--csv": (DRIFT, ["--csv", "-"]),
        "--shape": ("of hybrid-server", ["--what", "timing"], ["--shape", "8x8x8"]),
        "--topology": ("of hybrid-server", ["--what", "timing"], ["--topology", "layers.csv"]),
        "--format": ("of hybrid-server", ["--what", "timing"], ["--format", "f32"]),
        "--weights": ("of hybrid-server", ["--what", "timing", "--shape", "8x8x8"], ["--weights", "dram"]),
        "--images": ("of hybrid-server", ["--what", "timing", "--shape", "8x8x8"], ["--images", "3"]),
        "--groups": ("of hybrid-server", ["--what", "timing", "--shape", "8x8x8"], ["--groups", "3"]),
        "--bits": ("of hybrid-server", ["--what", "adc", "--technology", "22"], ["--bits", "3"]),
        "--technology": ("of hybrid-server", ["--what", "adc", "--technology", "22"], ["--technology", "65"]),
        "--frequency": ("of hybrid-server", ["--what", "adc", "--technology", "22"], ["--frequency", "1e6"]),
        "--power": ("of plan.flp", THERMAL, ["--power", "mac=3"]),
        "--ptrace": ("of plan.flp", ["--what", "thermal", "--power", "vec=2"], ["--ptrace", "p.ptrace"]),
        "--hotspot-config": ("of plan.flp", THERMAL, ["--hotspot-config", "h.config"]),
        "--interval": ("of plan.flp", ["--what", "thermal", "--ptrace", "p.ptrace", "--ttrace", "-"],
                       ["--interval", "0.5"]),
        "--duration": ("of plan.flp", [*THERMAL, "--ttrace", "-"], ["--duration", "20s"]),
        "--start": ("of plan.flp", [*THERMAL, "--ttrace", "-"], ["--start", "80"]),
        "--thermal-model": ("of plan.flp", THERMAL, ["--thermal-model", "grid"]),
        "--leakage": ("of hybrid-edge", ["--what", "thermal", "--power", "mac=3"], ["--leakage", "on"]),
        "--ttrace": ("of plan.flp", THERMAL, ["--ttrace", "-"]),
    },
}


def call(folder, *arguments):
    done = subprocess.run([HYBRIDC, *map(str, arguments)], cwd=folder, capture_output=True, text=True, timeout=120,
                          errors="replace", stdin=subprocess.DEVNULL)
    assert done.returncode >= 0 and done.returncode != 70, (arguments, done.stderr)
    return done


def listed(command):
    text = call(ROOT, *command.split(), "--help").stdout
    found = re.findall(r"^ +(?:-\w,)?(--[a-z][a-z-]*)", text, re.M)
    return sorted(set(found) - {"--help"})


ALL = [(command, option) for command in COMMANDS for option in listed(command)]


def prepare(folder):
    folder.mkdir()
    rng = np.random.default_rng(0)
    x = rng.standard_normal((2, 8)).astype(np.float32)
    np.savez(folder / "x.npz", x=x)
    np.savez(folder / "x4.npz", x=2 * x)
    call(folder, "run", MODEL, "--precision", "exact", "--inputs", "x.npz", "--outputs", "expect.npz")
    np.savez(folder / "zeros.npz", y=np.zeros((2, 3), np.float32))
    calib = rng.standard_normal((40, 8)).astype(np.float32)
    calib[11, 2] = 3000
    np.savez(folder / "calib.npz", x=calib)
    data = rng.standard_normal((12, 8)).astype(np.float32)
    labels = rng.integers(0, 3, 12)
    np.savez(folder / "data.npz", x=data, y=labels)
    np.savez(folder / "other.npz", x=data, y=np.zeros(12, np.int64))
    # Values that die one after the other.
    steps = "\n".join(f"  v{i + 1} = Softmax <axis = {i % 2}> (v{i})" for i in range(6))
    (folder / "chain.onnxtxt").write_text('<ir_version: 8, opset_import: ["": 17]>\n'
                                          f"chain (float[64, 64] v0) => (float[64, 64] v6)\n{{\n{steps}\n}}\n")
    (folder / "config.yaml").write_text("precision: fp32\n")
    (folder / "layers.csv").write_text("a, 8, 9, 10,\n")
    (folder / "plan.flp").write_text("mac\t0.002\t0.004\t0\t0\nvec\t0.002\t0.004\t0.002\t0\n")
    (folder / "p.ptrace").write_text("mac vec\n1 2\n2 1\n")
    (folder / "h.config").write_text("-t_chip 0.0004\n")
    # Commands that do not wait for each other.
    call(folder, "compile", MODEL, "--dim", "N=2", "-o", "program.hyb", "--dump-phases", "phases")
    text = (folder / "phases" / "09-emit.mlir").read_text()
    (folder / "hazard.mlir").write_text(re.sub(r"waits \[(#cmd.wait<[^>]*>(, )?)+\]", "waits []", text))
    shutil.rmtree(folder / "phases")


def seen(folder, arguments):
    """Everything that a run leaves, without times and its own name."""
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    done = call(folder, *arguments)
    files = {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*")
             if path.is_file() and before.get(path) != path.read_bytes()}
    said = re.sub(r", [\d.]+ s\b", "", done.stdout + done.stderr)
    for name, data in files.items():
        if name.endswith(".json"):
            files[name] = re.sub(rb'"(seconds|peak_rss_bytes|command|version|phases)": [^\n]*', b"", data)
    return done.returncode, said, files


def base(command, option, both):
    """The command line that the option is added to."""
    dim = [] if option in ("--dim", "--shape", "--value") and command != "eval" else ["--dim", "N=2"]
    if "--dim" in both:
        dim = []
    if option == "--shape" or option == "--value":
        dim = ["--dim", "N=2"]
    return {
        "compile": ["compile", MODEL, *dim],
        "run": ["run", MODEL, *dim, "--report", "r.json",
                *([] if option in ("--inputs", "--dim", "--shape") else ["--inputs", "x.npz"])],
        "compare": ["compare", MODEL, *dim, "--expect" if option != "--expect" else "--inputs",
                    "expect.npz" if option != "--expect" else "x.npz",
                    *([] if option in ("--inputs", "--expect") else ["--inputs", "x.npz"])],
        "eval": ["eval", MODEL, "--report", "r.json", *([] if option == "--data" else ["--data", "data.npz"])],
        "explain": ["explain", MODEL, *dim],
        "inspect": ["inspect", MODEL, *dim],
        "targets list": ["targets", "list"],
        "targets show": ["targets", "show", "hybrid-edge"],
        "targets check": ["targets", "check", "hybrid-edge"],
        "characterize": ["characterize", "pcm"],
    }[command]


@pytest.mark.parametrize("command, option", ALL, ids=lambda value: value.replace(" ", "-"))
def test_option(command, option, tmp_path):
    assert option in TABLE[command], f"{command} {option} has no entry: say what it does"
    if (command, option) in PROGRAM_ONLY or (command, option) in THREADS:
        assert option in TABLE["compile"] or option in RUN
        return
    entry = TABLE[command][option]
    one, two = tmp_path / "one", tmp_path / "two"
    prepare(one)
    both, extra = entry if isinstance(entry, tuple) and len(entry) == 2 else ([], entry)
    line = base(command, option, both if isinstance(both, list) else [])
    if isinstance(entry, tuple) and entry[0] == "refused":
        done = call(one, *line, *entry[1])
        assert done.returncode in (2, 3, 4) and entry[2] in done.stderr, done.stderr
        return
    if isinstance(entry, tuple) and entry[0] == "hazard":
        line, both, extra = [command, "hazard.mlir"], [], ["--check-hazards=false"]
    elif isinstance(entry, tuple) and entry[0] == "program":
        line, both, extra = [command, "program.hyb"], entry[1] if len(entry) == 3 else [], entry[-1]
    elif isinstance(entry, tuple) and entry[0] == "chain":
        # What stays in the scratchpad leaves DRAM nothing to use again.
        line, both = [command, "chain.onnxtxt", *(["--no-homes"] if option == "--no-buffer-reuse" else [])], []
    elif isinstance(entry, tuple) and entry[0] == "no data":
        line, both = [command, MODEL, "--dim", "N=2", "--report", "r.json"], []
    elif isinstance(entry, tuple) and entry[0] == "by ranges":
        # Ranges are not explained; the text of the same phase has them.
        line, both, extra = ["compile", MODEL, "--dim", "N=2", "--to", "partition"], *COMPILE[option]
    elif isinstance(entry, tuple) and entry[0].__class__ is str:
        line, both, extra = ["characterize", entry[0].removeprefix("of ")], entry[1], entry[2]
    prepare(two)
    if command == "characterize" and option == "--what":
        both = []
        line += ["--what", "drift", "--samples", "50"]
        first, second = seen(one, line), seen(two, ["characterize", "pcm", *extra])
    else:
        # What is given twice: the second run's alone.
        kept = both
        if option in both and extra[0] == option:
            at = both.index(option)
            kept = both[:at] + both[at + 2:]
        first = seen(one, [*line, *both])
        second = seen(two, [*line, *kept, *extra])
    assert first != second, f"{command} {option}: {extra} changes nothing: {first[:2]}"


def test_no_entry_is_left_over():
    for command in COMMANDS:
        there = set(listed(command))
        assert set(TABLE[command]) <= there, f"{command} has no {sorted(set(TABLE[command]) - there)}"


@pytest.mark.parametrize("command, given, said", [
    ("compile", ["--accuracy-budget", "1"], "accuracy is not budgeted yet"),
    ("run", ["--accuracy-budget", "1"], "--precision, --set-precision and --place choose"),
    ("compile", ["--precision", "int4"], "auto,exact,fp32,bf16,int8,analog"),
    ("eval", ["--precision", "bf16,int4"], "auto,exact,fp32,bf16,int8,analog"),
])
def test_what_is_not_there_is_refused(command, given, said):
    done = call(ROOT, command, MODEL, *given)
    assert done.returncode == 2 and said in done.stderr
    assert given[0] not in ("--accuracy-budget",) or "--accuracy-budget" not in call(ROOT, command, "--help").stdout
    assert "accuracy-budget" not in call(ROOT, "compile", MODEL, "--dump-config").stdout


NUMBERS = [
    ("compile", "--drift-bound", ["nan", "inf", "-1", "0", "1e9", "x"]),
    ("compile", "--horizon", ["nan", "inf", "-1d", "1w"]),
    ("compile", "--faults", ["stuck=nan", "stuck=-0.1", "stuck=1.5", "stuck=inf"]),
    ("run", "--age", ["nan", "inf", "-1s", "-inf", "1e400"]),
    ("run", "--threads", ["-1", "nan", "99999"]),
    ("run", "--repeat", ["0", "-1", "nan"]),
    ("run", "--seed", ["-1", "nan", "1.5"]),
    ("run", "--duty", ["nan", "inf", "0", "-0.5", "1.1"]),
    ("run", "--ambient", ["nan", "inf", "-300"]),
    ("run", "--limit", ["nan", "inf", "1e9"]),
    ("run", "--duration", ["nan", "inf", "0s", "-1s"]),
    ("compare", "--rtol", ["nan", "inf", "-1"]),
    ("compare", "--atol", ["nan", "inf", "-1e-9"]),
    ("compare", "--threshold", ["nan", "inf"]),
    ("eval", "--limit", ["-1", "nan"]),
    ("eval", "--batch", ["0", "-1", "nan"]),
    ("eval", "--seeds", ["0", "-1", "nan"]),
    ("eval", "--age", ["nan", "-1s", "1h,-1h"]),
    ("eval", "--cost-batch", ["0", "nan"]),
    ("eval", "--samples", ["-1", "nan"]),
]
STUDIES = [
    ("drift", "--age", ["nan", "-1s"]), ("drift", "--levels", ["nan", "2,-1", "inf", "0,1.5"]),
    ("drift", "--samples", ["-1", "nan"]), ("mvm", "--seeds", ["-1", "nan"]),
    ("adc", "--bits", ["nan", "0", "-4", "inf"]), ("adc", "--technology", ["nan", "0"]),
    ("adc", "--frequency", ["nan", "-1"]), ("timing", "--images", ["0", "nan"]), ("timing", "--groups", ["0"]),
    ("timing", "--shape", ["0x1x1", "nanx1x1"]), ("thermal", "--power", ["mac=nan", "mac=-1", "mac=inf"]),
    ("thermal", "--interval", ["nan", "0", "-1", "inf"]), ("thermal", "--duration", ["nan", "0s"]),
    ("thermal", "--start", ["nan", "inf"]), ("regression", "--lr", ["nan", "-1", "inf"]),
    ("regression", "--epochs", ["0", "-1", "nan"]), ("regression", "--batch", ["0", "nan"]),
    ("update", "--lr", ["nan", "inf"]), ("update", "--products", ["nan:1", "1:inf"]), ("pulse", "--levels", ["0.5"])]


@pytest.mark.parametrize("command, option, values", NUMBERS, ids=lambda value: str(value)[:20])
def test_numbers_out_of_range(command, option, values, tmp_path):
    prepare(tmp_path / "t")
    for value in values:
        line = base(command, option, [])
        if option == "--samples":
            line = ["eval", MODEL]
        if command == "eval" and option == "--cost-batch":
            line += ["--values", "off"]
        done = call(tmp_path / "t", *line, f"{option}={value}",
                    *(["--recalibrate", "auto", "--horizon", "1y"] if option == "--drift-bound" else []))
        assert done.returncode in (2, 3), (value, done.returncode, done.stdout, done.stderr)


@pytest.mark.parametrize("what, option, values", STUDIES, ids=lambda value: str(value)[:20])
def test_numbers_of_studies_out_of_range(what, option, values, tmp_path):
    prepare(tmp_path / "t")
    subject = {"adc": "hybrid-server", "timing": "hybrid-server", "thermal": "plan.flp", "regression": "idealized",
               "update": "idealized", "pulse": "idealized"}.get(what, "pcm")
    for value in values:
        done = call(tmp_path / "t", "characterize", subject, "--what", what, f"{option}={value}",
                    *(["--power", "vec=1"] if what == "thermal" else []))
        assert done.returncode in (2, 3), (value, done.returncode, done.stdout, done.stderr)


@pytest.mark.parametrize("command", ["run", "compare", "eval", "inspect"])
def test_no_effect_on_a_program(command, tmp_path):
    """What only a compilation reads is refused for a .hyb, by its name."""
    folder = tmp_path / "t"
    prepare(folder)
    options = set(listed(command)) & set(COMPILE) - {"--faults", "--check-hazards", "--load-pass-plugin"}
    assert len(options) == (4 if command == "inspect" else 20)
    more = {"run": [], "compare": ["--expect", "expect.npz"], "eval": ["--data", "data.npz"], "inspect": []}[command]
    for option in sorted(options):
        given = {"--calibrate": ["--calibrate", "calib.npz"], "--calibration": ["--calibration", "mse"],
                 "--weights": ["--weights", "inline"]}.get(option, COMPILE[option])
        given = given[-1] if isinstance(given, tuple) else given
        done = call(folder, command, "program.hyb", *more, *given)
        assert done.returncode == 2 and f"{option}: no effect on program.hyb" in done.stderr, (option, done.stderr)


def test_no_effect_elsewhere(tmp_path):
    folder = tmp_path / "t"
    prepare(folder)
    for line, said in [
            (["compile", "hazard.mlir", "--dim", "N=2", "--value", "x=1"], "--dim, --value: no effect on hazard.mlir"),
            (["compile", MODEL, "--calibration", "mse"], "--calibration: without --calibrate"),
            (["compile", MODEL, "--drift-bound", "3"], "--drift-bound: what --recalibrate auto holds"),
            (["compile", MODEL, "--weights", "inline"], "--weights: no effect on"),
            (["eval", MODEL, "--data", "data.npz", "--samples", "3"], "--samples: the samples are those of --data"),
            (["eval", MODEL, "--labels", "y"], "--labels: about --data"),
            (["eval", MODEL, "--data", "data.npz", "--cost-batch", "2"], "--cost-batch: counts in tables"),
            (["characterize", "pcm", "--what", "drift", "--epochs", "3", "--bits", "4"],
             "--epochs, --bits: no effect on --what drift"),
            (["characterize", "hybrid-server", "--what", "timing", "--age", "1d"], "--age: no effect on --what timing"),
    ]:
        done = call(folder, *line)
        assert done.returncode == 2 and said in done.stderr, (line, done.stderr)
