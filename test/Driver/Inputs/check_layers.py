"""check_layers.py LAYERS.json X.npz: the figures of `compare --per-layer --precision bf16 --json` of two_layers.onnxtxt are those
that NumPy finds, for inputs and weights rounded to bf16 and sums in f32."""
import json
import pathlib
import sys

import numpy as np

report = json.load(open(sys.argv[1]))
x = np.load(sys.argv[2])["x"]


def literal(text):
    model = (pathlib.Path(__file__).parent / "two_layers.onnxtxt").read_text()
    body = model.split(text)[1].split("{")[1].split("}")[0]
    return np.array([float(v) for v in body.split(",")], np.float32)


def bf16(a):
    bits = a.astype(np.float32).view(np.uint32)
    return ((bits + 0x7FFF + (bits >> 16 & 1)) & 0xFFFF0000).astype(np.uint32).view(np.float32)


w1, w2 = literal(" w1 =").reshape(8, 4), literal(" w2 =").reshape(4, 3)
exact = [np.maximum(x @ w1, 0)]
exact.append(exact[0] @ w2)
rounded = [np.maximum(bf16(x) @ bf16(w1), 0)]
rounded.append(bf16(rounded[0]) @ bf16(w2))
assert [layer["name"] for layer in report["layers"]] == ["first+act", "second"], report
assert report["schema_version"] == 1 and report["unmatched"] == 0
for layer, want, got in zip(report["layers"], exact, rounded):
    error = got.astype(np.float64) - want
    snr = 10 * np.log10((want.astype(np.float64) ** 2).sum() / (error**2).sum())
    print(f"{layer['name']}: SQNR {layer['sqnr_db']:.3f} dB, NumPy {snr:.3f} dB (bound 0.01 dB)")
    assert layer["engine"] == "mac" and layer["precision"] == "bf16" and layer["shape"] == list(want.shape)
    assert abs(layer["sqnr_db"] - snr) < 0.01
    assert np.isclose(layer["max_abs"], np.abs(error).max(), rtol=1e-3)
    assert np.isclose(layer["l2_rel"], np.sqrt((error**2).sum() / (want**2).sum()), rtol=1e-3)
worst = min(report["layers"], key=lambda layer: layer["sqnr_db"])
assert [layer["is_worst"] for layer in report["layers"]] == [layer is worst for layer in report["layers"]]
