"""Compares the maps of `gradmill explain --json` with PyTorch's (reference.py).

usage: check.py METHOD LAYER < explain.json"""
import json
import pathlib
import sys

method, layer = sys.argv[1:]
reference = json.loads((pathlib.Path(__file__).parent / "reference.json").read_text())
found = json.load(sys.stdin)
assert found["method"] == method and found["layer"] == layer, found
assert len(found["samples"]) == len(reference)
for ours, theirs in zip(found["samples"], reference):
    assert ours["predicted"] == ours["class"] == theirs["class"], (ours["class"], theirs["class"])
    assert abs(ours["likelihood"] - theirs["likelihood"]) < 1e-5
    wanted = theirs["maps"][f"{method} {layer}"]
    assert len(ours["map"]) == len(wanted) == ours["height"] * ours["width"], ours
    assert max(wanted) > 0
    off = max(abs(a - b) for a, b in zip(ours["map"], wanted))
    if off > 2e-6 + 1e-5 * max(wanted):
        sys.exit(f"{method} {layer}: off by {off}\n{ours['map']}\n{wanted}")
print("the same within 1e-5")
