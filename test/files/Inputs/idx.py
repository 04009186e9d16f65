"""A folder with the four IDX files of a small set: idx.py FOLDER."""
import os
import struct
import sys

folder = sys.argv[1]
os.mkdir(folder)
for stem, count in ("train", 64), ("t10k", 16):
    with open(f"{folder}/{stem}-images-idx3-ubyte", "wb") as file:
        file.write(struct.pack(">4i", 0x803, count, 8, 8))
        file.write(bytes(i * 7 % 251 for i in range(count * 64)))
    with open(f"{folder}/{stem}-labels-idx1-ubyte", "wb") as file:
        file.write(struct.pack(">2i", 0x801, count))
        file.write(bytes(i % 10 for i in range(count)))
