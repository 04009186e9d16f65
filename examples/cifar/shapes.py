#!/usr/bin/env python3
"""Writes a folder in the format of CIFAR-10's binary version, with drawn pictures.

  shapes.py FOLDER    100 pictures in each of data_batch_1.bin to data_batch_5.bin and test_batch.bin

A class is a shape and a colour, noisy and anywhere in the picture: a square, a cross, a ring,
bars or columns, each reddish or bluish. A record is the label (a byte), then 32x32 bytes of
red, of green and of blue.
"""
import pathlib
import random
import sys

SHAPES = [
    lambda x, y, r: abs(x) <= r and abs(y) <= r,                                # square
    lambda x, y, r: max(abs(x), abs(y)) <= r and min(abs(x), abs(y)) <= r / 3,  # cross
    lambda x, y, r: r * r / 3 <= x * x + y * y <= r * r,                        # ring
    lambda x, y, r: max(abs(x), abs(y)) <= r and y % 5 < 2.5,                   # bars
    lambda x, y, r: max(abs(x), abs(y)) <= r and x % 5 < 2.5,                   # columns
]
COLOURS = [(200, 100, 80), (80, 100, 200)]


def picture(label):
    shape, colour = SHAPES[label % 5], COLOURS[label // 5]
    r = random.uniform(7, 11)
    cx, cy = random.uniform(r, 31 - r), random.uniform(r, 31 - r)
    ground = random.randint(60, 160)
    inside = [shape(x - cx, y - cy, r) for y in range(32) for x in range(32)]
    planes = bytearray()
    for channel in range(3):
        noise = random.randbytes(1024)
        planes += bytes((colour[channel] if pixel else ground) + n % 64 - 32 for pixel, n in zip(inside, noise))
    return bytes([label]) + planes


random.seed(1)
folder = pathlib.Path(sys.argv[1])
folder.mkdir(parents=True, exist_ok=True)
for name in ["data_batch_1", "data_batch_2", "data_batch_3", "data_batch_4", "data_batch_5", "test_batch"]:
    (folder / f"{name}.bin").write_bytes(b"".join(picture(i % 10) for i in range(100)))
