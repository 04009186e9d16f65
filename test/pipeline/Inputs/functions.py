"""Compares two modules of the LLVM dialect: their functions' number and length."""

import re
import sys


def read(path):
    """Lines of each function, by kind, and how often the module says other things."""
    functions, name = {"kernel": [], "train_task": []}, None
    text = open(path).read()
    for line in text.splitlines():
        if found := re.match(r"  llvm.func .*@(\w+)\(", line):
            name, length = found.group(1), 0
        elif line == "  }" and name:
            for kind in functions:
                if kind in name and "run_task" != name:
                    functions[kind].append(length)
                    break
            name = None
        elif name:
            length += 1
    return functions, text.count("llvm.mlir.global internal constant @places"), text.count("call @run_task")


small, deep = map(read, sys.argv[1:])
for kind in ("kernel", "train_task"):
    same = "as many" if len(small[0][kind]) == len(deep[0][kind]) else "not as many"
    length = "of equal length" if sorted(small[0][kind]) == sorted(deep[0][kind]) else "of other lengths"
    print(f"{kind}s: {same}, {length}")
    print(f"{len(small[0][kind])} and {len(deep[0][kind])}, {sum(small[0][kind])} and {sum(deep[0][kind])} lines")
for name, index in (("places", 1), ("calls", 2)):
    print(f"{name}: {'more' if deep[index] > small[index] > 0 else 'no more'}, {small[index]} and {deep[index]}")
