"""check_report.py REPORT.json: what a report of examples/training/linear.mlir says of its updates."""
import json
import sys

report = json.load(open(sys.argv[1]))
training, = report["training"]
tile, = report["arrays"]["tiles"]
assert training["engine"] == "ecram" and training["commands"] == 2000 and training["updates"] == 20000
assert training["busy_ns"] == 20000 * 256
parts = training["energy_by_component_pj"]
assert set(parts) == {"sram", "dac", "array_write"}
assert abs(sum(parts.values()) / training["energy_pj"] - 1) < 1e-12
# 31 pulses at each of 32 x 8 cells; a train from each of 40 lines.
assert abs(parts["array_write"] / (20000 * 31 * 256 * 0.000571) - 1) < 1e-9
assert abs(parts["dac"] / (20000 * 40 * 0.417) - 1) < 1e-9
assert tile["updates"] == 20000 and 0 < tile["most_update_pulses"] <= tile["update_pulses"]
assert abs(tile["runs_left"] / ((tile["endurance_pulses"] - tile["pulses"]) / tile["most_update_pulses"]) - 1) < 1e-12
assert abs(tile["training_life_s"] / (tile["runs_left"] * report["totals"]["latency_ns"] * 1e-9) - 1) < 1e-12
print(f"{tile['most_update_pulses']} of {tile['update_pulses']} pulses to one cell, {tile['training_life_s']:.4g} s of such runs")
