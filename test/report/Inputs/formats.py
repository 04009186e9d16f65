"""formats.py LOG TABLE.csv SCALARS: a table and TensorBoard's scalars hold the log's numbers."""
import csv
import json
import sys

records = [json.loads(line) for line in open(sys.argv[1])]
epochs = [r for r in records if r["type"] == "epoch"]
steps = [r for r in records if r["type"] == "step"]
with open(sys.argv[2], newline="") as file:
    rows = list(csv.DictReader(file))
assert len(rows) == len(epochs)
for row, epoch in zip(rows, epochs):
    for name, value in epoch.items():
        if name != "type":
            assert float(row[name]) == value, (name, row, epoch)

scalars = {}
for line in open(sys.argv[3]):
    tag, step, value = line.split()
    scalars.setdefault(tag, []).append((int(step), float(value)))


def same(tag, name, of):
    want = [(r["step"], r[name]) for r in of if name in r]
    assert [s for s, _ in scalars[tag]] == [s for s, _ in want], (tag, scalars[tag], want)
    assert all(abs(a - b) <= 1e-5 * abs(b) + 1e-7 for (_, a), (_, b) in zip(scalars[tag], want)), tag


for tag, name in [("loss/train", "loss"), ("accuracy/train", "train_accuracy"), ("loss/test", "test_loss"),
                  ("accuracy/test", "test_accuracy")]:
    same(tag, name, epochs)
for tag, name in [("step/loss", "loss"), ("learning_rate", "learning_rate")]:
    same(tag, name, steps)
assert len(steps) >= 2 and len(epochs) == 2
