"""PNG files of RGB that are no larger than a screen and not of one colour."""
import pathlib
import struct
import sys
import zlib

for name in sys.argv[1:]:
    data = pathlib.Path(name).read_bytes()
    assert data[:8] == b"\x89PNG\r\n\x1a\n", name
    at, pixels, width = 8, b"", 0
    while at < len(data):
        size, kind = struct.unpack(">I4s", data[at:at + 8])
        body = data[at + 8:at + 8 + size]
        if kind == b"IHDR":
            width, height, depth, colour = struct.unpack(">IIBB", body[:10])
            assert 20 < width < 2000 and 20 < height < 2000 and (depth, colour) == (8, 2), (name, body)
        pixels += body if kind == b"IDAT" else b""
        at += 12 + size
    rows = zlib.decompress(pixels)
    assert len(rows) == height * (3 * width + 1), name
    assert len(set(rows)) > 3, name
