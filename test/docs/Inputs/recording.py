"""Checks docs/record's terminal and its pictures, without running a session: recording.py ROOT"""
import importlib.machinery
import importlib.util
import pathlib
import sys
import xml.etree.ElementTree as xml


def load(path):
    loader = importlib.machinery.SourceFileLoader("record", str(path))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("record", loader))
    sys.dont_write_bytecode = True
    loader.exec_module(module)
    return module


def main():
    record = load(pathlib.Path(sys.argv[1]) / "docs/record")
    screen = record.Screen()
    screen.write("50 %\r100 %\nred \x1b[31mword\x1b[0m <&>\nlong long\x1b[3D\x1b[K\n")
    screen.write("x" * (record.COLUMNS + 1))
    lines = ["".join(character for character, _ in row) for row in screen.rows]
    assert lines[:2] == ["100 %", "red word <&>"], lines
    assert len(lines[-2]) == record.COLUMNS and lines[-1] == "x", lines
    for theme in record.THEMES:
        texts = list(xml.fromstring(record.svg(screen, theme)).iter("{http://www.w3.org/2000/svg}text"))
        assert [t.text for t in texts][:4] == ["100 %", "red", "word", "<&>"], [t.text for t in texts]
        assert texts[2].get("fill") == record.THEMES[theme][3][1], texts[2].attrib
    for theme in record.THEMES:
        xml.parse(pathlib.Path(sys.argv[1]) / f"docs/images/terminal-{theme}.svg")
    assert record.run("printf 'a\\033[1mb'; exit 0", ".") == "a\x1b[1mb"


main()
