"""peak.py LOG: one-cycle over 24 epochs with its peak after five, without annihilation, and a loss that falls."""
import json
import sys

records = [json.loads(line) for line in open(sys.argv[1], encoding="utf-8")]
epochs = [r for r in records if r["type"] == "epoch"]
steps = [r for r in records if r["type"] == "step"]
rates = [r["learning_rate"] for r in steps]
assert len(epochs) == 24, len(epochs)
per_epoch = epochs[-1]["step"] / 24
peak = steps[rates.index(max(rates))]["step"] / per_epoch
assert 4 <= peak <= 6, peak
assert abs(max(rates) - 0.1) < 0.001 and abs(rates[-1] - 0.1 / 25) < 0.001, (max(rates), rates[-1])
assert epochs[-1]["loss"] < 0.7 * epochs[0]["loss"], (epochs[0]["loss"], epochs[-1]["loss"])
print("ok")
