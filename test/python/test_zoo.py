"""The small networks of the zoo (test/models/zoo.py): they compile for three presets, agree in `exact`, and keep in `int8`
and `auto` the SQNR that test/models/zoo_floors.json states. `tools/dev bench --only zoo` runs them all."""
import json
import pathlib
import sys

import pytest

from conftest import BUILD
from test_oracles import MODELS, SYSTEM_PYTHON, made

sys.path.insert(0, str(MODELS))
import zoo_check  # noqa: E402

FLOORS = json.loads((MODELS / "zoo_floors.json").read_text())


def networks():
    folder = BUILD / "test-models" / "zoo"
    return sorted(made(folder, [SYSTEM_PYTHON, MODELS / "zoo.py", folder, "--small"]).glob("*.onnx"))


@pytest.mark.parametrize("model", networks(), ids=lambda path: path.stem)
def test_network(model, tmp_path):
    row = zoo_check.Zoo(BUILD / "bin" / "hybridc", pathlib.Path(tmp_path), 300).check(model)
    assert row["exact"] <= zoo_check.EXACT
    for precision, least in FLOORS[model.stem].items():
        assert row[precision] >= least, precision
