"""What every Python test shares: where the build is, and how to run its tools."""
import os
import pathlib
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("HYBRIDC_BUILD_DIR", ROOT / "build"))
# Every program that a test compiles is proven free of hazards.
os.environ["HYBRIDC_CHECK_HAZARDS"] = "true"


@pytest.fixture(scope="session")
def root():
    """The checkout."""
    return ROOT


@pytest.fixture(scope="session")
def build():
    """The build tree under test; its programs are in build/bin."""
    return BUILD


@pytest.fixture
def tool():
    """tool("hybridc", "compile", …) runs a program of the build and returns the
    CompletedProcess with text output. `expect` is the exit code it must end
    with (None: any); a signal is always a failure."""

    def run(name, *arguments, expect=0, timeout=120, **options):
        done = subprocess.run(
            [str(BUILD / "bin" / name), *map(str, arguments)],
            stdin=subprocess.DEVNULL, capture_output=True, text=True,
            errors="replace", timeout=timeout, **options)
        said = f"{name} {' '.join(map(str, arguments))}\n{done.stdout}{done.stderr}"
        assert done.returncode >= 0, f"killed by signal {-done.returncode}: {said}"
        if expect is not None:
            assert done.returncode == expect, f"exit {done.returncode}: {said}"
        return done

    return run
