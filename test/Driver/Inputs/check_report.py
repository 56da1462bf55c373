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
worst = 0
for name, rows in r["energy"].items():
    total = sum(x["energy_pj"] for x in rows)
    worst = max(worst, abs(total / t["energy_pj"] - 1))
    for x in rows:
        if "by_component_pj" in x:
            near(sum(x["by_component_pj"].values()), x["energy_pj"])
print(f"roll-ups of energy: off by {worst:.1e} at most (bound 1e-9)")
assert worst <= 1e-9
parts = {}
for x in r["energy"]["by_component"]:
    assert x["fields"] and x["provenance"], x
    parts[x["component"]] = parts.get(x["component"], 0) + x["energy_pj"]
assert parts.keys() == r["energy_by_component_pj"].keys()
for name, energy in parts.items():
    near(energy, r["energy_by_component_pj"][name])
assert {x["name"] for x in r["energy"]["by_node"]} == {"first", "act", "second", "(leakage)"}
by_node = {x["name"]: x["by_component_pj"] for x in r["energy"]["by_node"]}
assert "vec" not in by_node["first"] and "mac" not in by_node["act"], by_node
trust = {x["total"]: x for x in r["provenance"]["totals"]}
assert {"latency_ns", "energy_pj", "average_power_w"} <= set(trust)
# A report must not hide the leakage of a preset, which nobody measured.
assert trust["energy_pj"]["provenance"] == "unverified" and "leakage_w" in trust["energy_pj"]["unverified_fields"]
assert 0 < r["provenance"]["unverified_energy_share"] <= 1
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
