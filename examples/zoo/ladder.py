#!/usr/bin/env python3
"""Trains the ladder's small nets on MNIST, and writes the results into docs/tutorial.md.

  ladder.py [--gradmill PROGRAM] [--threads N] [--data SOURCE] [--epochs N]

It takes a few minutes. Batch 128 and seed 1; all else is the default of `gradmill train`. "train" is the mean over the
batches of the last epoch, with dropout; "test" is the whole test set after it. --epochs trains shorter than the table
says, prints the result and leaves the page alone.
"""
import argparse
import json
import pathlib
import subprocess
import tempfile

FOLDER = pathlib.Path(__file__).resolve().parent
PAGE = FOLDER.parents[1] / "docs" / "tutorial.md"
BEGIN, END = "<!-- ladder.py: begin -->\n", "<!-- ladder.py: end -->\n"
FEW = ["--val-split", "0.95", "--eval-every", "20"]  # trains on 3,000 images
RUNS = [("fully-connected", 1, []), ("step3-narrow", 1, []), ("step4-transition", 1, []), ("step5-batch-norm", 1, []),
        ("../mnist/mnist", 1, [])]
RUNS += [("fully-connected", 20, ["--set", f"dropout={rate}"] + FEW) for rate in (0, 0.2, 0.5)]


def train(options, net, epochs, more):
    """The metrics of the last epoch."""
    with tempfile.TemporaryDirectory() as folder:
        log = pathlib.Path(folder) / "log.jsonl"
        command = [options.gradmill, "train", FOLDER / f"{net}.net", "--data", options.data, "--epochs", epochs, "--seed", 1,
                   "--batch", 128, "--threads", options.threads, "--no-checkpoint", "--no-report", "--quiet", "--demo", 0, "--metrics", log] + more
        subprocess.run([str(word) for word in command], check=True, stdout=subprocess.DEVNULL)
        records = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]
        return [record for record in records if record["type"] == "epoch"][-1]


def row(options, net, epochs, more):
    result = train(options, net, epochs, more)
    name = f"`{net.split('/')[-1]}`" + (f" `{' '.join(more)}`" if more else "")
    numbers = [f"{result['train_accuracy']:.2%}", f"{result['test_accuracy']:.2%}", f"{result['loss']:.4f}", f"{result['test_loss']:.4f}"]
    return f"| {name} | {epochs} | {' | '.join(numbers)} |"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--gradmill", default="gradmill", help="the program (default: that of PATH)")
    parser.add_argument("--threads", default=1, type=int)
    parser.add_argument("--data", default="mnist")
    parser.add_argument("--epochs", type=int, help="at most")
    options = parser.parse_args()
    lines = ["| net | epochs | train | test | train loss | test loss |", "|---|--:|--:|--:|--:|--:|"]
    lines += [row(options, net, min(epochs, options.epochs or epochs), more) for net, epochs, more in RUNS]
    table = "\n".join(lines) + "\n"
    if options.epochs:
        print(table, end="")
        return
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
    PAGE.write_text(before + BEGIN + "\n" + table + "\n" + END + rest.partition(END)[2], encoding="utf-8")


main()
