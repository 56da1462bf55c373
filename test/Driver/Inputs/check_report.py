"""check_report.py FILE.json [--no-compile]: the schema, names and sums of a report of two_layers."""
import json
import sys

r = json.load(open(sys.argv[1]))
assert r["schema_version"] == 1
assert {"model", "target", "entry", "precision", "totals", "nodes", "engines", "compile", "run"} <= set(r)
totals = {"latency_ns", "cycles", "energy_pj", "macs", "peak_sram_bytes", "sram_lower_bound_bytes",
          "dram_read_bytes", "dram_write_bytes", "peak_temperature_c", "average_power_w"}
assert totals <= set(r["totals"]), totals - set(r["totals"])
node = {"name", "op", "group", "engine", "precision", "cycles", "latency_ns", "energy_pj", "macs",
        "sram_bytes", "dram_bytes", "utilization", "reason"}
for n in r["nodes"]:
    assert node <= set(n), node - set(n)
for e in r["engines"]:
    assert {"name", "kind", "busy_cycles", "utilization", "energy_pj"} <= set(e)
names = "+".join(n["name"] for n in r["nodes"])
assert all(name in names for name in ("first", "act", "second")), names
t = r["totals"]


def near(a, b):
    assert abs(a - b) <= 1e-9 * max(abs(a), abs(b), 1), (a, b)


near(sum(n["cycles"] for n in r["nodes"]) + t["idle_cycles"], t["cycles"])
near(sum(n["energy_pj"] for n in r["nodes"]) + t["leakage_pj"], t["energy_pj"])
near(sum(r["energy_by_component_pj"].values()), t["energy_pj"])
near(sum(n["macs"] for n in r["nodes"]), t["macs"])
assert t["macs"] == 4 * (8 * 4 + 4 * 3), t["macs"]
assert t["cycles"] > 0 and t["peak_sram_bytes"] > 0
if "--no-compile" in sys.argv:
    assert r["compile"]["seconds"] is None and r["compile"]["phases"] == []
else:
    phases = [p["name"] for p in r["compile"]["phases"]]
    assert phases[0] == "import" and phases[-1] == "emit", phases
    assert r["compile"]["peak_rss_bytes"] > 1 << 20
assert r["run"]["seconds"] is None
