"""The rooms of the house (docs/Architecture.md): each includes only those that it may use, and none in a circle."""
import pathlib
import re

import pytest

from conftest import ROOT

# Room → what it may use, with all that these may use. From the ground up.
MAY = {
    "Support": [],
    "Chip": ["Support"],
    "Stream": ["Support"],
    "Planner": ["Chip", "Support"],
    "Kernels": ["Stream", "Support"],
    "Devices": ["Chip", "Support"],
    "Thermal": ["Chip", "Support"],
    "Clock": ["Thermal", "Chip", "Stream"],
    "Executor": ["Kernels", "Devices", "Clock", "Stream", "Chip"],
    "IO": ["Kernels", "Support"],
    "Report": ["Executor", "Clock"],
    "Dialect": ["Planner", "Kernels", "Chip", "Stream"],
    "Conversion": ["Dialect"],
    "Import": ["Dialect"],
    "Emit": ["Dialect"],
    "InitAll": ["Dialect", "Conversion"],
    "Pipelines": ["Import", "Emit", "InitAll", "Executor", "Report"],
    "Studies": ["Pipelines", "Report", "IO"],
    "tools": ["Studies"],
}

def room_of(path):
    """The room of a path below lib/ or include/hybridc/."""
    return pathlib.PurePath(path).parts[0].removesuffix(".h")


def includes():
    """(file, line, its room, the room included)"""
    for base in ("lib", "include/hybridc", "tools"):
        for file in sorted((ROOT / base).rglob("*")):
            if file.suffix not in (".h", ".cpp"):
                continue
            own = "tools" if base == "tools" else room_of(file.relative_to(ROOT / base))
            for number, line in enumerate(file.read_text().splitlines(), 1):
                found = re.match(r'\s*#\s*include\s+"(hybridc/)?([^"]+)"', line)
                if not found:
                    continue
                if found[1]:
                    yield file, number, own, room_of(found[2])
                elif ".." in found[2]:
                    beside = (file.parent / found[2]).resolve()
                    yield file, number, own, room_of(beside.relative_to(ROOT / base)) if base == "lib" else "tools"


def reachable(room):
    seen, waiting = set(), [room]
    while waiting:
        for used in MAY[waiting.pop()]:
            if used not in seen:
                seen.add(used)
                waiting.append(used)
    return seen


EDGES = list(includes())


@pytest.mark.parametrize("room", MAY)
def test_uses_only_what_stands_below(room):
    allowed = reachable(room)
    wrong = [f"{file.relative_to(ROOT)}:{number}: {room} includes {used}" for file, number, own, used in EDGES
             if own == room and used != room and used not in allowed]
    assert not wrong, "\n".join(wrong)


def test_every_folder_is_a_room():
    assert {own for _, _, own, _ in EDGES} | {used for _, _, _, used in EDGES} <= set(MAY)


def test_no_two_rooms_include_each_other():
    pairs = {(own, used) for _, _, own, used in EDGES if own != used}
    assert not [pair for pair in sorted(pairs) if pair[::-1] in pairs]
