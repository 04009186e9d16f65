"""best.py LOG VAL: whether a run stopped 3 epochs after its best one, whose evaluation is VAL."""
import json
import sys

epochs = [r for r in map(json.loads, open(sys.argv[1])) if r["type"] == "epoch"]
losses = [e["val_loss"] for e in epochs]
best = losses.index(min(losses))
assert len(losses) == best + 4 < 30, losses
assert json.load(open(sys.argv[2]))["loss"] == losses[best]
assert "test_loss" in epochs[-1] and "test_loss" not in epochs[-2]
