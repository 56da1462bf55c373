#!/usr/bin/env python3
"""Adds up JUnit-style result files and ends with `N passed, N failed`.

  summarize-tests.py RESULTS_DIR [REQUIRED.xml]...

Every .xml file of the folder counts. One that is required but absent, or that
cannot be read (its program crashed before writing it), is one failure: a suite
that did not run must not look like one that passed. Exit 1 on any failure, and
when nothing passed.
"""
import collections
import pathlib
import sys
import xml.etree.ElementTree as ElementTree


def outcomes(path):
    """Yields (name, "passed"|"failed"|"skipped", reason) of each test case."""
    for case in ElementTree.parse(path).iter("testcase"):
        name = f"{case.get('classname', '')} {case.get('name', '')}".strip()
        skipped = case.find("skipped")
        if case.find("failure") is not None or case.find("error") is not None:
            yield name, "failed", ""
        elif skipped is not None:
            reason = skipped.get("message") or (skipped.text or "").strip()
            yield name, "skipped", " ".join(reason.split())
        elif case.get("status") == "notrun":  # GoogleTest: DISABLED_
            yield name, "skipped", "disabled"
        else:
            yield name, "passed", ""


def main(folder, *required):
    folder = pathlib.Path(folder)
    count = collections.Counter()
    failed, skipped = [], collections.Counter()
    files = {p.name for p in folder.glob("*.xml")} | set(required)
    for name in sorted(files):
        try:
            cases = list(outcomes(folder / name))
        except (OSError, ElementTree.ParseError) as error:
            count["failed"] += 1
            failed.append(f"{name}: the suite did not finish ({error})")
            continue
        here = collections.Counter(kind for _, kind, _ in cases)
        print(f"{pathlib.Path(name).stem:28} {here['passed']:6} passed "
              f"{here['failed']:4} failed {here['skipped']:4} skipped")
        count.update(here)
        failed += [f"{name}: {case}" for case, kind, _ in cases if kind == "failed"]
        skipped.update(why for _, kind, why in cases if kind == "skipped")
    for why, number in sorted(skipped.items()):
        print(f"skipped {number}: {why or 'no reason given'}")
    for line in failed:
        print(f"FAILED {line}")
    tail = f", {count['skipped']} skipped" if count["skipped"] else ""
    print(f"{count['passed']} passed, {count['failed']} failed{tail}", flush=True)
    return 1 if count["failed"] or not count["passed"] else 0


if __name__ == "__main__":
    if len(sys.argv) < 2:
        print(__doc__, file=sys.stderr)
        sys.exit(2)
    sys.exit(main(*sys.argv[1:]))
