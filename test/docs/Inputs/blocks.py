#!/usr/bin/env python3
"""Takes the fenced blocks out of a Markdown page.

  blocks.py PAGE files DIR [PREFIX]   every block that opens with a comment "// PATH" and has
                                      that PATH below PREFIX becomes the file DIR/PATH
  blocks.py PAGE block LANGUAGE N     prints the N-th block (from 1) of that language
"""
import pathlib
import re
import sys

FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def main():
    page, mode = pathlib.Path(sys.argv[1]), sys.argv[2]
    blocks = FENCE.findall(page.read_text(encoding="utf-8"))
    if mode == "block":
        language, number = sys.argv[3], int(sys.argv[4])
        matching = [text for name, text in blocks if name == language]
        if number > len(matching):
            sys.exit(f"{page}: {len(matching)} blocks of {language}, expected {number}")
        sys.stdout.write(matching[number - 1])
        return
    target = pathlib.Path(sys.argv[3])
    prefix = sys.argv[4] if len(sys.argv) > 4 else ""
    written = 0
    for _, text in blocks:
        first, _, rest = text.partition("\n")
        if not first.startswith("// " + prefix):
            continue
        name = first.removeprefix("// " + prefix).strip().lstrip("/")
        path = target / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(rest, encoding="utf-8")
        written += 1
    if not written:
        sys.exit(f"{page}: no block begins with // {prefix}")


main()
