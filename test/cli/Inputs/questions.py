"""questions.py find CSV JSON SVG | sweep LOG JSON | one LOG JSON: whether what the commands say agrees."""
import csv
import json
import statistics
import sys
import xml.dom.minidom


def find(table, report, picture):
    points = json.load(open(report))["points"]
    rows = list(csv.DictReader(open(table)))
    assert len(rows) == len(points) > 20
    mean = 0
    for i, (row, point) in enumerate(zip(rows, points)):
        assert float(row["learning_rate"]) == point["learning_rate"] and float(row["loss"]) == point["loss"]
        assert abs(point["learning_rate"] / (1e-5 * 10 ** (6 * i / 99)) - 1) < 1e-9
        mean = 0.9 * mean + 0.1 * point["loss"]
        assert abs(point["smooth"] - mean / (1 - 0.9 ** (i + 1))) < 1e-9
    advice = json.load(open(report))
    lowest = min(points, key=lambda p: p["smooth"])
    assert advice["lowest"] == lowest["learning_rate"]
    assert advice["steepest"] < advice["suggestion"] < advice["lowest"] and 1e-3 < advice["suggestion"] < 1, advice
    assert xml.dom.minidom.parse(picture).documentElement.tagName == "svg"


def runs_of(log):
    return [json.loads(line) for line in open(log)]


def sweep(log, report):
    runs, groups = runs_of(log), json.load(open(report))["groups"]
    assert len(runs) == 4 and len(groups) == 2  # the second call did nothing
    for group in groups:
        own = [r["summary"]["test_accuracy"] for r in runs if r["values"]["lr"] == group["values"]["lr"]]
        assert own == group["results"] and len(own) == 2
        assert abs(group["mean"] - statistics.mean(own)) < 1e-12
        assert abs(group["spread"] - statistics.stdev(own)) < 1e-12


def one(log, report):
    swept, alone = runs_of(log)[1]["summary"], json.load(open(report))
    assert swept["options"]["seed"] == 3
    assert all(swept[k] == alone[k] for k in ("loss", "test_loss", "test_accuracy")), (swept, alone)


{"find": find, "sweep": sweep, "one": one}[sys.argv[1]](*sys.argv[2:])
