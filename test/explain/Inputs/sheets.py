"""What `explain --json` says of a test set holds together, and with `eval --json`.

usage: sheets.py EXPLAIN.json EVAL.json"""
import json
import sys

said, measured = (json.load(open(path)) for path in sys.argv[1:])
bins, classes, samples = said["reliability"], said["classes"], said["samples"]
count = sum(b["samples"] for b in bins)
assert count == sum(c["samples"] for c in classes) == measured["samples"], said
assert abs(said["accuracy"] - measured["accuracy"]) < 1e-6
assert abs(sum(c["right"] for c in classes) / count - said["accuracy"]) < 1e-9
ece = sum(b["samples"] * abs(b["likelihood"] - b["accuracy"]) for b in bins) / count
assert abs(ece - said["expected_calibration_error"]) < 1e-9
for b in bins:
    assert b["samples"] == 0 or b["low"] - 1e-9 < b["likelihood"] <= b["high"] + 1e-9, b
for c in classes:
    assert 0 <= c["likelihood"] <= 1 and c["times"] <= c["samples"] - c["right"], c
# Three sheets: most and least sure, and the surest mistakes.
most, least, wrong = samples[:12], samples[12:24], samples[24:]
likelihoods = [[s["likelihood"] for s in sheet] for sheet in (most, least, wrong)]
assert likelihoods[0] == sorted(likelihoods[0], reverse=True) and likelihoods[1] == sorted(likelihoods[1])
assert likelihoods[2] == sorted(likelihoods[2], reverse=True) and likelihoods[0][-1] >= likelihoods[1][-1]
assert wrong and all(s["label"] != s["predicted"] for s in wrong), wrong
assert len(said["files"]) == 4, said["files"]
