"""A few of what `tools/dev fuzz mlir` and `fuzz target` make, and the descriptions that failed once."""
import sys

import pytest

from conftest import BUILD, ROOT

sys.path.insert(0, str(ROOT / "test" / "fuzz"))
import target  # noqa: E402
from models import check, known, mlir  # noqa: E402

HYBRIDC = str((BUILD / "bin" / "hybridc").resolve())


@pytest.mark.parametrize("first", range(8_000_000, 8_000_060, 15))
def test_orders_of_passes(first, tmp_path):
    checker = check.Checker(HYBRIDC, tmp_path)
    done = [(seed, *mlir.one(seed, checker, str(BUILD / "bin" / "hybrid-opt"))) for seed in range(first, first + 15)]
    failed = [f"seed {seed} --{' --'.join(passes)}: {outcome.key()}: {outcome.said}" for seed, outcome, passes in done
              if outcome.kind in check.BAD and not known.reason(outcome)]
    assert not failed, "\n".join(failed)
    assert sum(outcome.kind == "fine" for _, outcome, _ in done) > 3


@pytest.fixture(scope="module")
def presets():
    return target.texts(HYBRIDC)


@pytest.mark.parametrize("first", range(0, 120, 30))
def test_damaged_targets(first, presets):
    done = [target.one(seed, presets, HYBRIDC) for seed in range(first, first + 30)]
    assert not [(seed, wrong) for seed, wrong, _, _ in done if wrong]
    assert {code for _, _, code, _ in done} >= {0, 3}  # some are still chips


@pytest.mark.parametrize("file", sorted(target.CORPUS.glob("*.yaml")), ids=lambda file: file.stem)
def test_kept_targets(file, tmp_path):
    (tmp_path / "net.onnxtxt").write_text(target.NET)
    wrong, _ = target.judge(file.read_text(), HYBRIDC, tmp_path)
    assert wrong is None
