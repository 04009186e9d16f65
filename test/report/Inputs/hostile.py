"""Logs of other people: for each `gradmill report` makes a page that page.py accepts, or gives one clear error.

hostile.py PAGE.py: runs in an empty folder.
"""
import json
import os
import subprocess
import sys

RUN = {"type": "run", "model": "m", "seed": 1, "options": {"epochs": 2, "data": "none"}}
EPOCH = {"type": "epoch", "epoch": 1, "step": 10, "loss": 0.5, "train_accuracy": 0.75, "test_loss": 0.4, "test_accuracy": 0.8,
         "learning_rate": 0.01, "samples_per_second": 100, "seconds": 3.5}
EVIL = "</style></title><script>alert(1)</script><img src=x onerror=alert(1)>'\" &amp; \u202e \x07"


def epoch(**fields):
    record = dict(EPOCH, **fields)
    return {k: v for k, v in record.items() if v != "leave out"}


def lines(*records):
    return "".join(json.dumps(r) + "\n" for r in records)


BIG = lines(RUN) + "".join(
    json.dumps({"type": "step", "step": i, "epoch": 1 + i // 1000, "loss": 1 / i, "learning_rate": 0.1}) + "\n" +
    (json.dumps(epoch(epoch=i // 1000, step=i)) + "\n" if i % 1000 == 0 else "") for i in range(1, 200001))

# name: (text, what the page says, or None and the error)
GOOD = {
    "plain": (lines(RUN, EPOCH, epoch(epoch=2, step=20)), ["<b>no end in the log"]),
    "no run line": (lines(EPOCH), ["does not begin with the line of a run"]),
    "no step, no seconds": (lines(RUN, epoch(step="leave out", seconds="leave out")), []),
    "no epoch number": (lines(RUN, epoch(epoch="leave out")), []),
    "only steps": (lines(RUN, {"type": "step", "step": 10, "loss": 1.5}), ["single steps"]),
    "only a run line": (lines(RUN), ["no step is logged yet"]),
    "loss is null": (lines(RUN, EPOCH, epoch(epoch=2, step=20, loss=None, test_loss=None)), ["No finite number: Loss in epoch 2; Test loss in epoch 2"]),
    "all is null": (lines(RUN, {"type": "epoch", "epoch": None, "loss": None}), ["No finite number"]),
    "texts for numbers": (lines(RUN, {"type": "epoch", "epoch": "one", "step": "x", "loss": "low", "seconds": []}), []),
    "cut off": (lines(RUN, EPOCH) + '{"type": "epoch", "epo', []),
    "huge numbers": (lines(RUN, epoch(loss=1e308, test_loss=-1e308, samples_per_second=1e300, seconds=1e300), epoch(epoch=2, step=1e300, loss=1e-308, seconds=-5)), []),
    "constant": (lines(RUN, *(epoch(epoch=i, step=i, loss=0, test_loss=0, test_accuracy=1, train_accuracy=1) for i in (1, 2, 3))), []),
    "negative loss": (lines(RUN, epoch(loss=-3), epoch(epoch=2, step=20, loss=-4)), []),
    "accuracy above one": (lines(RUN, epoch(test_accuracy=80), epoch(epoch=2, step=20, test_accuracy=-3)), []),
    "far epochs": (lines(RUN, epoch(epoch=1e15), epoch(epoch=1e15 + 2, step=20)), []),
    "names": (lines(dict(RUN, model=EVIL, options={EVIL: EVIL}, about={"command": EVIL, EVIL: EVIL, "graph": EVIL}), epoch(**{EVIL: 3, "test_" + EVIL: 4}),
                    {"type": "end", "error": EVIL}), ["&lt;script&gt;"]),
    "other types in the run line": (lines({"type": "run", "options": 5, "about": [], "seed": {}, "model": ["x"], "graph": 3}, EPOCH, {"type": "end", "interrupted": "yes", "step": []}), []),
    "unknown records": (lines(RUN, {"type": "weather", "sun": True}, EPOCH), []),
    "several runs": (lines(RUN, EPOCH, dict(RUN, seed=2), EPOCH), ['id="comparison"', "several runs.jsonl#2"]),
    "resumed": (lines(RUN, EPOCH, epoch(epoch=2, step=20), dict(RUN, resumed_at=10), epoch(epoch=2, step=20, loss=0.25)), ["resumed at step", "0.25"]),
    "failed": (lines(RUN, EPOCH, {"type": "end", "step": 12, "error": "the loss became infinite"}), ["failed: the loss became infinite"]),
    "a graph that is none": (lines(dict(RUN, about={"graph": os.path.abspath(__file__)}), EPOCH), ["the graph cannot be described"]),
    "a graph that is a folder": (lines(dict(RUN, about={"graph": "/"}), EPOCH), ["the graph / is gone"]),
    "large": (BIG, []),
}
BAD = {
    "empty": ("", "holds no run"),
    "one cut line": ('{"type"', "holds no run"),
    "no log": ("import os\n\n", "is no line of a log of training"),
    "other json": (json.dumps({"loss": [1, 2]}) + "\n", "is no line of a log of training"),
    "a list": ("[1, 2]\n[3]\n", "is no line of a log of training"),
    "bytes": (b"\x00\xff\xfe\n" * 9, "is no line of a log of training"),
    "a bad line inside": (lines(RUN) + "oops\n" + lines(EPOCH), ":2: is no line of a log of training"),
    "deep": ("[" * 100000 + "\n{}\n", "is no line of a log of training"),
}


def report(name, text):
    with open(name + ".jsonl", "wb") as file:
        file.write(text if isinstance(text, bytes) else text.encode())
    return subprocess.run(["gradmill", "report", name + ".jsonl"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=100)


for name, (text, says) in GOOD.items():
    done = report(name, text)
    assert done.returncode == 0, (name, done)
    page = open(name + ".html", encoding="utf-8").read()
    for part in says:
        assert part in page, (name, part)
    assert "alert(1)</script>" not in page
    ids = [part.split('"')[0] for part in page.split('<section id="')[1:]]
    checked = subprocess.run([sys.executable, sys.argv[1], name + ".html", *ids], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    assert checked.returncode == 0, (name, checked.stdout)
    table = subprocess.run(["gradmill", "report", name + ".jsonl", "--csv", name + ".csv"], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    assert table.returncode == 0 and os.path.getsize(name + ".html") < 2e6, (name, table)
for name, (text, says) in BAD.items():
    done = report(name, text)
    assert done.returncode == 3 and done.stderr.count("\n") == 1 and says in done.stderr, (name, done)
    assert done.stderr.startswith("error[bad_log]: " + name + ".jsonl") and not os.path.exists(name + ".html"), (name, done)
print("ok:", len(GOOD), "pages,", len(BAD), "errors")
