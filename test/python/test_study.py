"""`hybridc eval` of several chips: its page in a browser, and ResNet-18 on every preset."""
import json
import pathlib
import re
import subprocess

import pytest

from test_report_page import CHROMIUM, Page, rendered

TORCH = pathlib.Path("/usr/lib/python3/dist-packages/torch").is_dir()


@pytest.mark.skipif(not CHROMIUM, reason="no Chromium")
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_page(theme, root, tool, tmp_path):
    page = tmp_path / "s.html"
    tool("hybridc", "eval", root / "examples/fashion/fashion_cnn.onnx", root / "examples/fashion/fashion_cnn_analog.onnx",
         "--dim", "N=2", "--samples", "4", "--target", "hybrid-edge,pcm-hermes,no-such-chip",
         "--precision", "int8,analog", "--age", "0s,1d", "--faults", "stuck=0.01", "--report", page, expect=3)
    text = rendered(page, tmp_path, *(["--force-dark-mode"] if theme == "dark" else []))
    dom = Page(text)
    for drawing in ("energy", "latency", "roofline", "accuracy", "age", "faults"):
        assert len(dom.within(drawing, "svg", role="img")) == 1, drawing
    # Cost does not depend on age: two chips in two precisions, a GPU and a TPU.
    for bars in ("energy", "latency"):
        assert len(dom.within(bars, "rect", **{"class": "own"})) == 4
        assert len(dom.within(bars, "rect", **{"class": "beside"})) == 2
    assert len(dom.within("roofline", "circle")) == 6 and len(dom.within("accuracy", "circle")) == 8 + 2
    # Without faults, with them and mapped around, of two chips with weights on arrays at two ages.
    assert [len(dom.within("faults", "circle", **{"class": way})) for way in ("clean", "unmapped", "mapped")] == [4, 4, 4]
    assert len(dom.within("model", "option")) == 2
    # The heads, a row a combination of this model, and of these four that say why they have no figures.
    assert len(dom.within("table", "tr")) == 1 + 2 * 2 * 2 + 4 + 2
    assert len(dom.within("table", "td", **{"class": "bad"})) == 4 and "no target named" in dom.text["table"]
    shown = text.split('<script type="application/json"')[0]
    assert "undefined" not in shown and "NaN" not in shown and "Infinity" not in shown


@pytest.mark.skipif(not TORCH, reason="no torch")
def test_every_preset_runs_resnet18(root, build, tool, tmp_path):
    models = build / "test-models" / "resnet18"
    if not (models / "resnet18.onnx").exists():
        models.mkdir(parents=True, exist_ok=True)
        subprocess.run(["/usr/bin/python3", root / "test/models/export.py", models, "--only", "resnet18", "--opset", "17"],
                       check=True, capture_output=True, timeout=300)
    report = tmp_path / "s.json"
    tool("hybridc", "eval", models / "resnet18.onnx", "--dim", "N=1", "--target", "all", "--beside", "none",
         "--values", "off", "--report", report, expect=None, timeout=500)
    rows = json.loads(report.read_text())["rows"]
    assert len(rows) == len(list((root / "lib/Chip/presets").glob("*.yaml")))
    for row in rows:
        if row["error"] is None:
            assert row["parameters"] == pytest.approx(11.69e6, rel=0.01) and row["macs"] == pytest.approx(1.814e9, rel=0.01)
            assert row["tops"] <= 1.001 * row["roofline_tops"], row["target"]
        else:  # too small, and by how much
            needs, has = map(int, re.search(r"needs (\d+) bytes.* has (\d+)", row["error"]).groups())
            assert row["exit_code"] == 5 and has < needs, row["target"]
    small = [row["target"] for row in rows if row["error"]]
    assert set(small) <= {"diannao"}, small
