"""FROM TO VERSION: a checkpoint of version 3 as versions 1 and 2 wrote it, or as a 4th may."""
import json
import struct
import sys
import zlib

data = open(sys.argv[1], "rb").read()
size = struct.unpack("<Q", data[:8])[0]
header = json.loads(data[8 : 8 + size])
meta = header["__metadata__"]
version = sys.argv[3]
meta["gradmill.version"] = version
if version in ("1", "2"):
    sums = meta.pop("gradmill.epoch_metric_sums")
    meta["gradmill.epoch_correct"] = str(int(float(sums or 0)))
if version == "1":
    for part in ("graph", "loss", "optimizer", "batch", "code"):
        del meta["gradmill." + part]
body = data[8 + size :]


def encode(crc):
    meta["gradmill.file_crc32"] = crc
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    return struct.pack("<Q", len(text)) + text


blank = encode("00000000")
head = encode("%08x" % zlib.crc32(body, zlib.crc32(blank)))
open(sys.argv[2], "wb").write(head + body)
