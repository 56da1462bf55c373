"""each_exits.py CODE FOLDER PATTERN PATTERN COMMAND...: the command ends with CODE for each path in FOLDER that a pattern matches."""
import concurrent.futures
import pathlib
import subprocess
import sys

code, folder, first, second, *command = sys.argv[1:]
paths = sorted([*pathlib.Path(folder).glob(first), *pathlib.Path(folder).glob(second)])
assert paths


def run(path):
    return path, subprocess.run([*command, path], capture_output=True, text=True, timeout=60)


with concurrent.futures.ThreadPoolExecutor(2) as pool:
    wrong = [f"{path}: exit {done.returncode}\n{done.stderr}" for path, done in pool.map(run, paths)
             if done.returncode != int(code)]
print(f"{len(paths) - len(wrong)} of {len(paths)} as expected")
sys.exit("".join(wrong) or 0)
