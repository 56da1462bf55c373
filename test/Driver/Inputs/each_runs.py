"""Runs a command once with each of the further arguments appended; fails when one fails."""
import shlex
import subprocess
import sys

for last in sys.argv[2:]:
    subprocess.run([*shlex.split(sys.argv[1]), last], check=True)
