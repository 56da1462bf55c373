"""check_steady.py OURS.csv THEIRS.steady BOUND: every node, in HotSpot's order."""
import csv, sys

with open(sys.argv[1]) as file:
    ours = [(row["node"], float(row["steady_k"])) for row in csv.DictReader(file)]
theirs = [line.split() for line in open(sys.argv[2]) if line.strip()]
assert [name for name, _ in ours] == [name for name, _ in theirs]
worst = max(abs(kelvin - float(other)) for (_, kelvin), (_, other) in zip(ours, theirs))
print(f"largest difference {worst:.4f} K (bound {sys.argv[3]})")
assert worst <= float(sys.argv[3])
