"""counts.py GRAPH PREFIX: the peers' count of a graph, held against the compiler's."""
import json
import os
import subprocess
import sys

# The repository stays as it was: no bytecode beside the sources.
sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../../../bench/peers"))
import graph

path, prefix = sys.argv[1:]
subprocess.run(["gradmill", "convert", path, "-o", prefix + ".json"], check=True)
summary = json.loads(subprocess.run(["gradmill", "summary", path, "--json"], check=True,
                                    stdout=subprocess.PIPE).stdout)
try:
    net = graph.Graph(prefix + ".json")
except graph.Unknown as why:
    sys.exit(print(f"skipped: {why}"))
infer, train = net.macs()
ours = (sum(row["parameters"] for row in summary["ops"]),
        sum(row["macs"] for row in summary["ops"] if row["op"] in ("nn.conv2d", "nn.linear", "nn.matmul")))
if ours != (net.parameter_count(), infer):
    sys.exit(f"gradmill summary has {ours}, the peers {net.parameter_count(), infer}")
print(f"{net.parameter_count()} parameters, {infer} multiply-adds, {train} in training")
