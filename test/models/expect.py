#!/usr/bin/env python3
"""Adds to exported models what onnxruntime computes for them.

  expect.py DIR [--only NAME]... [--light]

For each DIR/NAME.bK.inputs.npz it runs DIR/NAME.onnx and writes
NAME.bK.expect.npz, after checking that every output is finite and varies.
Needs onnxruntime, onnx and numpy.

--light also copies the nine `light` models out of the installed onnx package
(onnx/backend/test/data/light/light_*.onnx: real topologies with all weights
0.02, fixed batch 1) into DIR as light_NAME.onnx with random inputs.
"""
import argparse
import pathlib
import shutil
import sys

import numpy as np
import onnx
import onnxruntime as ort


def session(path, threads):
    options = ort.SessionOptions()
    options.log_severity_level = 3
    options.intra_op_num_threads = threads
    # Its own fusions change rounding, its basic ones do not change results.
    options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_ENABLE_BASIC
    return ort.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def insane(outputs, constant_ok):
    """Why these outputs prove nothing, or None."""
    for name, value in outputs.items():
        if value.size == 0:
            return f"{name} is empty"
        if np.issubdtype(value.dtype, np.floating):
            if not np.isfinite(value).all():
                return f"{name} is not finite"
            if not constant_ok and value.size > 1 and value.std() == 0:
                return f"{name} is constant"
    return None


def expect(stem, batch_file, threads, constant_ok=False):
    model = session(stem.with_name(stem.name + ".onnx"), threads)
    inputs = dict(np.load(batch_file))
    names = [o.name for o in model.get_outputs()]
    outputs = dict(zip(names, model.run(names, inputs)))
    problem = insane(outputs, constant_ok)
    if problem:
        raise SystemExit(f"{stem}: {problem}")
    target = batch_file.with_name(batch_file.name.replace(".inputs.", ".expect."))
    np.savez(target, **outputs)
    print(f"{target.name}: " + ", ".join(
        f"{n} {list(v.shape)} max|.| {np.abs(v).max():.4g}" for n, v in outputs.items()),
        flush=True)


def light_folder():
    return pathlib.Path(onnx.__file__).parent / "backend/test/data/light"


def add_light(outdir):
    rng = np.random.default_rng(5)
    for source in sorted(light_folder().glob("light_*.onnx")):
        shutil.copy(source, outdir / source.name)
        graph = onnx.load(source).graph
        stored = {i.name for i in graph.initializer}
        inputs = {}
        for value in graph.input:
            if value.name not in stored:
                shape = [d.dim_value for d in value.type.tensor_type.shape.dim]
                inputs[value.name] = rng.random(shape, np.float32)
        np.savez(outdir / f"{source.stem}.b1.inputs.npz", **inputs)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("dir", type=pathlib.Path)
    parser.add_argument("--only", action="append", metavar="NAME")
    parser.add_argument("--light", action="store_true")
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    if options.light:
        add_light(options.dir)
    found = 0
    for batch_file in sorted(options.dir.glob("*.b*.inputs.npz")):
        name = batch_file.name.split(".b")[0]
        if options.only and name not in options.only:
            continue
        expect(options.dir / name, batch_file, options.threads, name.startswith("light_"))
        found += 1
    if not found:
        raise SystemExit(f"{options.dir}: no *.inputs.npz; run export.py first")


if __name__ == "__main__":
    sys.exit(main())
