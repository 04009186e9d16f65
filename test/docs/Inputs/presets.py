"""Compares CMakePresets.json with what cmake/build tells CMake: presets.py ROOT PRESET [OPTION OF cmake/build ...]"""
import json
import os
import pathlib
import subprocess
import sys
import tempfile


def of_preset(root, name):
    presets = {p["name"]: p for p in json.loads((root / "CMakePresets.json").read_text())["configurePresets"]}
    merged = {"cacheVariables": {}}
    chain = [name]
    while "inherits" in presets[chain[-1]]:
        chain.append(presets[chain[-1]]["inherits"])
    for preset in reversed(chain):
        variables = merged["cacheVariables"] | presets[preset].get("cacheVariables", {})
        merged = merged | presets[preset] | {"cacheVariables": variables}
    folder = merged["binaryDir"].replace("${sourceDir}", str(root))
    return {"-G": merged["generator"], "-B": folder, **merged["cacheVariables"]}


def of_build(root, options, folder):
    """What cmake/build would configure: a cmake that writes down its arguments, and fails."""
    fake, log = folder / "cmake", folder / "arguments"
    fake.write_text(f"#!/bin/sh\nprintf '%s\\n' \"$@\" >'{log}'\nexit 1\n")
    fake.chmod(0o755)
    build = folder / "build"
    subprocess.run([root / "cmake/build", *options], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                   env=os.environ | {"PATH": f"{folder}:{os.environ['PATH']}", "GRADMILL_BUILD_DIR": str(build)})
    words, found = log.read_text().splitlines(), {}
    while words:
        word = words.pop(0)
        if word in ("-G", "-B", "-S"):
            found[word] = words.pop(0)
        elif word.startswith("-D"):
            key, value = word[2:].split("=", 1)
            found[key] = value
    del found["-S"]
    found["-B"] = str(root / ("build-asan" if "--sanitize" in options else "build"))
    return found


def main():
    root, preset, options = pathlib.Path(sys.argv[1]).resolve(), sys.argv[2], sys.argv[3:]
    with tempfile.TemporaryDirectory() as folder:
        built = of_build(root, options, pathlib.Path(folder))
    said = of_preset(root, preset)
    for key in sorted(said.keys() | built.keys()):
        if said.get(key) != built.get(key):
            print(f"{preset}: {key} is {said.get(key)} in CMakePresets.json, {built.get(key)} in cmake/build")
    sys.exit(said != built)


main()
