#!/usr/bin/env python3
"""exits.py CODE COMMAND...: runs a command, prints what it says on stderr and
fails unless it exits with CODE and says nothing on stdout."""
import subprocess
import sys

done = subprocess.run(sys.argv[2:], capture_output=True, text=True, timeout=60)
print(done.stderr, end="")
if done.returncode != int(sys.argv[1]):
    sys.exit(f"exit {done.returncode}, expected {sys.argv[1]}")
if done.stdout:
    sys.exit("writes to stdout:\n" + done.stdout)
