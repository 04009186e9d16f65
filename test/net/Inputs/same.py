"""Whether two graphs, as JSON, are the same: parameters in order with their types, roles and
initial values; all other ops in order with what they read and their attributes; ports. Names of
values, places, and where parameters stand between the other ops do not count."""
import json
import sys


def attributes(op, without=()):
    return {a["name"]: (a["value_type"], json.dumps(a.get("value", {}), sort_keys=True))
            for a in op.get("attributes", []) if a["name"] not in without}


def canonical(path):
    with open(path, encoding="utf-8") as file:
        graph = json.load(file)
    functions = []
    for function in graph["functions"]:
        values = [f"argument {i}" for i in range(len(function.get("arguments", [])))]
        parameters, ops = [], []
        for op in function["body"]["ops"]:
            reads = [values[i] for i in op.get("operands", [])]
            if op["name"] == "nn.parameter":
                name = json.loads(attributes(op)["name"][1])["value"]
                parameters.append((name, op["results"], attributes(op)))
                values.append("parameter " + name)
                continue
            ops.append((op["name"], reads, op.get("results", []), attributes(op)))
            values += [f"op {len(ops)}.{i}" for i in range(len(op.get("results", [])))]
        ports = [(a["type"], attributes(a)) for a in
                 function.get("arguments", []) + function.get("results", [])]
        functions.append((function["name"], ports, parameters, ops))
    return functions


def main():
    a, b = canonical(sys.argv[1]), canonical(sys.argv[2])
    if a == b:
        return 0
    for one, other in zip(a, b):
        for part, left, right in zip(("name", "port", "parameter", "op"), one, other):
            for x, y in zip(left, right):
                if x != y:
                    sys.exit(f"{part}s differ:\n{x}\n{y}")
            if len(left) != len(right):
                sys.exit(f"{len(left)} and {len(right)} {part}s")
    sys.exit(f"{len(a)} and {len(b)} functions")


if __name__ == "__main__":
    sys.exit(main())
