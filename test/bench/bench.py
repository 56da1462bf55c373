"""Benchmarks of hybridc: every figure is a ratio against a peer or a bound, taken in the same run.

  tools/dev bench [--only NAME]... [--threads 1,all] [--repeat 5]

agree      every network of test/models/export.py (opset 17 and 16, batch 1 and 4) and the nine `light` models of the
           onnx package: the share that agrees with onnxruntime as test/models/check.py says
exact      resnet50, mobilenet_v2, BERT-like, GPT-like: time of `hybridc run --precision exact` over onnxruntime's,
           batch 1, same number of threads
compile    resnet50 on one core: seconds and peak memory against their bounds
clock      the clock alone on resnet50 at batch 16 and on a BERT-like network: 1 million commands a second over its own
estimate   every network of test/models on three presets: what the partitioner's estimates add up to beside the time
           of the clock
homes      the same with results that may stay in the scratchpad over the same without: DRAM traffic, time, energy; and
           DRAM traffic over its bound: weights, inputs and outputs once
startup    `hybridc --help` against its bound
zoo        all networks of test/models/zoo.py of up to 150 million weights: how many fail to compile for three presets or
           to agree with onnxruntime; a row each with the SQNR of `int8` and `auto`
analog     a noisy 512x512 PCM layer, batch 64, one thread: over onnxruntime's float MatMul of that size, and over
           the bare float product of the executor
"""
import argparse
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time

import numpy as np
import onnx
import onnxruntime

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("HYBRIDC_BUILD_DIR", ROOT / "build"))
HYBRIDC = BUILD / "bin" / "hybridc"

# model → the most that hybridc may take, as a multiple of onnxruntime's time
EXACT = {"resnet50": 1.5, "mobilenet_v2": 1.5, "bert": 2.0, "gpt": 2.0}


def export(names, folder):
    missing = [n for n in names if not (folder / f"{n}.onnx").exists()]
    for name in missing:
        subprocess.run(["/usr/bin/python3", ROOT / "test/models/export.py", folder, "--only", name],
                       check=True, stdout=sys.stderr)
    return {n: folder / f"{n}.onnx" for n in names}


def model_inputs(path):
    """The inputs at batch 1 that export.py wrote, and the symbolic batch."""
    return dict(np.load(path.with_name(path.stem + ".b1.inputs.npz"))), {"N": 1}


def best(samples):
    return sorted(samples)[len(samples) // 2]


def time_onnxruntime(path, inputs, threads, repeat):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    expected = session.run(None, inputs)
    samples = []
    for _ in range(repeat):
        start = time.perf_counter()
        session.run(None, inputs)
        samples.append(time.perf_counter() - start)
    return best(samples), dict(zip([o.name for o in session.get_outputs()], expected))


def time_hybridc(program, npz, threads, repeat, folder):
    report = folder / "run.json"
    output = folder / "out.npz"
    subprocess.run([HYBRIDC, "run", program, "--inputs", npz, "--outputs", output, "--noise", "off",
                    "--threads", str(threads), "--repeat", str(repeat + 1), "--report", report],
                   check=True, stdout=subprocess.DEVNULL)
    return json.loads(report.read_text())["run"]["seconds"], dict(np.load(output))


def worst_difference(got, expected):
    return max(float(np.max(np.abs(got[k] - v))) / max(float(np.max(np.abs(v))), 1e-30)
               for k, v in expected.items() if v.dtype.kind == "f")


def row(name, value, bound, unit="x"):
    verdict = "ok" if value <= bound else "MISSED"
    print(f"{name:44} {value:8.2f} {unit:3} of at most {bound:g} {unit}  {verdict}", flush=True)


def bench_exact(args, folder):
    names = [n for n in EXACT if not args.only or "exact" in args.only or n in args.only]
    for name, path in export(names, args.models).items():
        inputs, dims = model_inputs(path)
        npz = folder / "in.npz"
        np.savez(npz, **inputs)
        program = folder / f"{name}.hyb"
        subprocess.run([HYBRIDC, "compile", path, "--precision", "exact", "-o", program,
                        *[f"--dim={k}={v}" for k, v in dims.items()]], check=True)
        for threads in args.threads:
            theirs, expected = time_onnxruntime(path, inputs, threads, args.repeat)
            ours, got = time_hybridc(program, npz, threads, args.repeat, folder)
            row(f"exact {name}, {threads} thread(s), time/onnxruntime", ours / theirs, EXACT[name])
            print(f"  hybridc {ours * 1e3:.1f} ms, onnxruntime {theirs * 1e3:.1f} ms, "
                  f"difference {worst_difference(got, expected):.1e} of the largest output", flush=True)


def bench_agree(args, folder):
    """Not a speed, but too long for the tests: these run the small networks only."""
    models = ROOT / "test/models"
    listed = subprocess.run(["/usr/bin/python3", models / "export.py", args.models, "--list"], check=True,
                            capture_output=True, text=True).stdout.split()
    export(listed, args.models)
    if not list(args.models.glob("light_*.b1.inputs.npz")) or any(
            not i.with_name(i.name.replace(".inputs.", ".expect.")).exists() for i in args.models.glob("*.inputs.npz")):
        subprocess.run([sys.executable, models / "expect.py", args.models, "--light"], check=True, stdout=sys.stderr)
    outcomes = folder / "agree.json"
    subprocess.run([sys.executable, models / "check.py", args.models, "--hybridc", HYBRIDC, "--jobs", "1", "--timeout",
                    "600", "--json", outcomes], stdout=sys.stderr)
    results = json.loads(outcomes.read_text())
    for result in results:
        if result["outcome"] != "pass":
            print(f"  {result['outcome']}: {result['name']}: {result['why'].splitlines()[0]}")
    off = sum(r["outcome"] != "pass" for r in results)
    row(f"networks that disagree, of {len(results)}", off, 0, "")


def bench_zoo(args, folder):
    """All of torchvision's classifiers, segmentation and video models, and some more (test/models/zoo.py)."""
    zoo = args.models / "zoo"
    subprocess.run(["/usr/bin/python3", ROOT / "test/models/zoo.py", zoo], stdout=sys.stderr)
    table = folder / "zoo.json"
    subprocess.run([sys.executable, ROOT / "test/models/zoo_check.py", zoo, "--hybridc", HYBRIDC, "--json", table])
    rows = json.loads(table.read_text())
    row(f"networks of the zoo that fail, of {len(rows)}", sum("failed" in r for r in rows.values()), 0, "")


def bench_compile(args, folder):
    path = export(["resnet50"], args.models)["resnet50"]
    _, dims = model_inputs(path)
    start = time.perf_counter()
    # One core, and the child's own peak memory.
    child = subprocess.Popen(["taskset", "-c", "0", HYBRIDC, "compile", path, "--precision", "exact", "-o",
                              folder / "r.hyb", *[f"--dim={k}={v}" for k, v in dims.items()]])
    _, status, usage = os.wait4(child.pid, 0)
    if status:
        sys.exit("compiling resnet50 failed")
    row("compile resnet50 on one core, seconds/bound", (time.perf_counter() - start) / 4.0, 1.0)
    row("compile resnet50, peak memory/bound", usage.ru_maxrss * 1024 / 1.5e9, 1.0)


def bench_clock(args, folder):
    for name, batch in (("resnet50", 16), ("bert", 4)):
        path = export([name], args.models)[name]
        program = folder / "clock.hyb"
        subprocess.run([HYBRIDC, "compile", path, f"--dim=N={batch}", "-o", program], check=True)
        out = subprocess.run(["taskset", "-c", "0", BUILD / "bin" / "hybridc-bench-clock", program], check=True,
                             capture_output=True, text=True).stdout
        result = json.loads(out)
        row(f"clock alone, {name} b{batch}, 1e6 / (commands/s)", 1e6 * result["seconds"] / result["commands"], 1.0)
        print(f"  {result['commands']} commands in {result['seconds'] * 1e3:.2f} ms", flush=True)


ESTIMATE_TARGETS = ("hybrid-edge", "pcm-hermes", "tpu-v1")


def network_names(folder):
    listed = subprocess.run(["/usr/bin/python3", ROOT / "test/models/export.py", folder, "--list"], check=True,
                            capture_output=True, text=True).stdout.split()
    return [name for name in listed if not name.endswith("_op16")]


def clocked(path, target, folder, *more):
    """The report of a network at batch 1, without values."""
    report = folder / "clocked.json"
    _, dims = model_inputs(path)
    done = subprocess.run([HYBRIDC, "run", path, "--values", "off", "--target", target, "--report", report, "--thermal", "off",
                           *more, *[f"--dim={k}={v}" for k, v in dims.items()]], capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"{path.name} on {target}: exit {done.returncode}: {done.stderr}")
    return json.loads(report.read_text())


def bench_homes(args, folder):
    """What stays in the scratchpad: a table of ratios with over without."""
    print("| network | " + " | ".join(f"{t}: DRAM | over bound | time | energy" for t in ESTIMATE_TARGETS) + " |")
    print("|---|" + "---|---|---|---|" * len(ESTIMATE_TARGETS))
    for name in network_names(folder):
        path = export([name], args.models)[name]
        cells = []
        for target in ESTIMATE_TARGETS:
            program = folder / "homes.hyb"
            dims = [f"--dim={k}={v}" for k, v in model_inputs(path)[1].items()]
            subprocess.run([HYBRIDC, "compile", path, "--target", target, *dims, "-o", program], check=True, capture_output=True)
            text = subprocess.run([HYBRIDC, "inspect", program, "--disassemble"], check=True, capture_output=True, text=True).stdout
            # Constants of arrays are read when they are programmed, not in a run.
            bound = sum(int(bytes_) for name, bytes_ in re.findall(r'cmd.dram "([^"]*)" "[^"]*" at \d+ bytes (\d+)', text)
                        if name != "scratch")
            totals = [clocked(path, target, folder, *more)["totals"] for more in ([], ["--no-homes"])]
            moved, before = (t["dram_read_bytes"] + t["dram_write_bytes"] for t in totals)
            cells += [moved / before, moved / bound, totals[0]["latency_ns"] / totals[1]["latency_ns"],
                      totals[0]["energy_pj"] / totals[1]["energy_pj"]]
        print(f"| {name} | " + " | ".join(f"{c:.2f}" for c in cells) + " |", flush=True)


def bench_estimate(args, folder):
    """The partitioner adds up layers, each alone; the clock overlaps them and has what lies between: a table of ratios."""
    names = network_names(folder)
    print("| network | " + " | ".join(f"{t}: estimate / clock, time | energy" for t in ESTIMATE_TARGETS) + " |")
    print("|---|" + "---|---|" * len(ESTIMATE_TARGETS))
    ratios = []
    for name in names:
        path = export([name], args.models)[name]
        cells = []
        for target in ESTIMATE_TARGETS:
            report = clocked(path, target, folder)
            totals, nodes = report["totals"], report["nodes"]
            ratio = [sum(node[f"estimated_{what}"] for node in nodes) / (totals[what] - less)
                     for what, less in (("latency_ns", 0), ("energy_pj", totals["leakage_pj"]))]
            cells += [f"{r:.2f}" for r in ratio]
            ratios.append(ratio)
        print(f"| {name} | " + " | ".join(cells) + " |", flush=True)
    for what, column in zip(("time", "energy"), np.array(ratios).T):
        print(f"  {what}: {column.min():.2f} to {column.max():.2f}, median {np.median(column):.2f}", flush=True)


def bench_startup(args, folder):
    samples = []
    for _ in range(7):
        start = time.perf_counter()
        subprocess.run([HYBRIDC, "--help"], check=True, stdout=subprocess.DEVNULL)
        samples.append(time.perf_counter() - start)
    row("hybridc --help, seconds/bound", best(samples) / 0.1, 1.0)


def time_matmul(repeat):
    """onnxruntime's float MatMul [64, 512] x [512, 512], constant weights, one thread: the fastest of many."""
    draw = np.random.default_rng(0)
    weights = onnx.numpy_helper.from_array(draw.standard_normal((512, 512)).astype(np.float32), "w")
    graph = onnx.helper.make_graph(
        [onnx.helper.make_node("MatMul", ["x", "w"], ["y"])], "matmul",
        [onnx.helper.make_tensor_value_info("x", onnx.TensorProto.FLOAT, [64, 512])],
        [onnx.helper.make_tensor_value_info("y", onnx.TensorProto.FLOAT, [64, 512])], [weights])
    model = onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", 17)], ir_version=8)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    # Bound once, so that nothing but the product is timed.
    binding = session.io_binding()
    binding.bind_cpu_input("x", draw.standard_normal((64, 512)).astype(np.float32))
    binding.bind_output("y")
    samples = []
    for _ in range(repeat):
        start = time.perf_counter()
        session.run_with_iobinding(binding)
        samples.append(time.perf_counter() - start)
    return min(samples)


def bench_analog(args, folder):
    """A noisy 512x512 PCM layer, batch 64, standard periphery, one thread; the peers are timed in turns with it."""
    binary = BUILD / "bin" / "hybridc-bench-analog"
    if not binary.exists():
        sys.exit("analog: hybridc-bench-analog is not built; libbenchmark-dev is missing")
    env = dict(os.environ, OMP_NUM_THREADS="1")
    theirs, bare, ours = float("inf"), float("inf"), {}
    for _ in range(args.repeat):
        theirs = min(theirs, time_matmul(300))
        out = subprocess.run([binary, "--benchmark_filter=product", "--benchmark_format=json",
                              "--benchmark_min_time=0.1"],
                             check=True, capture_output=True, text=True, env=env).stdout
        for result in json.loads(out)["benchmarks"]:
            name, best_us = result["name"].split("/")[1], result["best_us"]
            ours[name] = min(ours.get(name, best_us), best_us)
            bare = min(bare, best_us / result["ratio_to_sgemm"])
    row("noisy PCM, 4 arrays 256x256, time/onnxruntime", ours["noisy_256"] / (theirs * 1e6), 4.0)
    row("noisy PCM, 1 array 512x512, time/onnxruntime", ours["noisy_512"] / (theirs * 1e6), 4.0)
    row("noisy PCM, 1 array 512x512, time/bare GEMM", ours["noisy_512"] / bare, 1.5)
    print(f"  onnxruntime MatMul {theirs * 1e6:.0f} us, bare GEMM {bare:.0f} us; " +
          ", ".join(f"{name} {best_us:.0f} us" for name, best_us in ours.items()), flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", action="append", help="model or benchmark to run; several may be given")
    parser.add_argument("--threads", default="1,all")
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--models", type=pathlib.Path, default=BUILD / "models")
    args = parser.parse_args()
    args.models.mkdir(parents=True, exist_ok=True)
    args.threads = [len(os.sched_getaffinity(0)) if t == "all" else int(t) for t in args.threads.split(",")]
    benches = {"startup": bench_startup, "clock": bench_clock, "compile": bench_compile, "analog": bench_analog,
               "estimate": bench_estimate, "homes": bench_homes, "exact": bench_exact, "agree": bench_agree, "zoo": bench_zoo}
    with tempfile.TemporaryDirectory() as folder:
        for name, bench in benches.items():
            models = name == "exact" and args.only and any(o in EXACT for o in args.only)
            if not args.only or name in args.only or models:
                bench(args, pathlib.Path(folder))


if __name__ == "__main__":
    main()
