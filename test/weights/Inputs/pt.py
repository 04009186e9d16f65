"""pt.py FILE [nested | f16 | whole]: a PyTorch file of the net net.net, without PyTorch.

The pickle is made by Python's own module, of stand-ins for PyTorch's functions, as torch.save makes it.
"""
import collections
import io
import pickle
import struct
import sys
import types
import zipfile

torch, utils = types.ModuleType("torch"), types.ModuleType("torch._utils")
sys.modules["torch"], sys.modules["torch._utils"] = torch, utils


def _rebuild_tensor_v2():
    pass


_rebuild_tensor_v2.__module__ = "torch._utils"
utils._rebuild_tensor_v2 = _rebuild_tensor_v2
for name in ("FloatStorage", "HalfStorage", "LongStorage"):
    setattr(torch, name, type(name, (), {"__module__": "torch"}))


class Storage:
    def __init__(self, kind, data, count):
        self.kind, self.data, self.count = kind, data, count


class Tensor:
    def __init__(self, values, shape, letter="f"):
        kind = {"f": torch.FloatStorage, "e": torch.HalfStorage, "q": torch.LongStorage}[letter]
        self.storage = Storage(kind, struct.pack(f"<{len(values)}{letter}", *values), len(values))
        strides, step = [], 1
        for size in reversed(shape):
            strides.insert(0, step)
            step *= size
        self.form = (0, tuple(shape), tuple(strides), False, collections.OrderedDict())

    def __reduce__(self):
        return _rebuild_tensor_v2, (self.storage, *self.form)


class Pickler(pickle.Pickler):
    def persistent_id(self, value):
        if not isinstance(value, Storage):
            return None
        stored.append(value)
        return "storage", value.kind, str(len(stored) - 1), "cpu", value.count


stored = []
kind = sys.argv[2] if len(sys.argv) > 2 else ""
letter = "e" if kind == "f16" else "f"
state = collections.OrderedDict()
state["module.fc.weight"] = Tensor([0.25 * i - 1 for i in range(12)], [4, 3], letter)  # [in, out]
state["module.fc.bias"] = Tensor([0.5, -0.5, 1.0], [3], letter)
state["module.fc.num_batches_tracked"] = Tensor([7], [], "q")
content = {"epoch": 3, "best": 0.5, "state_dict": state} if kind == "nested" else state
if kind == "whole":
    content = types.SimpleNamespace(weights=state)
out = io.BytesIO()
Pickler(out, 2).dump(content)
with zipfile.ZipFile(sys.argv[1], "w") as archive:
    archive.writestr("net/data.pkl", out.getvalue())
    archive.writestr("net/byteorder", "little")
    archive.writestr("net/version", "3\n")
    for i, storage in enumerate(stored):
        archive.writestr(f"net/data/{i}", storage.data)
