#!/usr/bin/env python3
"""Makes the files that must be refused, and says how.

  hostile.py OUTDIR [--program VALID.hyb] [--target VALID.yaml] [--list]

writes the files and OUTDIR/manifest.json: a list of
  {name, file, args, expect, says}
where `args` is the command line of hybridc with {dir} for OUTDIR and {out} for
a fresh folder that must stay empty, `expect` the exit codes that are right
(docs of the tools: 2 wrong usage, 3 invalid input, 4 valid but unsupported, 5
does not fit; more than one where the documents leave the choice, and 0 where
doing it right is a right answer too), `says` the texts that stderr must hold.

Streams need a valid one to be made from (--program), targets a valid one
(--target); without them those kinds are only rubbish.
Needs onnx, numpy and PyYAML. Tests: test_hostile.py.
"""
import argparse
import json
import pathlib
import shutil
import sys

import hostile_files
import hostile_models


class Maker:
    """Where the makers put files and cases."""

    def __init__(self, outdir):
        self.dir = outdir
        self.cases = []
        self.names = set()

    def path(self, name):
        target = self.dir / name
        target.parent.mkdir(parents=True, exist_ok=True)
        return target

    def write(self, name, content):
        self.path(name).write_bytes(
            content if isinstance(content, bytes) else content.encode())
        return name

    def case(self, name, file, args, expect, says=None):
        """`file`: what is bad, relative to the folder, or None. The message must
        hold its last part and `says`; "" there stands for no demand at all."""
        if name in self.names:
            raise ValueError(f"two cases named {name}")
        self.names.add(name)
        expect = [expect] if isinstance(expect, int) else list(expect)
        texts = [pathlib.PurePath(file).name] if file and says != "" else []
        self.cases.append({"name": name, "file": file, "args": args, "expect": expect,
                           "says": texts + ([says] if says else [])})

    def model(self, name, content, expect=3, ending=".onnx", says=None, options=()):
        """A model file that `compile` must refuse."""
        file = self.write(f"models/{name}{ending}", content)
        self.case(f"model_{name}", file,
                  ["compile", "{dir}/" + file, "-o", "{out}/x.hyb", *options], expect, says)


def make(outdir, program=None, target=None):
    """Writes everything; returns the cases."""
    if outdir.exists():
        shutil.rmtree(outdir)
    outdir.mkdir(parents=True)
    maker = Maker(outdir)
    hostile_models.make(maker)
    hostile_files.make(maker, program, target)
    (outdir / "manifest.json").write_text(json.dumps(maker.cases, indent=1) + "\n")
    return maker.cases


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("outdir", type=pathlib.Path)
    parser.add_argument("--program", type=pathlib.Path, help="a valid .hyb to damage")
    parser.add_argument("--target", type=pathlib.Path, help="a valid target .yaml to damage")
    parser.add_argument("--list", action="store_true", help="print the command lines")
    options = parser.parse_args()
    cases = make(options.outdir, options.program, options.target)
    if options.list:
        for case in cases:
            print(case["name"], case["expect"], " ".join(case["args"]))
    print(f"{options.outdir}: {len(cases)} cases")


if __name__ == "__main__":
    sys.exit(main())
