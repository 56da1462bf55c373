"""What the views of a thermal study say fits together; first law to 1e-6."""
import csv, json, sys

report = json.load(open(sys.argv[1]))
heat = report["thermal"]
blocks = heat["blocks"]
for name in ("unmanaged", "managed"):
    run = heat[name]
    history = run["history"]
    imbalance = abs(history["heat_in_j"] - history["heat_out_j"] - history["heat_stored_j"]) / history["heat_in_j"]
    print(f"{name}: heat in = out + stored within {imbalance:.2g} (bound 1e-6)")
    assert imbalance < 1e-6
    assert len(history["celsius"]) == len(history["time_s"])
    assert all(len(row) == len(blocks) for row in history["celsius"])
    assert abs(max(map(max, history["celsius"])) - history["peak_c"]) < 1e-9
assert heat["managed"]["history"]["crossed_s"] is None
assert max(heat["managed"]["steady"]["peak_c"]) <= heat["limit_c"]
assert heat["managed"]["history"]["peak_c"] <= heat["limit_c"] + 1e-5
assert heat["unmanaged"]["history"]["crossed_s"] > 0
assert 0 < heat["throughput_kept"] < 1
assert abs(report["totals"]["peak_temperature_c"] - max(heat["unmanaged"]["steady"]["mean_c"])) < 1e-6
rows = list(csv.DictReader(open(sys.argv[2])))
assert len(rows) == sum(len(heat[n]["history"]["time_s"]) for n in ("unmanaged", "managed"))
assert [key for key in rows[0]][4:] == blocks
counters = [e for e in json.load(open(sys.argv[3]))["traceEvents"] if e["ph"] == "C" and e["name"].startswith("temperature")]
assert counters and set(counters[0]["args"]) == set(blocks)
assert 'id="heat"' in open(sys.argv[4]).read()
