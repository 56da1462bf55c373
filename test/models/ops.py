#!/usr/bin/env python3
"""Writes the operator conformance cases.

  ops.py OUTDIR [--only SUBSTRING]... [--list]

For each case OUTDIR/NAME.onnx, NAME.inputs.npz and NAME.expect.npz, and
OUTDIR/manifest.json: [{name, op, opset, oracle, rtol, atol, core, uses}].
`core` marks the operators that must work; the rest are welcome.

Expected values come from onnxruntime with graph optimisation off. Where it has
no kernel for a type or does not know an opset, from onnx's reference evaluator
(oracle "onnx"). Where the two disagree the specification decides (TRUSTED
below, each with what the evaluator leaves out); a case that it does not decide
is not written, only listed in `disputed` of the manifest.
Needs onnx, onnxruntime and numpy; cases are in opcases/.
"""
import argparse
import json
import pathlib
import sys
import warnings

import numpy as np
import onnx
import onnxruntime as ort
from onnx.reference import ReferenceEvaluator

from opcases import CASES
from opcases.core import NEWEST_RUNTIME_OPSET

# Cases in which onnx's evaluator does not do what the operator's text says and
# onnxruntime does. Checked against the formula in numpy or against torch where
# the reason is arithmetic.
TRUSTED = {
    "convtranspose_11_depthwise": "groups with one output channel each",
    "lstm_14_lengths": "sequence_lens", "lstm_14_lengths_bidirectional": "sequence_lens",
    "gru_14_lengths": "sequence_lens", "gru_14_lengths_bidirectional": "sequence_lens",
    "lstm_14_clip": "clip", "gru_14_clip": "clip", "lstm_14_input_forget": "input_forget",
    "lstm_14_activations": "activations", "gru_14_activations": "activations",
    "softmax_11_default_flattens": "flattening before opset 13",
    "softmax_11_axis0_flattens": "flattening before opset 13",
    "logsoftmax_11_default_flattens": "flattening before opset 13",
    "logsoftmax_11_axis0_flattens": "flattening before opset 13",
    "logsoftmax_13_large": "log of an underflowing softmax",
    "batchnormalization_9_folded": "inference with stored statistics",
    "lrn_7_attrs": "the window's upper end",
}


def for_runtime(model):
    """The model as onnxruntime can load it: an opset it does not know yet is
    lowered if no operator of the model changed since the newest it knows."""
    opset = next(o for o in model.opset_import if o.domain == "")
    if opset.version <= NEWEST_RUNTIME_OPSET:
        return model
    for node in model.graph.node:
        schema = onnx.defs.get_schema(node.op_type, opset.version, node.domain)
        if schema.since_version > NEWEST_RUNTIME_OPSET:
            return None
    lowered = onnx.ModelProto()
    lowered.CopyFrom(model)
    lowered.ir_version = 12
    lowered.opset_import[0].version = NEWEST_RUNTIME_OPSET
    return lowered


def by_runtime(case):
    model = for_runtime(case.model)
    if model is None:
        return None, "newer than the runtime"
    options = ort.SessionOptions()
    options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.log_severity_level = 4
    options.intra_op_num_threads = 1
    try:
        session = ort.InferenceSession(model.SerializeToString(), options,
                                       providers=["CPUExecutionProvider"])
        names = [o.name for o in session.get_outputs()]
        return dict(zip(names, session.run(names, case.inputs))), None
    except Exception as error:  # its exceptions share no narrower type
        return None, str(error).splitlines()[0][:160]


def by_reference(case):
    try:
        evaluator = ReferenceEvaluator(case.model)
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            values = evaluator.run(None, case.inputs)
        names = [o.name for o in case.model.graph.output]
        return {n: np.asarray(v) for n, v in zip(names, values)}, None
    except Exception as error:  # a reference may fail in any way
        return None, f"{type(error).__name__}: {error}".splitlines()[0][:160]


def differs(a, b, rtol, atol):
    """How two answers differ, or None."""
    for name, left in a.items():
        right = b[name]
        if left.shape != right.shape or left.dtype != right.dtype:
            return f"{name}: {left.dtype}{left.shape} or {right.dtype}{right.shape}"
        if left.dtype.kind in "fc":
            if not np.allclose(left.astype(np.float64), right.astype(np.float64), rtol, atol,
                               equal_nan=True):
                return f"{name}: max difference {np.nanmax(np.abs(left - right)):.3g}"
        elif not np.array_equal(left, right):
            return f"{name}: values differ"
    return None


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("outdir", type=pathlib.Path, nargs="?")
    parser.add_argument("--only", action="append", metavar="SUBSTRING")
    parser.add_argument("--list", action="store_true", help="print the names and stop")
    parser.add_argument("--disputed", action="store_true", help="say where the oracles differ")
    options = parser.parse_args()
    chosen = [c for c in CASES
              if not options.only or any(part in c.name for part in options.only)]
    if options.list:
        print("\n".join(c.name for c in chosen))
        return 0
    if not options.outdir:
        parser.error("OUTDIR is missing")
    options.outdir.mkdir(parents=True, exist_ok=True)
    manifest, disputed, oracles = [], [], {}
    for case in chosen:
        runtime, why_not = by_runtime(case)
        reference, why_not_either = by_reference(case)
        if runtime is None and reference is None:
            print(f"{case.name}: no oracle: {why_not}; {why_not_either}", file=sys.stderr)
            return 1
        if runtime and reference and not case.shape_only:
            difference = differs(runtime, reference, 10 * case.rtol, 10 * case.atol)
            if difference and case.name in TRUSTED:
                reference = None
            elif difference:
                disputed.append({"name": case.name, "difference": difference})
                continue
        oracle = "onnxruntime" if runtime else "onnx"
        if runtime and reference:
            oracle = "both"
        oracles[oracle] = oracles.get(oracle, 0) + 1
        onnx.save(case.model, options.outdir / f"{case.name}.onnx")
        np.savez(options.outdir / f"{case.name}.inputs.npz", **case.inputs)
        np.savez(options.outdir / f"{case.name}.expect.npz", **(runtime or reference))
        manifest.append({
            "name": case.name, "op": case.op, "opset": case.model.opset_import[0].version,
            "oracle": oracle, "rtol": case.rtol, "atol": case.atol, "core": case.core,
            "uses": [f"{d}.{o}" if d else o for d, o in case.uses]})
    (options.outdir / "manifest.json").write_text(
        json.dumps({"cases": manifest, "disputed": disputed}, indent=1) + "\n")
    print(f"{options.outdir}: {len(manifest)} cases, {sum(c['core'] for c in manifest)} of them "
          f"core, {len({c['op'] for c in manifest})} operators; oracles {oracles}; "
          f"{len(disputed)} disputed and left out")
    if options.disputed:
        print("\n".join(f"{d['name']}: {d['difference']}" for d in disputed))
    return 0


if __name__ == "__main__":
    sys.exit(main())
