"""check_presets.py STUDY.json PRESETS PAGE: every preset has a row with figures that can be, and a row on the page."""
import json
import pathlib
import sys

rows = json.loads(pathlib.Path(sys.argv[1]).read_text())["rows"]
presets = sorted(path.stem for path in pathlib.Path(sys.argv[2]).glob("*.yaml"))
assert [r["target"] for r in rows] == presets and len(presets) >= 22
for r in rows:
    assert r["error"] is None, (r["target"], r["error"])
    assert 0 < r["utilization"] <= 1 and r["tops"] <= 1.001 * r["roofline_tops"], r["target"]
    assert 1e-7 < r["energy_per_inference_j"] < 1 and 1e2 < r["latency_ns"] < 1e9, r["target"]
    assert 20 < r["peak_temperature_c"] < 150, r["target"]
    assert r["macs"] == rows[0]["macs"] and r["parameters"] == rows[0]["parameters"]
page = pathlib.Path(sys.argv[3]).read_text()
for name in presets:
    assert f"| {name} |" in page, f"docs/Presets.md has no row of {name}; run: tools/dev presets"
