#!/usr/bin/env python3
"""Trains the ladder's small nets on MNIST, and writes the results into docs/tutorial.md and its pictures into docs/images.

  ladder.py [--gradmill PROGRAM] [--threads N] [--data SOURCE] [--epochs N] [--images FOLDER] [--no-train]

It takes a few minutes. Batch 128 and seed 1; all else is the default of `gradmill train`. "train" is the mean over the
batches of the last epoch, with dropout; "test" is the whole test set after it. --epochs trains shorter than the table
says, prints the result and leaves the page alone, and the pictures unless --images names a folder. --no-train draws only
the pictures that need no training.
"""
import argparse
import json
import pathlib
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True  # leaves no folder beside the nets
import pictures

FOLDER = pathlib.Path(__file__).resolve().parent
PAGE = FOLDER.parents[1] / "docs" / "tutorial.md"
BEGIN, END = "<!-- ladder.py: begin -->\n", "<!-- ladder.py: end -->\n"
FEW = ["--val-split", "0.95"]  # trains on 3,000 images
NETS = ["fully-connected", "step1-first", "step2-gap", "step3-narrow", "step4-transition", "step5-batch-norm", "../mnist/mnist"]
RUNS = [(NETS[i], 1, []) for i in (0, 3, 4, 5, 6)]
RATES = (0, 0.2, 0.5)
RUNS += [("fully-connected", 20, ["--set", f"dropout={rate}"] + FEW) for rate in RATES]


def train(options, net, epochs, more):
    """The records of the run's log."""
    with tempfile.TemporaryDirectory() as folder:
        log = pathlib.Path(folder) / "log.jsonl"
        command = [options.gradmill, "train", FOLDER / f"{net}.net", "--data", options.data, "--epochs", epochs, "--seed", 1,
                   "--batch", 128, "--threads", options.threads, "--no-checkpoint", "--no-report", "--quiet", "--demo", 0, "--metrics", log] + more
        subprocess.run([str(word) for word in command], check=True, stdout=subprocess.DEVNULL)
        return [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]


def short(net):
    return net.split("/")[-1]


def row(log, net, epochs, more):
    result = [record for record in log if record["type"] == "epoch"][-1]
    name = f"`{short(net)}`" + (f" `{' '.join(more)}`" if more else "")
    numbers = [f"{result['train_accuracy']:.2%}", f"{result['test_accuracy']:.2%}", f"{result['loss']:.4f}", f"{result['test_loss']:.4f}"]
    return f"| {name} | {epochs} | {' | '.join(numbers)} |"


def layers(options, net):
    command = [options.gradmill, "summary", FOLDER / f"{net}.net", "--json"]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)["ops"]


def draw_nets(options):
    weights = [(short(net), [(op["name"], op["parameters"]) for op in layers(options, net) if op["parameters"]]) for net in NETS]
    (options.images / "tutorial-weights.svg").write_text(pictures.weights(weights), encoding="utf-8")
    seen = [(op["name"] or op["op"].removeprefix("nn."), op["receptive_field"][0])
            for op in layers(options, "step4-transition") if op["name"] or "pool" in op["op"]]
    (options.images / "tutorial-fields.svg").write_text(pictures.fields(28, seen), encoding="utf-8")


def draw_runs(options, logs):
    def points(log, kind, x, y):
        return [(record[x], record[y]) for record in log if record["type"] == kind and record.get(y) is not None]
    one = [(short(net), f"c{i}", points(log, "step", "step", "loss")) for i, ((net, _, _), log) in enumerate(zip(RUNS[:5], logs))]
    (options.images / "tutorial-learning.svg").write_text(
        pictures.curves("Training loss in the first epoch", "step", 2.5, one), encoding="utf-8")
    few = []
    for i, (rate, log) in enumerate(zip(RATES, logs[5:])):
        few += [(f"dropout {rate}, train", f"c{i} dash", points(log, "epoch", "epoch", "loss")),
                (f"dropout {rate}, validation", f"c{i}", points(log, "epoch", "epoch", "val_loss"))]
    (options.images / "tutorial-overfitting.svg").write_text(
        pictures.curves("Training and validation loss of 3,000 images", "epoch", 1.0, few), encoding="utf-8")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--gradmill", default="gradmill", help="the program (default: that of PATH)")
    parser.add_argument("--threads", default=1, type=int)
    parser.add_argument("--data", default="mnist")
    parser.add_argument("--epochs", type=int, help="at most")
    parser.add_argument("--images", type=pathlib.Path, help="the folder of the pictures (default: docs/images)")
    parser.add_argument("--no-train", action="store_true", help="draws the nets alone")
    options = parser.parse_args()
    draws = bool(options.images) or not options.epochs
    options.images = options.images or PAGE.parent / "images"
    options.images.mkdir(exist_ok=True)
    if draws:
        draw_nets(options)
    if options.no_train:
        return
    runs = [(net, min(epochs, options.epochs or epochs), more) for net, epochs, more in RUNS]
    logs = [train(options, *run) for run in runs]
    if draws:
        draw_runs(options, logs)
    lines = ["| net | epochs | train | test | train loss | test loss |", "|---|--:|--:|--:|--:|--:|"]
    lines += [row(log, *run) for run, log in zip(runs, logs)]
    table = "\n".join(lines) + "\n"
    if options.epochs:
        print(table, end="")
        return
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
    PAGE.write_text(before + BEGIN + "\n" + table + "\n" + END + rest.partition(END)[2], encoding="utf-8")


main()
