"""each_device.py MODEL OUTDIR DEVICE…: a target with each device runs and evaluates the model at several ages.

Noise must show (except for `ideal`), grow no error beyond what the device says, and differ between ages.
"""
import pathlib
import subprocess
import sys

import numpy as np

model, out = sys.argv[1], pathlib.Path(sys.argv[2])


def hybridc(*args):
    return subprocess.run(["hybridc", *map(str, args)], check=True, capture_output=True, text=True).stdout


edge = hybridc("targets", "show", "hybrid-edge")
assert edge.count("device: pcm\n") == 1 or edge.count('device: "pcm"\n') == 1, edge
want = np.load(out / "y.npz")["y"]
for device in sys.argv[3:]:
    target = out / f"{device}.yaml"
    target.write_text(edge.replace("device: pcm\n", f"device: {device}\n").replace('device: "pcm"\n', f'device: "{device}"\n'))
    hybridc("compile", model, "--target", target, "--precision", "analog", "--dim", "N=7", "-o", out / "d.hyb")
    seen = {}
    for age, compensate in (("0s", "none"), ("20s", "global"), ("1h", "column"), ("1d", "none"), ("1y", "global")):
        hybridc("run", out / "d.hyb", "--inputs", out / "x.npz", "--age", age, "--compensate", compensate, "--outputs", out / "d.npz")
        y = np.load(out / "d.npz")["y"]
        seen[age] = np.linalg.norm(y - want) / np.linalg.norm(want)
    bound = 0.8 if device == "mram" else 0.65  # of two states, one is zero: weights become -1, 0 or 1
    print(device, *(f"{age} {error:.4f}" for age, error in seen.items()), "bound", bound)
    assert max(seen.values()) < bound, seen
    assert device in ("ideal", "mram") or len(set(seen.values())) > 3, seen
    accuracy = hybridc("eval", out / "d.hyb", "--data", out / "set.npz", "--age", "1y", "--compensate", "column")
    assert "accuracy" in accuracy, accuracy
