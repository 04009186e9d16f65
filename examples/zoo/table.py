#!/usr/bin/env python3
"""Writes the table of nets in README.md from `gradmill summary --json`.

  table.py [--gradmill PROGRAM] [--check]

--check changes nothing, and fails if the table is not what it would write. "field" is the largest receptive field of
a layer that still has pixels beside each other: before global pooling, or before the first linear layer. It is "all"
where a norm over the picture comes before.
"""
import argparse
import difflib
import json
import pathlib
import subprocess
import sys

FOLDER = pathlib.Path(__file__).resolve().parent
BEGIN, END = "<!-- table.py: begin -->\n", "<!-- table.py: end -->\n"
GROUPS = [
    ("MNIST, the ladder", ["fully-connected", "step1-first", "step2-gap", "step3-narrow", "step4-transition",
                           "step5-batch-norm", "../mnist/mnist"]),
    ("MNIST, other ideas", ["dilated", "separable"]),
    ("224x224, published nets", ["vgg16", "vgg16-gap", "resnet18", "mobilenet-v2", "squeezenet"]),
    ("CIFAR-10", ["cifar-batch-norm", "cifar-layer-norm", "cifar-group-norm", "cifar-strides", "cifar-dilation",
                  "cifar-resnet18", "cifar-residual"]),
]


def summary(gradmill, net):
    command = [gradmill, "summary", str(FOLDER / f"{net}.net"), "--json"]
    return json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)


def field(report):
    """The largest field of a layer with pixels beside each other, or "all" if a norm lets each pixel see them all."""
    pixels = [op for op in report["ops"] if op["shape"].count("x") == 2 and not op["shape"].endswith("x1x1")]
    if any(not op["jump"] or not all(op["jump"]) for op in pixels):
        return "all"
    return max((op["receptive_field"][0] for op in pixels), default="–")


def table(gradmill):
    lines = ["| net | input | parameters | multiply-adds | field |", "|---|---|--:|--:|--:|"]
    for title, nets in GROUPS:
        lines.append(f"| **{title}** | | | | |")
        for net in nets:
            report = summary(gradmill, net)
            lines.append(f"| [{net.split('/')[-1]}]({net}.net) | {report['inputs'][0]['shape']} | {report['parameters']:,} "
                         f"| {report['macs']:,} | {field(report)} |")
    return "\n".join(lines) + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--gradmill", default="gradmill", help="the program (default: that of PATH)")
    parser.add_argument("--check", action="store_true", help="compare only")
    options = parser.parse_args()
    listed = {net for _, nets in GROUPS for net in nets}
    missing = sorted(path.stem for path in FOLDER.glob("*.net") if path.stem not in listed)
    if missing:
        sys.exit(f"table.py: no group lists {', '.join(missing)}: add it to GROUPS")
    page = FOLDER / "README.md"
    text = page.read_text(encoding="utf-8")
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    new = before + BEGIN + "\n" + table(options.gradmill) + "\n" + END + after
    if not options.check:
        page.write_text(new, encoding="utf-8")
    elif new != text:
        sys.stdout.writelines(difflib.unified_diff(text.splitlines(True), new.splitlines(True), "README.md", "table.py"))
        sys.exit("table.py: README.md has another table: run examples/zoo/table.py")


main()
