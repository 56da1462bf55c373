"""Exact builds against onnxruntime: every core operator case, and the small real networks.

The cases are made once a build tree, by test/models/ops.py and (with Debian's torch) test/models/export.py.
"""
import fcntl
import hashlib
import importlib.util
import pathlib
import shutil
import subprocess
import sys

import pytest

from conftest import BUILD, ROOT

MODELS = ROOT / "test" / "models"
SYSTEM_PYTHON = "/usr/bin/python3"  # the one that sees Debian's torch

spec = importlib.util.spec_from_file_location("check", MODELS / "check.py")
check = importlib.util.module_from_spec(spec)
sys.modules["check"] = check
spec.loader.exec_module(check)


def sources():
    """A digest of all that the cases are made from."""
    digest = hashlib.sha256()
    for file in sorted(MODELS.rglob("*.py")):
        digest.update(file.relative_to(MODELS).as_posix().encode() + file.read_bytes())
    return digest.hexdigest()


def made(folder, *commands):
    """`folder`, filled by the commands unless it holds what they make today; workers wait for each other."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    done, now = folder / ".done", sources()
    with open(folder.parent / f".{folder.name}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not done.exists() or done.read_text() != now:
            # Only the one that holds the lock touches the folder.
            if folder.exists():
                shutil.rmtree(folder)
            folder.mkdir()
            for command in commands:
                subprocess.run([*map(str, command)], check=True, stdout=sys.stderr)
            done.write_text(now)
    return folder


# Core cases with a wider tolerance, and why.
TOLERANCE = {
    # onnxruntime computes erf of f64 in single precision (against math.erf)
    "erf_16_f64": 1e-7,
    # 288 products of magnitude 1, summed in another order: 288 roundings of 6e-8 at most
    "conv_11_k_over_256": 1.7e-5,
}


def operators():
    folder = BUILD / "test-models" / "ops"
    return [c for c in check.cases_of(made(folder, [sys.executable, MODELS / "ops.py", folder])) if c.core]


def networks():
    folder = BUILD / "test-models" / "networks"
    made(folder, [SYSTEM_PYTHON, MODELS / "export.py", folder, "--small"],
         [sys.executable, MODELS / "expect.py", folder])
    return list(check.cases_of(folder))


def agree(case, tmp_path):
    case.atol = max(case.atol, TOLERANCE.get(case.name, 0))
    outcome, why = check.check(case, (BUILD / "bin" / "hybridc").resolve(), tmp_path, 120)
    assert outcome == "pass", f"{outcome}: {why}"


@pytest.mark.parametrize("case", operators(), ids=lambda c: c.name)
def test_operator(case, tmp_path):
    agree(case, tmp_path)


@pytest.mark.parametrize("case", networks(), ids=lambda c: c.name)
def test_network(case, tmp_path):
    agree(case, tmp_path)
