#!/usr/bin/env python3
"""Writes a plugin of each kind, builds it and runs its tests.

usage: new-plugins.py BUILD [KIND ...]

BUILD is Gradmill's build folder, or where it is installed.
"""
import pathlib
import re
import subprocess
import sys

build = pathlib.Path(sys.argv[1]).resolve()
gradmill = build / "bin/gradmill"


def run(command):
    """The command's output; ends the program with it if the command fails."""
    result = subprocess.run([str(c) for c in command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if result.returncode:
        sys.exit(f"failed: {' '.join(str(c) for c in command)}\n{result.stdout}")
    return result.stdout


kinds = sys.argv[2:] or re.search(r"One of: ((?:\w+,\s+)*\w+)", run([gradmill, "plugin", "--help"])).group(1)
if isinstance(kinds, str):
    kinds = kinds.replace(",", " ").split()
for kind in kinds:
    name = f"my_{kind}"
    run([gradmill, "plugin", "new", kind, name])
    run(["cmake", "-S", name, "-B", f"{name}/build", f"-DCMAKE_PREFIX_PATH={build}", "-DCMAKE_CXX_COMPILER=clang++-22",
         "-DCMAKE_C_COMPILER=clang-22", "-DCMAKE_CXX_FLAGS=-O0"])
    run(["cmake", "--build", f"{name}/build"])
    run(["ctest", "--test-dir", f"{name}/build", "--output-on-failure"])
    print(f"{kind}: ok", flush=True)
