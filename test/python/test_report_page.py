"""The HTML report in a browser: what its script draws. Skipped where no Chromium is installed."""
import html.parser
import re
import shutil
import subprocess

import pytest

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


class Page(html.parser.HTMLParser):
    """Every element as (tag, attributes, ids of the elements around it)."""

    VOID = {"meta", "link", "br", "input", "img", "hr"}

    def __init__(self, text):
        super().__init__()
        self.elements, self.around, self.text = [], [], {}
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        self.elements.append((tag, attributes, [i for _, i in self.around if i]))
        if tag not in self.VOID:
            self.around.append((tag, attributes.get("id")))

    def handle_endtag(self, tag):
        while self.around and self.around.pop()[0] != tag:
            pass

    def handle_data(self, data):
        for _, i in self.around:
            if i:
                self.text[i] = self.text.get(i, "") + data

    def within(self, inside, tag, **wanted):
        return [a for t, a, around in self.elements
                if t == tag and inside in around and all(a.get(k.replace("_", "-")) == v for k, v in wanted.items())]


def rendered(page, tmp_path, *flags):
    """The page's text after its script has run, which must not fail."""
    done = subprocess.run(
        [CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={tmp_path / 'profile'}", *flags,
         "--enable-logging=stderr", "--virtual-time-budget=3000", "--dump-dom", page.as_uri()],
        capture_output=True, text=True, timeout=100)
    assert "Uncaught" not in done.stderr, done.stderr
    return done.stdout


@pytest.mark.skipif(not CHROMIUM, reason="no Chromium")
@pytest.mark.parametrize("width", [1280, 800, 500])
def test_page(width, root, tool, tmp_path):
    page, table = tmp_path / "r.html", tmp_path / "r.csv"
    tool("hybridc", "run", root / "examples/fashion/fashion_cnn.onnx", "--dim", "N=4", "--values", "off",
         "--report", page, "--report", table)
    nodes = len(table.read_text().splitlines()) - 1
    text = rendered(page, tmp_path, f"--window-size={width},2000")
    dom = Page(text)
    for drawing in ("timeline", "occupancy", "energy", "graph"):
        assert len(dom.within(drawing, "svg")) == 1, drawing
    # As wide as the window has room for, so that text is not scaled down.
    drawn = float(dom.within("timeline", "svg")[0]["viewbox"].split()[2])
    assert width - 220 < drawn < width, drawn
    # Marks of the time axis have room for their texts.
    marks = dom.within("timeline", "line")
    assert len(marks) == (6 if width > 600 else 4) and drawn / len(marks) > 60, len(marks)
    assert not dom.within("notes", "li")
    # Each node: a box and a row that the keyboard reaches.
    assert len(dom.within("graph", "g", tabindex="0", role="button")) == nodes
    assert len(dom.within("nodes", "tr", tabindex="0")) == nodes
    assert len(dom.within("nodes", "button")) == 12
    assert "fashion_cnn.onnx on hybrid-edge" in dom.text["title"]
    assert "undefined" not in text.split("<script")[0] and "NaN" not in text.split("<script")[0]


@pytest.mark.skipif(not CHROMIUM, reason="no Chromium")
def test_page_shows_faults_and_recalibration(root, tool, tmp_path):
    page = tmp_path / "r.html"
    tool("hybridc", "run", root / "test/Driver/Inputs/two_layers.onnxtxt", "--dim", "N=1", "--values", "off",
         "--precision", "analog", "--faults", root / "test/Faults/Inputs/map.yaml", "--horizon", "1y",
         "--recalibrate", "auto", "--report", page)
    text = rendered(page, tmp_path)
    part = text[text.index("<h2>Arrays: faults, wear, recalibration</h2>"):]
    rows = re.findall(r"<tr><th[^>]*>(\w+)</th><td[^>]*>([^<]+)</td></tr>", part)
    assert [head for head, _ in rows] == ["recalibrate", "faults", "wear"], rows
    assert "error of the weights 0 % instead of" in rows[1][1]


@pytest.mark.skipif(not CHROMIUM, reason="no Chromium")
def test_page_shows_notes(root, tool, tmp_path):
    page, chip = tmp_path / "r.html", tmp_path / "small.yaml"
    shown = tool("hybridc", "targets", "show", "hybrid-edge").stdout
    chip.write_text(re.sub("power_limit_w: .*", "power_limit_w: 0.001", shown, count=1))
    tool("hybridc", "run", root / "test/Driver/Inputs/two_layers.onnxtxt", "--dim", "N=1", "--values", "off",
         "--target", chip, "--report", page)
    text = rendered(page, tmp_path)
    dom = Page(text)
    assert len(dom.within("notes", "li")) == 1
    assert "above the chip's limit of 1.00 mW" in dom.text["notes"], dom.text["notes"]
