"""classes.py REPORT.json FOLDER: whether what eval says of classes belongs together."""
import csv
import json
import pathlib
import sys

report = json.load(open(sys.argv[1]))
folder = pathlib.Path(sys.argv[2])
one = report["by_class"]["label"]
matrix = one["confusion"]
total = sum(map(sum, matrix))
right = sum(matrix[c][c] for c in range(10))
assert total == report["samples"] == 80, total
assert abs(right / total - report["accuracy"]) < 1e-6
for c, entry in enumerate(one["classes"]):
    row, column = sum(matrix[c]), sum(r[c] for r in matrix)
    assert entry["samples"] == row and entry["class"] == c and entry["name"] == str(c)
    assert abs(entry["recall"] - (matrix[c][c] / row if row else 0)) < 1e-12
    assert abs(entry["precision"] - (matrix[c][c] / column if column else 0)) < 1e-12
recalls = [e["recall"] for e in one["classes"] if e["samples"]]
assert abs(one["balanced_accuracy"] - sum(recalls) / len(recalls)) < 1e-12

mistakes = list(csv.DictReader(open(folder / "wrong.csv")))
assert len(mistakes) == total - right > 0
confidences = [float(m["confidence"]) for m in mistakes]
assert confidences == sorted(confidences, reverse=True) and all(0.1 < c <= 1 for c in confidences)
for m in mistakes:
    assert m["is"] != m["taken_for"] and (folder / m["picture"]).read_bytes()[1:4] == b"PNG"
    assert m["picture"] == f"{int(m['sample']):05d}-is-{m['is']}-not-{m['taken_for']}.png"
assert len(list(folder.iterdir())) == len(mistakes) + 1
