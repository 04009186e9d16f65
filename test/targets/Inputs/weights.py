"""weights.py FILE: the numbers of a safetensors file of f32, as text."""
import array
import json
import sys

data = open(sys.argv[1], "rb").read()
start = 8 + int.from_bytes(data[:8], "little")
tensors = json.loads(data[8:start])
tensors.pop("__metadata__", None)
for name, tensor in sorted(tensors.items()):
    assert tensor["dtype"] == "F32", f"{name} is {tensor['dtype']}"
    first, end = tensor["data_offsets"]
    print(*array.array("f", data[start + first : start + end]))
