"""Holds the entry "gradients" of named.mlir, compiled for a batch of N, against finite differences.

usage: gradients.py MODEL.so N"""
import json
import random
import struct
import subprocess
import sys

model, batch = sys.argv[1], int(sys.argv[2])
random.seed(1)
SHAPES = {"conv.weight": [5, 2, 3, 3], "norm.weight": [5], "norm.bias": [5], "norm.running_mean": [5],
          "norm.running_var": [5], "extra.weight": [5, 3], "kind.weight": [4, 5], "size.weight": [1, 5], "unused": [4, 5]}


def count(shape):
    product = 1
    for extent in shape:
        product *= extent
    return product


def draw(n, low=-1.0, high=1.0):
    return [random.uniform(low, high) for _ in range(n)]


weights = {name: draw(count(shape)) for name, shape in SHAPES.items()}
weights["norm.running_var"] = draw(5, 0.5, 2)
ports = {"image": draw(batch * 128), "extra": draw(batch * 3)}
cotangents = {"kind/cotangent": draw(batch * 4), "size/cotangent": draw(batch)}


def raw(name, values):
    path = name.replace("/", "_") + ".raw"
    with open(path, "wb") as file:
        file.write(struct.pack(f"<{len(values)}f", *values))
    return f"{name}={path}"


def run(entry, inputs):
    header, data = {}, b""
    for name, shape in SHAPES.items():
        bytes_ = struct.pack(f"<{len(weights[name])}f", *weights[name])
        header[name] = {"dtype": "F32", "shape": shape, "data_offsets": [len(data), len(data) + len(bytes_)]}
        data += bytes_
    text = json.dumps(header).encode()
    with open("w.safetensors", "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + data)
    output = subprocess.run(["gradmill", "run", model, "-w", "w.safetensors", "--entry", entry, "--json"]
                            + [raw(name, values) for name, values in inputs.items()], check=True, stdout=subprocess.PIPE)
    return {name: [x for row in rows for x in row] for name, rows in json.loads(output.stdout).items()}


def score():
    out = run("infer", ports)
    return sum(c * y for name in ("kind", "size") for c, y in zip(cotangents[name + "/cotangent"], out[name]))


found = run("gradients", {**ports, **cotangents})
plain = run("infer", ports)
for name in ("kind", "size"):
    assert max(abs(a - b) for a, b in zip(found[name], plain[name])) < 1e-5, name
h = 2e-2
for where in (ports, weights):
    for name in where:
        gradient = found.get(name + "/gradient")
        if gradient is None:
            continue
        assert len(gradient) == len(where[name]), name
        largest = max(map(abs, gradient))
        for i in random.sample(range(len(gradient)), min(6, len(gradient))):
            before = where[name][i]
            where[name][i] = before + h
            up = score()
            where[name][i] = before - h
            down = score()
            where[name][i] = before
            difference = (up - down) / (2 * h)
            assert abs(difference - gradient[i]) < 0.02 * largest + 1e-3, (name, i, difference, gradient[i])
        print("ok", name)

# By the norm's result: what the norm hands on to its bias, summed over batch and space.
assert len(found["features"]) == len(found["features/gradient"]) == batch * 5 * 64
for channel in range(5):
    total = sum(found["features/gradient"][(n * 5 + channel) * 64 + i] for n in range(batch) for i in range(64))
    assert abs(total - found["norm.bias/gradient"][channel]) < 1e-3, (channel, total)
print("ok features")
# Dropout does nothing in inference: its result is ReLU's, and so is the gradient where ReLU lets it pass.
for x, y, dx, dy in zip(found["features"], found["dropped"], found["features/gradient"], found["dropped/gradient"]):
    assert y == max(x, 0) and dx == (dy if x > 0 else 0), (x, y, dx, dy)
print("ok dropped")
