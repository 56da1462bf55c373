"""Compiles a model to the text of each phase, and that text on: the program must be the one that is there already."""
import filecmp
import subprocess
import sys

model, whole, weights = sys.argv[1:]
for phase in "import simplify fuse partition precision layout lower schedule allocate".split():
    text, program = f"{whole}.{phase}.mlir", f"{whole}.{phase}.hyb"
    subprocess.run(["hybridc", "compile", model, "--precision", "exact", "--to", phase, "--weights", weights, "-o", text],
                   check=True)
    assert ("dialect_resources" in open(text).read()) == (weights == "inline"), phase
    subprocess.run(["hybridc", "compile", text, "--precision", "exact", "-o", program], check=True)
    assert filecmp.cmp(whole, program, shallow=False), phase
