#!/usr/bin/env python3
"""Compiles nets for a target, each kernel on its own, and lists the spills.

    spills.py CPU|TRIPLE [--except REGEX] GRAPH...

Fails if an innermost loop keeps vectors in memory, unless its kernel says that it may, or its name
is among the exceptions.
"""
import json
import os
import re
import subprocess
import sys
import tempfile

target, graphs = sys.argv[1], sys.argv[2:]
exceptions = "$^"
if graphs[0] == "--except":
    exceptions, graphs = graphs[1], graphs[2:]
where = ["--target", target] if target.count("-") > 1 else ["--cpu", target]
unexpected = 0
with tempfile.TemporaryDirectory() as folder:
    for graph in graphs:
        out = subprocess.run(["gradmill", "compile", graph, *where, "--no-merge", "--json", "-o",
                              os.path.join(folder, "net.a")],
                             stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True, text=True)
        spills = json.loads(out.stdout)["spills"]
        for s in spills:
            # Nothing is merged; kernels of equal code are one function.
            assert len({name.split()[0] for name in s["kernels"]}) == 1, s
            for name in s["kernels"]:
                if not s["accepted"] and not re.fullmatch(exceptions, name):
                    unexpected += 1
                    print(f"{os.path.basename(graph)}: {s['function']}: {name}: "
                          f"{s['stores']} stores, {s['loads']} loads")
        accepted = sorted({s["kernels"][0].split()[0] for s in spills if s["accepted"]})
        print(f"{os.path.basename(graph)} for {target}: accepted in {', '.join(accepted) or 'none'}")
print(f"unexpected: {unexpected}")
sys.exit(unexpected > 0)
