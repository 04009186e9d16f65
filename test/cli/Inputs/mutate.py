#!/usr/bin/env python3
"""Graph files that nobody would write.

  mutate.py nest FOLDER               files that nest 100,000 deep
  mutate.py flip FILE...              gradmill on damaged copies: exit status 0 or 3, nothing else
  mutate.py slip FILE...              words left out, doubled, swapped: no message is MLIR's own
"""
import pathlib
import random
import re
import subprocess
import sys
import tempfile

DEEP = 100_000
RELU = """func.func @main(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {{
  %y = nn.relu %x {attributes} : tensor<?x4xf32>{location}
  return %y : tensor<?x4xf32>
}}
"""


def chain(first, link):
    """Aliases, each made of the one before."""
    return first + "".join(link.format(i - 1, i) for i in range(1, DEEP))


def nest(folder):
    attribute = lambda text: RELU.format(attributes="{a = " + text + "}", location="")
    locations = chain('#loc0 = loc("a.py":1:1)\n', '#loc{1} = loc("n"(#loc{0}))\n')
    last = f" loc(#loc{DEEP - 1})"
    files = {
        "nested-array.mlir": attribute("[" * DEEP + "]" * DEEP),
        "nested-type.mlir": attribute("tuple<() -> " * DEEP + "i32" + ">" * DEEP),
        "nested-sign.mlir": attribute("affine_map<(d) -> (" + "-" * DEEP + "d)>"),
        "nested-region.mlir": "module {" * DEEP + "}" * DEEP,
        "nested-alias.mlir": chain("#a0 = [1]\n", "#a{1} = [#a{0}, #a{0}]\n"),
        "nested-type-alias.mlir": chain("!t0 = tuple<i32>\n", "!t{1} = tuple<!t{0}, !t{0}>\n"),
        "nested-location.mlir": locations + RELU.format(attributes="", location=last),
        "nested-location-error.mlir": locations + RELU.format(attributes="{a}", location=last),
        "nested.json": '{"a": ' + "[" * DEEP + "]" * DEEP + "}",
    }
    for name, text in files.items():
        (pathlib.Path(folder) / name).write_text(text)


def flip(files, rounds=25):
    chance = random.Random(1)
    with tempfile.TemporaryDirectory() as folder:
        for file in map(pathlib.Path, files):
            data = file.read_bytes()
            for i in range(rounds):
                damaged = bytearray(data)
                for _ in range(1 + chance.randrange(3)):
                    damaged[chance.randrange(len(data))] = chance.randrange(256)
                if i % 3 == 0:
                    del damaged[chance.randrange(len(data)):]
                copy = pathlib.Path(folder) / file.name
                copy.write_bytes(damaged)
                run = subprocess.run(["gradmill", "summary", copy], capture_output=True, timeout=60)
                if run.returncode not in (0, 3) or (run.returncode == 3 and b"error[" not in run.stderr):
                    kept = file.with_name("damaged-" + file.name)
                    kept.write_bytes(damaged)
                    sys.exit(f"{kept}, round {i}: exit status {run.returncode}\n{run.stderr.decode(errors='replace')}")


def slipped(text, chance):
    """The text with one slip of its writer."""
    words = list(re.finditer(r"[A-Za-z_][\w.]*|%\w+|-?\d+(?:\.\d+)?|[^\s\w]", text))
    word, lines = chance.choice(words), text.split("\n")
    line, other = chance.randrange(len(lines)), chance.randrange(len(lines))
    swapped = list(lines)
    swapped[line], swapped[other] = lines[other], lines[line]
    before, after = text[:word.start()], text[word.end():]
    return chance.choice([before + after, before, before + word.group() + " " + word.group() + after,
                          before + chance.choice(words).group() + after, before + chance.choice(["0", "-1", "1.5", '"a"', "f32"]) + after,
                          "\n".join(swapped), "\n".join(lines[:line] + lines[line + 1:]), "\n".join(lines[:line] + lines[line:line + 1] + lines[line:])])


def slip(files, rounds=120):
    chance = random.Random(1)
    with tempfile.TemporaryDirectory() as folder:
        for file in map(pathlib.Path, files):
            for _ in range(rounds):
                copy = pathlib.Path(folder) / file.name
                copy.write_text(slipped(file.read_text(), chance))
                run = subprocess.run(["gradmill", "summary", copy], capture_output=True, text=True, timeout=60)
                if run.returncode not in (0, 3) or "graph_invalid" in run.stderr or (run.returncode == 3 and "error[" not in run.stderr):
                    sys.exit(f"{copy.read_text()}\nexit status {run.returncode}\n{run.stderr}")


if __name__ == "__main__":
    {"nest": lambda a: nest(*a), "flip": flip, "slip": slip}[sys.argv[1]](sys.argv[2:])
