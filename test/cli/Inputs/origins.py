"""`gradmill plugins --json` lists every kind, with where it is from and in which version."""
import json
import re
import sys

rows = json.load(open(sys.argv[1]))["all"]
names = {}
for row in rows:
    assert row["origin"] == "gradmill" and re.fullmatch(r"\d+\.\d+\.\d+", row["version"]), row
    names.setdefault(row["kind"], []).append(row["name"])
for kind, name in {
    "op": "nn.conv2d", "layer": "nn.conv2d", "optimizer": "adamw", "transform": "clip_norm", "loss": "nll_loss",
    "metric": "accuracy", "rule": "", "target": "avx512", "importer": ".net", "exporter": ".gmg",
    "schedule": "onecycle", "augmentation": "cutout", "data source": "mnist",
}.items():
    assert kind in names and (not name or name in names[kind]), (kind, names.get(kind))
for kind, all in names.items():
    assert len(all) == len(set(all)), (kind, all)
