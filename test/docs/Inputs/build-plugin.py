#!/usr/bin/env python3
"""Builds a family folder as a plugin with the flags of an existing build.

  build-plugin.py FOLDER BUILD SOURCE OUTPUT.so

Takes the flags of families/activation from BUILD/compile_commands.json, so it says the same
as cmake/GradmillFamily.cmake without configuring anything.
"""
import json
import pathlib
import shlex
import subprocess
import sys

folder, build, source = (pathlib.Path(p).resolve() for p in sys.argv[1:4])
output = sys.argv[4]
generated = pathlib.Path(output).with_suffix(".gen")
generated.mkdir(parents=True, exist_ok=True)


def flags_of_a_family():
    for entry in json.loads((build / "compile_commands.json").read_text()):
        if entry["file"].endswith("/activation/Activation.cpp"):
            return shlex.split(entry["command"])
    sys.exit("no family in compile_commands.json")


def run(command):
    result = subprocess.run([str(c) for c in command])
    if result.returncode:
        sys.exit(f"failed: {shlex.join(str(c) for c in command)}")


words = flags_of_a_family()
compiler = next(i for i, w in enumerate(words) if w.endswith(("clang++-22", "clang++", "g++", "c++")))
kept, mlir = [words[compiler]], None
it = iter(words[compiler + 1:])
for word in it:
    if word in ("-Xclang", "-o", "-c"):  # the precompiled header, output and input
        next(it)
    elif word == "-isystem":
        kept += [word, next(it)]
        mlir = kept[-1]
    elif "/activation" not in word and word != "-Winvalid-pch":
        kept.append(word)
llvm = pathlib.Path(mlir).parent
for td in folder.glob("*.td"):
    for kind, flag in ((".h.inc", "-gen-op-decls"), (".cpp.inc", "-gen-op-defs")):
        run([llvm / "bin/mlir-tblgen", flag, "-I", source / "dialects", "-I", mlir, td,
             "-o", generated / (td.stem + kind)])
# One unit: MLIR's headers are read once.
unit = generated / "unit.cpp"
unit.write_text("".join(f'#include "{cpp}"\n' for cpp in sorted(folder.glob("*.cpp"))))
run(kept + ["-O0", "-DGRADMILL_PLUGIN_MODULE", "-fvisibility=hidden", f"-I{folder}", f"-I{generated}",
            "-shared", unit, "-o", output, f"-L{build / 'lib'}", "-lGradmillNN",
            f"-L{llvm / 'lib'}", "-lMLIR", "-lLLVM", "-Wl,-z,defs",
            f"-Wl,-rpath,{build / 'lib'}:{llvm / 'lib'}"])
