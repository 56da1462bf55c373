"""examples/thermal: managed against unmanaged, as its script prints it."""
import os
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("HYBRIDC_BUILD_DIR", ROOT / "build"))


def test_managed_against_unmanaged(tmp_path):
    script = ROOT / "examples" / "thermal" / "managed.py"
    text = subprocess.run([sys.executable, script, BUILD / "bin" / "hybridc", tmp_path], check=True, capture_output=True,
                          text=True).stdout
    print(text)
    number = r"\s+(-?[\d.]+) C\s+(-?[\d.]+) %\s+(-?[\d.]+) %"
    rows = {name: [float(v) for v in re.search(f"^{name}{number}", text, re.M).groups()]
            for name in ("unmanaged", "throttle", "dvfs")}
    assert re.search(r"^claim\s+23.0 %\s+92.0 %", text, re.M)
    assert rows["unmanaged"][0] > 85
    for policy in ("throttle", "dvfs"):
        assert rows[policy][0] <= 85.05
        assert rows[policy][2] < 100
    assert rows["dvfs"][2] > rows["throttle"][2]  # lower voltages cost less than pauses
    kept = [float(v) for v in re.findall(r"at\s+([\d.]+) % of the throughput", text)]
    assert kept == sorted(kept, reverse=True) and len(kept) >= 4
    assert (tmp_path / "dvfs.html").stat().st_size > 10000
