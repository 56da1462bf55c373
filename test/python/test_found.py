"""What fuzzing found once, cut down and kept: it must go right from then on."""
import sys

import pytest

from conftest import BUILD, ROOT

sys.path.insert(0, str(ROOT / "test" / "fuzz"))
from models import check, shrink  # noqa: E402

FOUND = sorted((ROOT / "test" / "fuzz" / "found").glob("*/found.json"))


@pytest.mark.parametrize("file", FOUND, ids=lambda file: file.parent.name)
def test_found(file, tmp_path):
    made, way, phase = shrink.load(file.parent)
    checker = check.Checker((BUILD / "bin" / "hybridc").resolve(), tmp_path)
    checker.store(made)
    for each in dict.fromkeys(("default", way)):
        outcome = checker.check(made, each, phase)
        assert outcome.kind not in check.BAD, f"{outcome.key()}: {outcome.said}"
