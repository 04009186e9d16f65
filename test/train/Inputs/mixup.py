"""mixup.py data PICTURES.npz START.npz: draws pictures and the weights of a linear layer.
mixup.py check PICTURES.npz START.npz END.npz LOG: the same training in NumPy, in double precision.

The order of the samples and the shares are drawn as runtime/data/Random.h draws them.
"""
import json
import math
import sys

import numpy as np

MASK = (1 << 64) - 1
STEP = 0x9E3779B97F4A7C15
SHUFFLE, MIXUP = 1, 7


def mix_bits(x):
    x = ((x ^ (x >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    x = ((x ^ (x >> 27)) * 0x94D049BB133111EB) & MASK
    return x ^ (x >> 31)


class Stream:
    def __init__(self, seed, purpose, a, b=0):
        self.state = mix_bits((seed + STEP) & MASK)
        for part in (purpose, a + 1, b + 1):
            self.state = mix_bits((self.state + part * STEP) & MASK)

    def bits(self):
        self.state = (self.state + STEP) & MASK
        return mix_bits(self.state)

    def below(self, n):
        return (self.bits() * n) >> 64

    def unit(self):
        return ((self.bits() >> 11) + 0.5) * 2.0 ** -53


def gamma(shape, random):
    if shape < 1:
        return gamma(shape + 1, random) * random.unit() ** (1 / shape)
    d = shape - 1 / 3
    c = 1 / math.sqrt(9 * d)
    while True:
        normal = math.sqrt(-2 * math.log(random.unit()))
        normal *= math.cos(2 * math.pi * random.unit())
        v = (1 + c * normal) ** 3
        if v > 0 and math.log(random.unit()) < 0.5 * normal * normal + d - d * v + d * math.log(v):
            return d * v


def share(seed, batch, alpha):
    random = Stream(seed, MIXUP, batch)
    random.bits()  # whether it happens
    one, two = gamma(alpha, random), gamma(alpha, random)
    return min(one, two) / (one + two)


def order(seed, epoch, size):
    numbers, random = list(range(size)), Stream(seed, SHUFFLE, epoch)
    for i in range(size, 1, -1):
        j = random.below(i)
        numbers[i - 1], numbers[j] = numbers[j], numbers[i - 1]
    return numbers


def draw(pictures, start):
    rng = np.random.default_rng(3)
    np.savez(pictures, x_train=rng.integers(0, 256, (12, 1, 2, 2), dtype=np.uint8), y_train=rng.integers(0, 3, 12, dtype=np.uint8),
             x_test=rng.integers(0, 256, (6, 1, 2, 2), dtype=np.uint8), y_test=rng.integers(0, 3, 6, dtype=np.uint8))
    np.savez(start, **{"head.weight": rng.normal(size=(3, 4)).astype(np.float32), "head.bias": rng.normal(size=3).astype(np.float32)})


def check(pictures, start, end, log):
    data, begun, ended = np.load(pictures), np.load(start), np.load(end)
    weight, bias = begun["head.weight"].astype(float), begun["head.bias"].astype(float)
    x = (data["x_train"].reshape(12, 4) / 255 - 0.5) / 0.25
    y = np.eye(3)[data["y_train"]]
    step, losses = 0, []
    for epoch in range(3):
        numbers = order(1, epoch, 12)
        losses.append([])
        for first in (0, 6):
            chosen = numbers[first:first + 6]
            s = share(1, step, 0.7)
            own, other = x[chosen], x[np.roll(chosen, -1)]
            mixed, target = own + s * (other - own), (1 - s) * y[chosen] + s * y[np.roll(chosen, -1)]
            scores = mixed @ weight.T + bias
            logs = scores - np.log(np.exp(scores).sum(1, keepdims=True))
            losses[-1].append(-(y[chosen] * logs).sum() / 6)  # what is shown is of the larger part
            gradient = (np.exp(logs) - target) / 6
            weight, bias = weight - 0.5 * gradient.T @ mixed, bias - 0.5 * gradient.sum(0)
            step += 1
    assert np.allclose(ended["head.weight"], weight, atol=1e-5), (ended["head.weight"], weight)
    assert np.allclose(ended["head.bias"], bias, atol=1e-5), (ended["head.bias"], bias)
    logged = [r["loss"] for r in map(json.loads, open(log, encoding="utf-8")) if r["type"] == "epoch"]
    assert np.allclose(logged, np.mean(losses, 1), atol=1e-5), (logged, losses)
    print(f"ok: {step} steps")


if sys.argv[1] == "data":
    draw(*sys.argv[2:])
else:
    check(*sys.argv[2:])
