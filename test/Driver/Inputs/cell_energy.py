"""What cells take, of one input at three sizes, as voltages and as times (cell-energy.test)."""
import json
import math
import sys


def load(name):
    with open(f"{sys.argv[1]}/{name}.json") as file:
        return json.load(file)


def close(a, b, part=1e-9):
    assert math.isclose(a, b, rel_tol=part), (a, b)


runs = {(size, how): load(f"{size}.{how}") for size in ("full", "half", "quarter") for how in ("cells", "pulses")}
threads = load("threads")
full = runs["full", "cells"]
assert threads["array_cells"] == full["array_cells"]
assert threads["energy"] == full["energy"]
close(load("repeated")["array_cells"][0]["energy_pj"], full["array_cells"][0]["energy_pj"])
for report in runs.values():
    cells = report["array_cells"][0]["energy_pj"]
    assert cells > 0
    close(cells, report["energy_by_component_pj"]["array_cell"])
    close(cells, sum(node["by_component_pj"].get("array_cell", 0) for node in report["energy"]["by_node"]))
    row = next(row for row in report["energy"]["by_component"] if row["component"] == "array_cell")
    close(cells, row["energy_pj"])
    assert {field.split(".")[-1] for field in row["fields"]} == {"read_voltage_v", "g_min_us", "g_max_us", "mvm_ns"}
    assert report["totals"]["cycles"] == full["totals"]["cycles"]
    assert report["totals"]["commands"] == full["totals"]["commands"]


def of_first(report):
    """The first layer's cells: its inputs have a fixed range."""
    return next(n for n in report["energy"]["by_node"] if n["name"] == "first")["by_component_pj"]["array_cell"]


for small, large in (("half", "full"), ("quarter", "half")):
    # Steps of the DAC round a little.
    close(of_first(runs[large, "cells"]), 4 * of_first(runs[small, "cells"]), 0.02)
    close(of_first(runs[large, "pulses"]), 2 * of_first(runs[small, "pulses"]), 0.02)
