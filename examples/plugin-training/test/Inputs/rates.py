"""The learning rates of the steps in a log are those of the polynomial schedule."""
import json
import sys

rates = [r["learning_rate"] for r in map(json.loads, open(sys.argv[1])) if "learning_rate" in r and r["type"] != "run"]
assert rates, "no steps in the log"
total = 8
for rate in rates:
    assert any(abs(rate - 0.1 * (1 - k / total) ** 2) < 1e-6 for k in range(total)), rates
