"""Bad models, targets, data, streams and command lines get the documented exit
code and a message that names the file, in seconds, and leave nothing behind.

The files are made by hostile.py. HYBRIDC names another hybridc to test;
HYBRIDC_NO_MEMORY_LIMIT lifts the limit, which AddressSanitizer needs."""
import os
import pathlib
import resource
import subprocess

import pytest

import hostile

SECONDS = 10
BYTES = 6 << 30
PRESET = "lib/Chip/presets/hybrid-edge.yaml"
ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("HYBRIDC_BUILD_DIR", ROOT / "build"))
HYBRIDC = pathlib.Path(os.environ.get("HYBRIDC", BUILD / "bin" / "hybridc"))


def limit():
    if "HYBRIDC_NO_MEMORY_LIMIT" not in os.environ:
        resource.setrlimit(resource.RLIMIT_AS, (BYTES, BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def call(args, folder):
    return subprocess.run([HYBRIDC, *args], cwd=folder, stdin=subprocess.DEVNULL,
                          capture_output=True, timeout=SECONDS, preexec_fn=limit)


@pytest.fixture(scope="session")
def hostile_dir(tmp_path_factory):
    """The files, with the streams and targets that need valid ones to start from."""
    base = tmp_path_factory.mktemp("hostile")
    hostile.make(base / "first")
    program = base / "good.hyb"
    done = call(["compile", base / "first" / "good.onnx", "-o", program], base)
    assert done.returncode == 0, "the valid model does not compile:\n" + done.stderr.decode()
    hostile.make(base / "files", program, ROOT / PRESET)
    return base / "files"


def names():
    """The cases, known before any file exists (pytest collects first): a stand-in
    stream has every place that the real one has."""
    import tempfile
    with tempfile.TemporaryDirectory() as folder:
        stand_in = pathlib.Path(folder) / "any.hyb"
        stand_in.write_bytes(bytes(4096))
        cases = hostile.make(pathlib.Path(folder) / "files", stand_in, ROOT / PRESET)
    return {case["name"]: case for case in cases}


CASES = names()


def test_enough_cases():
    files = {case["file"] for case in CASES.values() if case["file"]}
    assert len(files) >= 100


@pytest.mark.parametrize("name", CASES)
def test_refused(name, hostile_dir, tmp_path):
    case = CASES[name]
    out = tmp_path / "out"
    out.mkdir()
    args = [a.replace("{dir}", str(hostile_dir)).replace("{out}", str(out))
            for a in case["args"]]
    before = sorted(hostile_dir.rglob("*"))
    try:
        done = call(args, out)
    except subprocess.TimeoutExpired:
        pytest.fail(f"hangs: more than {SECONDS} s: hybridc {' '.join(args)}")
    said = done.stderr.decode(errors="replace")
    told = f"hybridc {' '.join(args)}\nexit {done.returncode}, expected {case['expect']}\n{said}"
    assert done.returncode >= 0, f"killed by signal {-done.returncode}: {told}"
    assert done.returncode in case["expect"], told
    if done.returncode == 0:
        return
    assert said.strip(), f"no message: {told}"
    for text in case["says"]:
        assert text in said, f"does not say {text!r}: {told}"
    assert len(said) < 20000, f"a message of {len(said)} characters"
    assert not list(out.rglob("*")), f"leaves files behind: {told}"
    assert sorted(hostile_dir.rglob("*")) == before, f"leaves files beside the model: {told}"
