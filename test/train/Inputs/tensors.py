"""What is in safetensors files.

usage: tensors.py names FILE                 the names
       tensors.py near FILE OTHER            the common tensors are equal up to rounding, and not all to the byte
       tensors.py same FILE OTHER            the common tensors are equal to the byte
       tensors.py averages DECAY FILE...     the averages are what the checkpoints after steps 1, 2, ... make of them
       tensors.py weights FILE CHECKPOINT    the tensors of FILE are the averages of CHECKPOINT
       tensors.py norms CHECKPOINT           the norm of all velocities, and their largest element"""
import json
import math
import struct
import sys


def read(path):
    with open(path, "rb") as file:
        data = file.read()
    size = struct.unpack("<Q", data[:8])[0]
    header = json.loads(data[8:8 + size])
    header.pop("__metadata__", None)
    tensors = {}
    for name, tensor in header.items():
        begin, end = (8 + size + offset for offset in tensor["data_offsets"])
        tensors[name] = struct.unpack(f"<{(end - begin) // 4}f", data[begin:end])
    return tensors


def distance(a, b):
    return max((abs(x - y) for x, y in zip(a, b)), default=0)


def common(a, b):
    names = sorted(set(a) & set(b))
    assert names, "no tensor in common"
    return names


def near(file, other):
    a, b = read(file), read(other)
    names = common(a, b)
    for name in names:
        scale = max(map(abs, b[name]))
        assert distance(a[name], b[name]) <= 1e-4 * scale, (name, distance(a[name], b[name]), scale)
    print("near:", ", ".join(names))


def same(file, other):
    a, b = read(file), read(other)
    for name in common(a, b):
        assert a[name] == b[name], name
    print("same:", ", ".join(common(a, b)))


def averages(decay, *files):
    before = read(files[0])
    for step, file in enumerate(files[1:], 1):
        after = read(file)
        d = min(float(decay), (1 + step) / (10 + step))
        for name in after:
            if name + "/average" not in after:
                continue
            expected = [a + (1 - d) * (x - a) for a, x in zip(before[name + "/average"], after[name])]
            found = after[name + "/average"]
            assert distance(expected, found) < 1e-6 * (1 + max(map(abs, found))), (name, step)
            print("average of", name)
        before = after


def weights(file, checkpoint):
    a, b = read(file), read(checkpoint)
    for name in a:
        assert a[name] == b[name + "/average"], name
    print("averages:", ", ".join(sorted(a)))


def norms(checkpoint):
    values = [v for name, t in read(checkpoint).items() if name.endswith("/velocity") for v in t]
    print(f"norm {math.sqrt(sum(v * v for v in values)):.4f}, largest {max(map(abs, values)):.4f}")


if sys.argv[1] == "names":
    print("\n".join(sorted(read(sys.argv[2]))))
else:
    {"near": near, "same": same, "averages": averages, "weights": weights, "norms": norms}[sys.argv[1]](*sys.argv[2:])
