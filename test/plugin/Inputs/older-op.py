"""NEW.json OLD NEWER DAMAGED: the graph as the first version of nn.versioned wrote it, as a third
one may, and as none did."""
import json
import struct
import sys


def versioned(text):
    graph = json.loads(text)
    (op,) = [op for op in graph["functions"][0]["body"]["ops"] if op["name"] == "nn.versioned"]
    return graph, op


def write(path, graph):
    open(path, "w").write(json.dumps(graph))


text = open(sys.argv[1]).read()
graph, op = versioned(text)
assert op["version"] == 2, op
(slope,) = [a for a in op["attributes"] if a["name"] == "slope"]
op["version"] = 3
write(sys.argv[3], graph)
op["version"] = 1
write(sys.argv[4], graph)
slope["name"] = "factor"
slope["value"]["bits"] = struct.unpack("<Q", struct.pack("<d", 25.0))[0]
write(sys.argv[2], graph)
