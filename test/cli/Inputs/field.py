"""Compares `gradmill summary --json` with gradients of single output elements, in the current folder.

Weights are 1, inputs positive, so a pixel that an element sees has a gradient."""
import array
import json
import math
import struct
import subprocess
import sys

SIZE = 23, 19
NETS = {
    "plain": "conv2d(1, 3) | conv2d(1, 5)",
    "padded": "conv2d(1, 3, padding=1) | conv2d(1, 5, padding=2)",
    "strided": "conv2d(1, 3, stride=2, padding=1) | conv2d(1, 3, stride=[2, 1], padding=1) | conv2d(1, 3)",
    "uneven": "conv2d(1, [3, 5], padding=[2, 0, 0, 1]) | conv2d(1, [1, 4], stride=[1, 2])",
    "dilated": "conv2d(1, 3, dilation=2, padding=2) | conv2d(1, 3, dilation=[1, 3])",
    "pooled": "conv2d(1, 3, padding=1) | avg_pool2d(2) | conv2d(1, 3, padding=1) | avg_pool2d(3, stride=2, padding=1)",
    "residual": "(conv2d(1, 3, padding=1) | conv2d(1, 3, padding=1)) + it | conv2d(1, 3)",
    "two_sides": "conv2d(1, 3, padding=[2, 1, 0, 1]) + conv2d(1, 3, padding=[0, 1, 2, 1]) | conv2d(1, 3, stride=2)",
    "even": "conv2d(1, 2) | conv2d(1, 4, padding=[1, 2, 2, 1], stride=3)",
    "concatenated": "near: conv2d(1, 1)\nimage | far: conv2d(1, 5, padding=2)\nconcat(near, far) | conv2d(1, 3)",
}


def npy(path, shape, values):
    header = f"{{'descr': '<f4', 'fortran_order': False, 'shape': {shape}, }}".encode()
    header += b" " * (-(len(header) + 11) % 64) + b"\n"
    with open(path, "wb") as out:
        out.write(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header + array.array("f", values).tobytes())


def run(*arguments):
    done = subprocess.run(["gradmill", *arguments], capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"{arguments}: {done.stderr}")
    return json.loads(done.stdout)


def seen(gradient, axis):
    """The first and the last row or column with a gradient."""
    places = [i // SIZE[1] if axis == 0 else i % SIZE[1] for i, g in enumerate(gradient) if g != 0]
    return min(places), max(places)


def check(name, chain):
    path = f"{name}.net"
    with open(path, "w") as out:
        out.write(f"input image: [N, 1, {SIZE[0]}, {SIZE[1]}]\n"
                  f"default conv2d(weight_init=1, bias=false)\n{chain}\n")
    last = run("summary", path, "--json")["ops"][-1]
    _, height, width = map(int, last["shape"].split("x"))
    npy("x.npy", (1, 1, *SIZE), [1.0] * (SIZE[0] * SIZE[1]))
    for y, x in ((0, 0), (1, 2), (height // 2, width // 2), (height - 1, width - 1)):
        npy("c.npy", (1, 1, height, width), [float(i == y * width + x) for i in range(height * width)])
        found = run("run", path, "--init", "--batch", "1", "--gradients", "image", "--entry", "gradients",
                    "image=x.npy", "output/cotangent=c.npy", "--json")
        gradient = found["image/gradient"][0]
        for axis, element in ((0, y), (1, x)):
            field, jump, start = (last[key][axis] for key in ("receptive_field", "jump", "start"))
            middle = start + element * jump
            first, end = middle - field / 2, middle + field / 2
            expected = max(0, math.floor(first + 1e-6)), min(SIZE[axis], math.ceil(end - 1e-6)) - 1
            if seen(gradient, axis) != expected:
                sys.exit(f"{name}: element {y}, {x}, axis {axis}: summary says pixels {expected}, "
                         f"the gradient {seen(gradient, axis)}\n{last}")


for name, chain in NETS.items():
    check(name, chain)
print(f"{len(NETS)} nets hold")
