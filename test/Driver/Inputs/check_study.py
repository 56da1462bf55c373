"""check_study.py DIR: the views of one study agree and their figures follow from each other."""
import csv
import json
import pathlib
import sys

folder = pathlib.Path(sys.argv[1])
study = json.loads((folder / "s.json").read_text())
rows = study["rows"]
assert study["command"].startswith("hybridc eval ") and "--precision int8,analog" in study["command"]
assert study["schema_version"] == 1 and study["kind"] == "study" and study["beside"] == ["gpu-a100", "tpu-v4"]
assert [(r["target"], r["precision"], r["age_s"]) for r in rows] == [
    *((t, p, a) for t in ("hybrid-edge", "pcm-hermes") for p in ("int8", "analog") for a in (0, 86400)),
    ("gpu-a100", "auto", 0), ("tpu-v4", "auto", 0),
]
gpu = rows[-2]
for r in rows:
    assert r["error"] is None and r["exit_code"] == 0
    assert r["parameters"] == 8 * 4 + 4 * 3 and r["macs"] == 44 and r["flops"] == 88
    assert r["batch"] == 1 and r["samples"] == 7
    assert abs(r["tops_per_watt"] * r["energy_per_inference_j"] * 1e12 / r["flops"] - 1) < 1e-9
    assert abs(r["tops"] * r["latency_ns"] * 1e3 / r["flops"] - 1) < 1e-9
    assert abs(r["utilization"] * r["peak_tops"] / r["tops"] - 1) < 1e-9
    assert abs(r["average_power_w"] * r["latency_ns"] * 1e-9 / r["energy_per_inference_j"] - 1) < 1e-6
    assert r["roofline_tops"] <= r["peak_tops"] and r["peak_temperature_c"] >= 25
    assert abs(r["times_less_energy"]["gpu-a100"] * r["energy_per_inference_j"] / gpu["energy_per_inference_j"] - 1) < 1e-9
    assert abs(r["times_faster"]["gpu-a100"] * r["latency_ns"] / gpu["latency_ns"] - 1) < 1e-9
    # The labels are the float model's own classes.
    assert r["top1_percent"] == r["agreement_percent"], r
    # Noise only where there are arrays.
    assert (r["relative_error_deviation"] > 0) == (r["precision"] == "analog"), r
    if r["precision"] == "analog":
        assert 0.01 < r["relative_error"] < 1 and "analog" in r["formats"]
old, new = (next(r for r in rows if r["target"] == "hybrid-edge" and r["precision"] == "analog" and r["age_s"] == a) for a in (86400, 0))
assert old["energy_per_inference_j"] == new["energy_per_inference_j"] and old["relative_error"] != new["relative_error"]
for seeds in ("s.json", "again.json"):  # whatever the number of threads
    assert json.loads((folder / seeds).read_text())["rows"] == rows
with open(folder / "s.csv", newline="") as file:
    table = list(csv.DictReader(file))
assert len(table) == len(rows)
for line, r in zip(table, rows):
    for key in ("energy_per_inference_j", "latency_ns", "peak_temperature_c", "relative_error"):
        assert float(line[key]) == r[key], (key, line[key], r[key])
    assert line["target"] == r["target"] and line["error"] == ""
page = (folder / "s.html").read_text()
data = page.split('<script type="application/json" id="data">')[1].split("</script>")[0]
assert json.loads(data)["rows"] == rows
assert "http" not in page.replace("http://www.w3.org/2000/svg", ""), "the page loads something"
markdown = (folder / "s.md").read_text().splitlines()
assert len(markdown) == 2 + len(rows) and len({line.count("|") for line in markdown}) == 1
