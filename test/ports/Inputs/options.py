"""Holds the summaries of options.test against each other."""
import json

plain, zero, smooth, three, top = (json.load(open(f"{name}.json")) for name in ("plain", "zero", "smooth", "three", "top"))
for key in ("loss", "test_loss", "test_accuracy"):
    assert plain[key] == zero[key] == top[key], (key, plain, zero, top)
# Smooth labels have a loss that no net can bring to 0: the entropy of 0.73 and nine times 0.03 is 1.17.
assert smooth["loss"] > 1.1 and smooth["loss"] > plain["loss"], (smooth, plain)
# Without one class the rest is learned.
assert three["loss"] != plain["loss"] and three["test_accuracy"] > 0.5, three
assert top["test_top_k_accuracy"] >= top["test_accuracy"] > 0.5, top
