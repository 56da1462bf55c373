"""check_links.py REPORT COUNT PJ_PER_BIT: what crosses between COUNT chiplets adds up, and costs what it should."""
import json
import sys

report, count, pj_per_bit = json.load(open(sys.argv[1])), int(sys.argv[2]), float(sys.argv[3])
totals = report["totals"]
crossed = totals["link_bytes"]
assert crossed > 0 and len(report["links"]) == count
for what, rows, field in (("links", report["links"], "bytes"), ("engines", report["engines"], "link_bytes"),
                          ("nodes", report["nodes"], "link_bytes")):
    total = sum(row[field] for row in rows)
    print(f"{what}: {total:.0f} bytes of {crossed:.0f}")
    assert abs(total - crossed) <= 1e-9 * crossed, what
energy = report["energy_by_component_pj"]["link"]
assert abs(energy - crossed * 8 * pj_per_bit) <= 1e-9 * energy, (energy, crossed)
for rollup in ("by_engine", "by_group", "by_node"):
    total = sum(row["by_component_pj"].get("link", 0) for row in report["energy"][rollup])
    assert abs(total - energy) <= 1e-9 * energy, rollup
# Three of four bytes of DRAM traffic alone.
dram = totals["dram_read_bytes"] + totals["dram_write_bytes"]
assert crossed >= (1 - 1 / count) * dram * (1 - 1e-9), (crossed, dram)
assert all(0 <= link["busy_fraction"] <= 1 for link in report["links"])
stalls = sum(engine["link_stall_cycles"] for engine in report["engines"])
assert abs(stalls - totals["link_stall_cycles"]) <= 1e-6 * max(1, stalls)
