"""Runs the examples of docs/advise.md: in each section named after a rule the first block gets that
rule's advice, the second one does not. Every rule of --list has a section.

usage: examples.py ADVISE.md FOLDER"""
import json
import pathlib
import re
import subprocess
import sys

OBJECT = {"field_small": ["--object", "20"]}
NET = "input x: [N, 1, 8, 8] mean=0 std=1\nconv2d(4, 3) | relu | conv2d(3, 6) | flatten | log_softmax\n"


def advise(*arguments):
    done = subprocess.run(["gradmill", "advise", *arguments, "--json"], capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"{arguments}: {done.stderr}")
    return json.loads(done.stdout)


def rules_of(block, kind, rule, path):
    path.write_text(block)
    if kind == "net":
        return {a["rule"] for a in advise(str(path), *OBJECT.get(rule, []))}
    net = path.with_suffix(".net")
    net.write_text(NET)
    return {a["rule"] for a in advise(str(net), "--metrics", str(path))}


def main():
    text, folder = pathlib.Path(sys.argv[1]).read_text(encoding="utf-8"), pathlib.Path(sys.argv[2])
    known = [rule["name"] for rule in advise("--list")]
    sections = dict(re.findall(r"^### (\w+)\n(.*?)(?=^##|\Z)", text, re.M | re.S))
    if sorted(known) != sorted(sections):
        sys.exit(f"rules {sorted(known)}, sections {sorted(sections)}")
    for rule, section in sections.items():
        blocks = re.findall(r"^```(net|jsonl)\n(.*?)^```", section, re.M | re.S)
        if len(blocks) != 2:
            sys.exit(f"{rule} has {len(blocks)} examples")
        for (kind, block), expected in zip(blocks, (True, False)):
            found = rules_of(block, kind, rule, folder / f"{rule}-{expected}.{kind}")
            if (rule in found) != expected:
                sys.exit(f"{rule}: expected {expected}, found {found} in\n{block}")
    print(f"{len(sections)} rules hold")


main()
