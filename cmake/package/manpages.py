#!/usr/bin/env python3
"""Writes the manual pages gradmill.1 and gradmill-COMMAND.1 from what --help prints.

usage: manpages.py GRADMILL VERSION FOLDER
"""
import os
import re
import subprocess
import sys


def escaped(text):
    return re.sub(r"^([.'])", r"\\&\1", text.replace("\\", r"\e").replace("-", r"\-"))


def help_of(program, *arguments):
    return subprocess.run([program, *arguments, "--help"], check=True, text=True, capture_output=True).stdout


def rows(text, heading):
    """(name, explanation) of the indented rows below a heading."""
    block = re.search(rf"^{heading}:\n(.*?)(?:\n\n|\Z)", text, re.M | re.S)
    found = []
    for line in block[1].splitlines() if block else []:
        if row := re.match(r"  (\S.*?)(?:  +(\S.*))?$", line):
            found.append([row[1], row[2] or ""])
        elif found:  # the name took the line; or the explanation goes on
            found[-1][1] = f"{found[-1][1]} {line.strip()}".strip()
    return found


def page(name, version, about, synopsis, sections, see):
    lines = [f'.TH {name.upper()} 1 "" "Gradmill {version}" "User commands"', ".SH NAME",
             f"{escaped(name)} \\- {escaped(about)}", ".SH SYNOPSIS", f".B {escaped(synopsis)}"]
    for title, entries in sections:
        if entries:
            lines.append(f".SH {title}")
        for entry, text in entries:
            lines += [".TP", f".B {escaped(entry)}", escaped(text)]
    lines += [".SH SEE ALSO", ", ".join(rf"\fB{escaped(other)}\fR(1)" for other in see)]
    return "\n".join(lines) + "\n"


def main(program, version, folder):
    os.makedirs(folder, exist_ok=True)

    def write(name, text):
        with open(os.path.join(folder, f"{name}.1"), "w") as file:
            file.write(text)

    overview = help_of(program)
    commands = rows(overview, "Commands")
    if not commands:
        sys.exit(f"{program} --help lists no commands")
    write("gradmill", page("gradmill", version, "compile, train and run graphs of neural networks",
                           "gradmill COMMAND [OPTIONS]", [("COMMANDS", commands)],
                           [f"gradmill-{command}" for command, _ in commands]))
    for command, about in commands:
        text = help_of(program, command)
        usage = re.search(r"^Usage: (.*)$", text, re.M)
        headings = [h for h in re.findall(r"^([A-Z][A-Za-z ]*):$", text, re.M)]
        write(f"gradmill-{command}",
              page(f"gradmill-{command}", version, about, usage[1] if usage else f"gradmill {command}",
                   [(heading.upper(), rows(text, heading)) for heading in headings], ["gradmill"]))


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    main(*sys.argv[1:])
