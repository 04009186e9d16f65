"""NEW.json OLD NEWER DAMAGED: the graph as the first version of nn.versioned wrote it, as a third
one may, and as none did."""
import re
import sys
import struct

text = open(sys.argv[1]).read()
bits = struct.unpack("<Q", struct.pack("<d", 0.25))[0]
percent = struct.unpack("<Q", struct.pack("<d", 25.0))[0]
assert str(bits) in text and "slope" in text and "version: 2" in text, text
first = text.replace("version: 2,", "", 1)
open(sys.argv[2], "w").write(first.replace("slope", "factor").replace(str(bits), str(percent)))
open(sys.argv[3], "w").write(text.replace("version: 2", "version: 3", 1))
open(sys.argv[4], "w").write(first)
