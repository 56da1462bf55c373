"""The last line of a test run must tell the truth; CI reads nothing else."""
import subprocess
import sys

import pytest

JUNIT = """<testsuites><testsuite name="s">{}</testsuite></testsuites>"""
PASS = '<testcase classname="a" name="ok"/>'
FAIL = '<testcase classname="a" name="bad"><failure message="no"/></testcase>'
ERROR = '<testcase classname="a" name="worse"><error message="no"/></testcase>'
SKIP = '<testcase classname="a" name="later"><skipped message="no torch"/></testcase>'
DISABLED = '<testcase classname="a" name="off" status="notrun"/>'


@pytest.fixture
def summarize(root, tmp_path):
    def run(files, *required):
        for name, cases in files.items():
            (tmp_path / name).write_text(cases if cases == "" else JUNIT.format(cases))
        done = subprocess.run(
            [sys.executable, root / "tools" / "summarize-tests.py", tmp_path, *required],
            capture_output=True, text=True)
        return done.returncode, done.stdout.splitlines()

    return run


@pytest.mark.parametrize("files, required, code, last", [
    ({"a.xml": PASS}, [], 0, "1 passed, 0 failed"),
    ({"a.xml": PASS + PASS, "b.xml": PASS + FAIL}, [], 1, "3 passed, 1 failed"),
    ({"a.xml": PASS + ERROR}, [], 1, "1 passed, 1 failed"),
    ({"a.xml": PASS + SKIP + DISABLED}, [], 0, "1 passed, 0 failed, 2 skipped"),
    # A suite that crashed before writing its results, or never started.
    ({"a.xml": PASS, "b.xml": ""}, [], 1, "1 passed, 1 failed"),
    ({"a.xml": PASS}, ["lit.xml"], 1, "1 passed, 1 failed"),
    # Nothing ran: not a success.
    ({"a.xml": SKIP}, [], 1, "0 passed, 0 failed, 1 skipped"),
])
def test_last_line(summarize, files, required, code, last):
    returned, lines = summarize(files, *required)
    assert (returned, lines[-1]) == (code, last)


def test_names_what_failed_and_why_skipped(summarize):
    _, lines = summarize({"a.xml": FAIL + SKIP})
    assert "FAILED a.xml: a bad" in lines
    assert "skipped 1: no torch" in lines
