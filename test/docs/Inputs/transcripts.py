#!/usr/bin/env python3
"""Runs the commands that a Markdown page shows with their output.

  transcripts.py PAGE FOLDER [--update]

A block of language text that begins with "$ " holds commands, each followed by its output. They run in FOLDER, with the
programs of PATH. The page's text must be what they print; --update writes it into the page instead.
"""
import difflib
import pathlib
import re
import subprocess
import sys

BLOCK = re.compile(r"^```text\n(\$ .*?)^```$", re.MULTILINE | re.DOTALL)


def run(block, folder):
    lines = []
    for line in block.splitlines():
        if line.startswith("$ "):
            result = subprocess.run(["sh", "-c", line[2:]], cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
            if result.returncode:
                sys.exit(f"{line}: exit status {result.returncode}\n{result.stdout}")
            lines += [line] + [text.rstrip() for text in result.stdout.splitlines()]
    return "\n".join(lines) + "\n"


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    page, folder = pathlib.Path(sys.argv[1]), sys.argv[2]
    text = page.read_text(encoding="utf-8")
    blocks = BLOCK.findall(text)
    if not blocks:
        sys.exit(f"{page}: no block begins with a command")
    new = BLOCK.sub(lambda match: "```text\n" + run(match.group(1), folder) + "```", text)
    if "--update" in sys.argv[3:]:
        page.write_text(new, encoding="utf-8")
    elif new != text:
        sys.stdout.writelines(difflib.unified_diff(text.splitlines(True), new.splitlines(True), page.name, "printed"))
        sys.exit(f"{page}: a command prints something else")
    print(f"{len(blocks)} blocks hold")


main()
