#!/usr/bin/env python3
"""Writes shapes.npz into the current folder: noisy pictures with discs and squares, and what each pixel is.

  image_train [800, 1, 32, 32], image_test [200, 1, 32, 32]    bytes
  label_train [800, 32, 32],    label_test [200, 32, 32]       bytes: 0 ground, 1 disc, 2 square, 255 border

A .npz file is a zip archive of .npy files; a .npy file is a header, then the numbers.
"""
import random
import struct
import zipfile

SIZE, BORDER = 32, 255


def sample():
    """The bytes of a picture, and of its labels."""
    label = [0] * (SIZE * SIZE)
    for kind in (1, 2):
        r = random.uniform(4, 7)
        # Discs in one half of the picture, squares in the other: they never overlap.
        left = random.random() < 0.5 if kind == 1 else not left
        cx = random.uniform(r, 15 - r) + (0 if left else 16)
        cy = random.uniform(r, 31 - r)
        for y in range(SIZE):
            for x in range(SIZE):
                dx, dy = x - cx, y - cy
                distance = (dx * dx + dy * dy) ** 0.5 if kind == 1 else max(abs(dx), abs(dy))
                if distance <= r + 0.5:
                    label[y * SIZE + x] = kind if distance <= r - 0.5 else BORDER
    ground, ink = random.randint(30, 90), random.randint(140, 200)
    noise = random.randbytes(SIZE * SIZE)
    level = {0: ground, 1: ink, 2: ink, BORDER: (ground + ink) // 2}
    return bytes(level[k] + n % 64 - 30 for k, n in zip(label, noise)), bytes(label)


def npy(shape, data):
    header = f"{{'descr': '|u1', 'fortran_order': False, 'shape': {shape}, }}"
    header += " " * (63 - (len(header) + 10) % 64) + "\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header.encode() + data


random.seed(1)
with zipfile.ZipFile("shapes.npz", "w", zipfile.ZIP_DEFLATED) as archive:
    for split, count in (("train", 800), ("test", 200)):
        images, labels = zip(*(sample() for _ in range(count)))
        archive.writestr(f"image_{split}.npy", npy((count, 1, SIZE, SIZE), b"".join(images)))
        archive.writestr(f"label_{split}.npy", npy((count, SIZE, SIZE), b"".join(labels)))
