"""Prints a manifest's ports, and what its entries take and give, a line each."""
import json
import sys

manifest = json.load(open(sys.argv[1]))
print(f"format {manifest['format']}, loss {manifest['loss']}")
for port in manifest["ports"]:
    facts = [f"{key}={port[key]}" for key in ("classes", "ignore", "range", "meaning", "share", "mean", "std", "preprocess") if key in port]
    print(port["role"], port["name"], port["dtype"], port["shape"], *facts)
for name, entry in manifest["entries"].items():
    named = {kind: [b["name"] for b in entry["buffers"] if b["kind"] in kind] for kind in (("input", "scalar"), ("output",))}
    print(f"{name} does {entry['does']} of {entry.get('batch')}: {' '.join(named['input', 'scalar'])} -> {' '.join(named['output',])}")
