"""check_study.py FILE.json FILE.csv: what faults cost in each combination of a study, and what mapping around them gets back."""
import csv
import json
import sys

rows = json.load(open(sys.argv[1]))["rows"]
with open(sys.argv[2], newline="") as file:
    table = list(csv.DictReader(file))
assert len(rows) == len(table) == 2 * 2 * 2 + 2
ways = ("clean", "unmapped", "mapped")
for row, line in zip(rows, table):
    hasArrays = row["precision"] == "analog"
    for way in ways:
        for key in ("top1_percent", "agreement_percent", "relative_error", "relative_error_deviation"):
            value = row[f"{way}_{key}"]
            assert (value is not None) == hasArrays, (row["target"], way, key)
            assert line[f"{way}_{key}"] == "" if value is None else float(line[f"{way}_{key}"]) == value
    assert (row["faults_relative_error"] is not None) == hasArrays
    assert bool(row["upkeeps"]) == hasArrays and row["horizon_s"] == (31536000 if hasArrays else None)
    if not hasArrays:
        assert row["error"] is None and row["top1_percent"] == 100
        continue
    # Without noise only faults and drift do harm; mapped around, no fault is under a weight.
    assert row["relative_error"] == row["mapped_relative_error"], row
    assert abs(row["mapped_relative_error"] - row["clean_relative_error"]) < 1e-6, row
    assert row["unmapped_relative_error"] > 2 * row["clean_relative_error"], row
    assert row["unmapped_top1_percent"] < row["mapped_top1_percent"] == row["clean_top1_percent"] == 100, row
    assert row["faults_relative_error"] < 1e-6 < 0.05 < row["faults_relative_unmapped_error"]
    assert row["upkeeps"] == 12 and row["upkeep_j"] > 12 * 1e-9 and row["upkeep_ns"] > 12 * 133
