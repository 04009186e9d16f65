#!/usr/bin/env python3
"""Checks the links of all Markdown files: that relative ones lead to a file of the repository, and to a heading of
it; and that every page of docs/ can be reached from docs/README.md.

  links.py ROOT          lists what is wrong, and fails if anything is
  links.py --self-test   checks the checker
"""
import os
import pathlib
import re
import sys
import tempfile
import urllib.parse

FENCE = re.compile(r"^\s*(```|~~~)")
CODE = re.compile(r"(`+)(?:.*?)\1")
LINK = re.compile(r"\[(?:[^\[\]]|\[[^\]]*\])*\]\(\s*<?([^)\s>]+)>?(?:\s+\"[^\"]*\")?\s*\)")
ATTRIBUTE = re.compile(r"\b(?:src|srcset|href)=\"([^\"]+)\"")
HEADING = re.compile(r"^#{1,6}\s+(.*?)\s*#*\s*$")
ANCHOR = re.compile(r"<a\s+(?:name|id)=\"([^\"]+)\"")
EXTERNAL = re.compile(r"^[a-z][a-z0-9+.-]*:", re.IGNORECASE)


def lines_of(path):
    """(number, line) of what is not in a block of code."""
    fence = None
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        match = FENCE.match(line)
        if match and fence in (None, match.group(1)):
            fence = None if fence else match.group(1)
        elif not fence:
            yield number, line


def slug(heading):
    """The anchor that GitHub gives a heading."""
    text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading)  # a link counts by its text
    text = re.sub(r"[^\w\- ]", "", text.replace("`", "").replace("*", "").lower())
    return text.replace(" ", "-")


def anchors_of(path):
    seen, anchors = {}, set()
    for _, line in lines_of(path):
        anchors.update(ANCHOR.findall(line))
        match = HEADING.match(line)
        if match:
            name = slug(match.group(1))
            count = seen.get(name, 0)
            seen[name] = count + 1
            anchors.add(f"{name}-{count}" if count else name)
    return anchors


def links_of(path):
    for number, line in lines_of(path):
        line = CODE.sub(lambda m: "`" * len(m.group(0)), line)  # `[a](b)` is no link; [`a`](b) is
        for target in LINK.findall(line) + ATTRIBUTE.findall(line):
            yield number, target


def pages_of(root):
    for folder, folders, files in os.walk(root):
        folders[:] = sorted(f for f in folders if not f.startswith((".", "build")) or f == ".github")
        yield from (pathlib.Path(folder) / f for f in sorted(files) if f.endswith(".md"))


def check(root):
    """The problems, as lines "FILE:LINE: TEXT"."""
    root = root.resolve()
    problems, targets = [], {}
    for page in pages_of(root):
        targets[page] = set()
        for number, target in links_of(page):
            where = f"{page.relative_to(root)}:{number}"
            if EXTERNAL.match(target):
                continue
            name, _, anchor = urllib.parse.unquote(target).partition("#")
            file = (page.parent / name).resolve() if name else page
            if not file.is_relative_to(root):
                problems.append(f"{where}: {target} leads out of the repository")
            elif not file.exists():
                problems.append(f"{where}: {target} leads to nothing; no file {file.relative_to(root)}")
            elif anchor and (file.suffix != ".md" or anchor not in anchors_of(file)):
                problems.append(f"{where}: {target} leads to no heading of {file.relative_to(root)}")
            else:
                targets[page].add(file)
    return problems + unreachable(root, targets)


def unreachable(root, targets):
    start, folder = root / "docs/README.md", root / "docs"
    reached, waiting = {start}, [start]
    while waiting:
        for file in targets.get(waiting.pop(), ()):
            if file not in reached and file.suffix == ".md":
                reached.add(file)
                waiting.append(file)
    return [f"{page.relative_to(root)}: cannot be reached from docs/README.md"
            for page in targets if page.parent == folder and page not in reached]


def self_test():
    with tempfile.TemporaryDirectory() as name:
        root = pathlib.Path(name)
        (root / "docs").mkdir()
        (root / "docs/README.md").write_text(
            "# A\n\n[good](b.md#two-words), [here](#a), [`code`](b.md), [web](https://example.org/x#y)\n"
            "`[no](link.md)`\n```\n[no](link.md)\n```\n"
            "[gone](c.md) [out](../../etc) [head](b.md#three) <img src=\"no.svg\">\n[again](b.md#same-1)\n")
        (root / "docs/b.md").write_text("## Two `words`!\n# Same\n# Same\n```\n# Three\n```\n")
        (root / "docs/alone.md").write_text("# Alone\n")
        expected = ["docs/README.md:8: c.md leads to nothing; no file docs/c.md",
                    "docs/README.md:8: ../../etc leads out of the repository",
                    "docs/README.md:8: b.md#three leads to no heading of docs/b.md",
                    "docs/README.md:8: no.svg leads to nothing; no file docs/no.svg",
                    "docs/alone.md: cannot be reached from docs/README.md"]
        found = check(root)
    if found != expected:
        sys.exit("links.py: the self-test fails:\n" + "\n".join(found))


def main():
    if sys.argv[1:] == ["--self-test"]:
        return self_test()
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    problems = check(pathlib.Path(sys.argv[1]))
    print("\n".join(problems))
    sys.exit(1 if problems else 0)


if __name__ == "__main__":
    main()
