"""if_or_loop.py RUN.json ASSUMED.json: a run's decisions reach the clock; without values it says what it assumed."""
import json
import sys

run, assumed = (json.load(open(name)) for name in sys.argv[1:3])
assert run["assumptions"] == [], run["assumptions"]
assert assumed["assumptions"], "nothing was assumed"
print(run["totals"]["commands"], assumed["totals"]["commands"])
assert assumed["assumptions"][0].endswith("the loop runs 1 times"), assumed["assumptions"]
assert run["totals"]["commands"] > 2 * assumed["totals"]["commands"]
