"""sheet.py FILE ROWS COLUMNS: whether a sheet of 28x28 grey pictures has them all, and that they differ."""
import struct
import sys
import zlib

data = open(sys.argv[1], "rb").read()
rows, columns = int(sys.argv[2]), int(sys.argv[3])
width, height = struct.unpack(">II", data[16:24])
cell, gap = 56, 4
assert (height, width) == (rows * (cell + gap) + gap, columns * (cell + gap) + gap), (height, width)
at, packed = 8, b""
while at < len(data):
    (size,), kind = struct.unpack(">I", data[at:at + 4]), data[at + 4:at + 8]
    packed += data[at + 8:at + 8 + size] if kind == b"IDAT" else b""
    at += 12 + size
raw, lines, before = zlib.decompress(packed), [], bytes(width)
for y in range(height):
    filtered = raw[y * (width + 1)]
    line = bytearray(raw[y * (width + 1) + 1:(y + 1) * (width + 1)])
    for x in range(width):
        a, b, c = (line[x - 1] if x else 0), before[x], (before[x - 1] if x else 0)
        p = a + b - c
        paeth = min((abs(p - a), 0, a), (abs(p - b), 1, b), (abs(p - c), 2, c))[2]
        line[x] = (line[x] + (0, a, b, (a + b) // 2, paeth)[filtered]) & 255
    lines.append(bytes(line))
    before = lines[-1]
pictures = [b"".join(lines[r * (cell + gap) + gap + y][c * (cell + gap) + gap:][:cell] for y in range(cell))
            for r in range(rows) for c in range(columns)]
assert len(set(pictures)) == rows * columns
assert all(max(p) > 150 for p in pictures)
