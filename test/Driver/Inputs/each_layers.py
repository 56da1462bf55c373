"""each_layers.py HYBRIDC DIR COUNT NAME…: each topology NAME.csv is timed with COUNT layers."""
import csv
import io
import subprocess
import sys

tool, folder, count, *names = sys.argv[1:]
for name in names:
    done = subprocess.run([tool, "characterize", "tpu-v1", "--what", "timing", "--array", "mac", "--csv", "-",
                           "--topology", f"{folder}/{name}.csv"], capture_output=True, text=True)
    assert done.returncode == 0, (name, done.stderr)
    rows = list(csv.DictReader(io.StringIO(done.stdout)))
    assert len({row["layer"] for row in rows}) == len(rows) == int(count), (name, rows)
