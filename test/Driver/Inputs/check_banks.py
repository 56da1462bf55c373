"""check_banks.py HYBRIDC FOLDER MODEL,N…: the models, at dimension N, on hybrid-edge with 1 to 32 banks of 32 bytes a cycle."""
import json
import math
import os
import re
import subprocess
import sys

hybridc, folder, *models = sys.argv[1:]
os.makedirs(folder, exist_ok=True)
chip = subprocess.run([hybridc, "targets", "show", "hybrid-edge"], check=True, capture_output=True, text=True).stdout
before = {}
for model, banks in ((model, banks) for model in models for banks in (1, 2, 4, 8, 16, 32)):
    file, dim = model.split(",")
    name = os.path.basename(file)
    sram = re.search(r"^sram:.*?(?=^\S)", chip, re.M | re.S).group(0)
    changed = re.sub(r"banks: \d+", f"banks: {banks}", sram)
    changed = re.sub(r"bytes_per_cycle: \d+", f"bytes_per_cycle: {32 * banks}", changed)
    path = f"{folder}/{name.split('.')[0]}-{banks}"
    with open(path + ".yaml", "w") as out:
        out.write(chip.replace(sram, changed))
    command = [hybridc, "run", file, "--dim", "N=" + dim, "--target", path + ".yaml", "--values", "off"]
    for form in ("json", "txt", "html"):
        command += ["--report", f"{path}.{form}"]
    subprocess.run(command + ["--trace", path + ".trace"], check=True, stdout=subprocess.DEVNULL)
    report = json.load(open(path + ".json"))
    totals, pad = report["totals"], report["scratchpad"]
    assert (pad["banks"], pad["ports"], pad["interleave_bytes"]) == (banks, 1, 32), pad
    print(f"{name}, {banks} banks: {totals['cycles']} cycles, {totals['bank_stall_cycles']:.0f} lost by engines, "
          f"{totals['bank_stall_own_cycles']:.0f} of them to their own accesses")
    for field in ("bank_stall_cycles", "bank_stall_bytes"):
        for rows in ("engines", "nodes"):
            total = sum(row[field] for row in report[rows])
            assert abs(total - totals[field]) <= 1e-6 * max(1, totals[field]), (field, rows, total, totals[field])
    assert abs(totals["bank_stall_ns"] * report["clock_ghz"] - totals["bank_stall_cycles"]) < 1e-6 * totals["cycles"]
    assert 0 <= totals["bank_stall_bytes"] <= totals["sram_traffic_bytes"]
    assert totals["bank_limited_cycles"] <= totals["cycles"]
    lost = sum(event["args"].get("bank_stall_cycles", 0)
               for event in json.load(open(path + ".trace"))["traceEvents"] if event["ph"] == "X")
    assert abs(lost - totals["bank_stall_cycles"]) <= 1e-6 * max(1, lost), (lost, totals)
    assert totals["cycles"] <= before.get(model, math.inf), (model, banks, before, totals["cycles"])
    before[model] = totals["cycles"]
    if banks == 2:
        assert totals["bank_stall_cycles"] > 0
