"""Compiled models on NumPy arrays."""
from __future__ import annotations

import json
import math
import operator
import os
import subprocess
from ctypes import byref, c_void_p
from dataclasses import dataclass
from typing import Any, Iterable, Mapping, Optional, Union

import numpy as np

from . import _native
from ._native import GradmillError, check

_DTYPES = {"f32": np.float32, "f64": np.float64, "i32": np.int32, "i64": np.int64, "u8": np.uint8}


@dataclass(frozen=True)
class Port:
    """What a model takes or gives. `shape` is that of one sample."""
    name: str
    role: str  # "data", "target", "prediction", "loss", "metric", ...
    dtype: np.dtype
    shape: tuple[int, ...]
    batched: bool  # False: one value for the whole batch, as a loss has


@dataclass(frozen=True)
class Entry:
    """A program of a model. `batch` is how many samples a run takes."""
    name: str
    does: str
    batch: int


class _Memory:
    """Memory of a model, which it keeps alive."""

    def __init__(self, owner: "Model", address: int, shape: tuple[int, ...], dtype: np.dtype):
        self._owner = owner
        self.__array_interface__ = {"version": 3, "data": (address, False), "shape": shape,
                                    "typestr": np.dtype(dtype).str}


class Model:
    """A compiled model: `gradmill.compile` makes one; `Model("net.so")` opens one that was compiled before.

    threads: 1 to 64, or 0 for one per core. Results do not depend on it.
    """

    def __init__(self, path: Union[str, os.PathLike], threads: int = 0):
        self._handle = c_void_p()
        self._library = _native.library()
        check(self._library.gm_model_open(_path(path), threads, byref(self._handle)))
        self.manifest: dict[str, Any] = json.loads(self._library.gm_model_manifest(self._handle))
        self.ports: dict[str, Port] = {port.name: port for port in self._read_ports()}
        self.entries: dict[str, Entry] = {entry.name: entry for entry in self._read_entries()}
        self._steps = 0

    def __del__(self):
        if getattr(self, "_handle", None):
            self._library.gm_model_close(self._handle)

    def __reduce__(self):  # of copy and pickle: two objects would close one model
        raise TypeError("a gradmill.Model cannot be copied or pickled; save() it and load() the file into another one")

    def __repr__(self) -> str:
        return f"<gradmill.Model {self.name!r}: {self.parameters} parameters, entries {', '.join(self.entries)}>"

    @property
    def name(self) -> str:
        return self._library.gm_model_name(self._handle).decode()

    @property
    def parameters(self) -> int:
        """How many trainable numbers there are."""
        return self.manifest["parameters"]

    def _read_ports(self) -> Iterable[Port]:
        port = _native.PortStruct()
        for i in range(self._library.gm_model_port_count(self._handle)):
            check(self._library.gm_model_port_at(self._handle, i, byref(port)))
            yield Port(port.name.decode(), port.role.decode(), np.dtype(_DTYPES[port.dtype.decode()]),
                       tuple(port.shape[:port.rank]), bool(port.batched))

    def _read_entries(self) -> Iterable[Entry]:
        entry = _native.EntryStruct()
        for i in range(self._library.gm_model_entry_count(self._handle)):
            check(self._library.gm_model_entry_at(self._handle, i, byref(entry)))
            yield Entry(entry.name.decode(), entry.does.decode(), entry.batch)

    def tensors(self) -> dict[str, np.ndarray]:
        """All that the model keeps: parameters, statistics, the optimizer's state. The arrays are the model's own
        memory: what is written to them counts."""
        found = {}
        tensor = _native.TensorStruct()
        for i in range(self._library.gm_model_tensor_count(self._handle)):
            check(self._library.gm_model_tensor_at(self._handle, i, byref(tensor)))
            memory = _Memory(self, tensor.data, tuple(tensor.shape[:tensor.rank]), _DTYPES[tensor.dtype.decode()])
            found[tensor.name.decode()] = np.asarray(memory)
        return found

    def init(self, seed: int = 1) -> None:
        """Draws all tensors anew. The same seed gives the same bytes everywhere."""
        check(self._library.gm_model_init(self._handle, _whole("seed", seed)))
        self._steps = 0

    def load(self, path: Union[str, os.PathLike]) -> None:
        """Weights from a safetensors, .npz or PyTorch (.pt, .pth) file. No code of a file is run. On error the model is
        unchanged."""
        check(self._library.gm_model_load(self._handle, _path(path)))

    def save(self, path: Union[str, os.PathLike]) -> None:
        """Weights to a safetensors file, or to NumPy's .npz if the path ends so; atomically."""
        check(self._library.gm_model_save(self._handle, _path(path)))

    def set_threads(self, threads: int) -> None:
        check(self._library.gm_model_set_threads(self._handle, threads))

    def run(self, entry: str, **values: Any) -> None:
        """Runs an entry once, on one full batch. `values` are the ports that it reads and those results that are
        wanted, as arrays, and the numbers `learning_rate`, `seed` and `step`. Results are written to their arrays.

        Arrays in C order of the port's type are used as they are; others are refused, since a copy of a result would be
        lost.
        """
        if entry not in self.entries:
            raise GradmillError("unknown_entry", f"there is no entry {entry!r}; there are {', '.join(self.entries)}")
        kept = {name: _number(name, value) if name in _NUMBERS else value for name, value in values.items()}
        structs = (_native.ValueStruct * len(kept))()
        for struct, (name, array) in zip(structs, kept.items()):
            if not isinstance(array, np.ndarray) or not array.flags.c_contiguous:
                raise GradmillError("bad_array", f"{name} is no NumPy array in C order; np.ascontiguousarray makes one")
            if name in self.ports and array.dtype != self.ports[name].dtype:
                raise GradmillError("bad_array", f"{name} is {array.dtype}, the port is {self.ports[name].dtype}")
            if name in self.ports and self.ports[name].role not in ("data", "target") and not array.flags.writeable:
                raise GradmillError("bad_array", f"{name} is a result, and its array is read-only")
            struct.name, struct.data, struct.bytes = name.encode(), array.ctypes.data, array.nbytes
        check(self._library.gm_model_run(self._handle, entry.encode(), structs, len(kept)))

    def _only(self, does: str) -> Entry:
        for entry in self.entries.values():
            if entry.does == does:
                return entry
        raise GradmillError(f"no_{does}", f"the model was compiled without an entry that does {does!r}")

    def _named(self, roles: tuple[str, ...], given: tuple, names: Mapping[str, Any]) -> dict[str, np.ndarray]:
        """Arrays for the ports of these roles: by position in the order of the ports, then by name."""
        ports = [port for port in self.ports.values() if port.role in roles]
        arrays = dict(zip((port.name for port in ports), given))
        if len(given) > len(ports):
            raise GradmillError("ports", f"{len(given)} arrays for {len(ports)} ports: {_names(ports)}")
        for name, array in names.items():
            if name in arrays or name not in (port.name for port in ports):
                raise GradmillError("ports", f"there is no other port {name!r}; there are {_names(ports)}")
            arrays[name] = array
        missing = [port for port in ports if port.name not in arrays]
        if missing:
            raise GradmillError("ports", f"nothing is given for {_names(missing)}")
        return {port.name: _fit(port, arrays[port.name]) for port in ports}

    def train_step(self, *arrays: Any, learning_rate: float, seed: int = 1, step: Optional[int] = None,
                   **named: Any) -> float:
        """One step of the optimizer on one full batch: data, then targets, in the order of the ports or by name.
        Returns the batch's mean loss before the step. `step` counts from 0 by itself; with `seed` it keys dropout.
        """
        entry = self._only("train")
        values = self._named(("data", "target"), arrays, named)
        for name, array in values.items():
            if len(array) != entry.batch:
                raise GradmillError("batch", f"{name} has {len(array)} samples, the model was compiled for {entry.batch}")
        losses = [port for port in self.ports.values() if port.role == "loss"]
        loss = np.zeros((), losses[0].dtype)
        self._steps = self._steps if step is None else step
        self.run(entry.name, **values, learning_rate=learning_rate, seed=seed, step=self._steps, **{losses[0].name: loss})
        self._steps += 1
        return float(loss)

    def infer(self, *arrays: Any, **named: Any) -> Union[np.ndarray, dict[str, np.ndarray]]:
        """Predictions for any number of samples: an array, or a dictionary where the model has several outputs."""
        entry = self._only("infer")
        values = self._named(("data",), arrays, named)
        counts = {len(array) for array in values.values()}
        if len(counts) != 1:
            raise GradmillError("batch", "inputs have different numbers of samples: " +
                                ", ".join(f"{name} {len(array)}" for name, array in values.items()))
        count = counts.pop()
        outputs = [port for port in self.ports.values() if port.role == "prediction"]
        results = {port.name: np.empty((count, *port.shape), port.dtype) for port in outputs}
        for begin in range(0, count, entry.batch):
            size = min(entry.batch, count - begin)
            part = {name: _padded(array[begin:begin + size], entry.batch) for name, array in values.items()}
            whole = {port.name: results[port.name][begin:begin + size] if size == entry.batch else
                     np.empty((entry.batch, *port.shape), port.dtype) for port in outputs}
            self.run(entry.name, **part, **whole)
            if size < entry.batch:
                for name, array in whole.items():
                    results[name][begin:begin + size] = array[:size]
        return results if len(outputs) != 1 else results[outputs[0].name]


# What an entry takes besides its ports.
_NUMBERS = ("learning_rate", "seed", "step")


def _number(name: str, value: Any) -> np.ndarray:
    if name != "learning_rate":
        return np.asarray(_whole(name, value), np.int64)
    try:
        rate = float(value)
    except (TypeError, ValueError):
        rate = math.nan
    if not math.isfinite(rate):
        raise GradmillError("learning_rate", f"learning_rate is {value!r}, expected a finite number")
    return np.asarray(rate, np.float32)


def _whole(name: str, value: Any) -> int:
    try:
        number = operator.index(value)
    except TypeError:
        number = -1
    if not 0 <= number < 2**63:
        raise GradmillError("whole_number", f"{name} is {value!r}, expected a whole number in 0..2^63-1")
    return number


def _path(path: Union[str, os.PathLike]) -> bytes:
    encoded = os.fsencode(path)
    if b"\0" in encoded:
        raise GradmillError("bad_path", f"{path!r} has a byte of 0, which no path has")
    return encoded


def _names(ports: Iterable[Port]) -> str:
    return ", ".join(f"{port.name} {list(port.shape)}" for port in ports)


def _fit(port: Port, array: Any) -> np.ndarray:
    array = np.asarray(array)
    if array.dtype == np.uint8 and port.role == "data" and np.issubdtype(port.dtype, np.floating):
        raise GradmillError("dtype", f"{port.name} is uint8, expected {port.dtype}; normalize bytes as in training, "
                            "(x / 255 - mean) / std, or say that they are numbers: x.astype(np.float32)")
    if array.dtype != port.dtype and not np.can_cast(array.dtype, port.dtype, "same_kind") and not (
            np.issubdtype(array.dtype, np.integer) and np.issubdtype(port.dtype, np.integer)):
        raise GradmillError("dtype", f"{port.name} is {array.dtype}, expected {port.dtype}")
    if np.issubdtype(array.dtype, np.integer) and array.dtype != port.dtype and array.size and np.issubdtype(
            port.dtype, np.integer):
        limits = np.iinfo(port.dtype)
        if array.min() < limits.min or array.max() > limits.max:
            raise GradmillError("dtype", f"{port.name} has numbers that do not fit into {port.dtype}")
    if array.shape[1:] != port.shape:
        raise GradmillError("shape", f"{port.name} is {list(array.shape)}, expected [N, {', '.join(map(str, port.shape))}]"
                            if port.shape else f"{port.name} is {list(array.shape)}, expected [N]")
    return np.ascontiguousarray(array, port.dtype)


def _padded(array: np.ndarray, batch: int) -> np.ndarray:
    if len(array) == batch:
        return array
    return np.ascontiguousarray(np.concatenate([array, np.repeat(array[-1:], batch - len(array), axis=0)]))


def compile(graph: Union[str, os.PathLike], *, batch: int = 128, loss: Optional[str] = None,
            optimizer: Optional[str] = None, metrics: Iterable[str] = (), groups: Iterable[str] = (),
            plugins: Iterable[Union[str, os.PathLike]] = (), settings: Optional[Mapping[str, Any]] = None,
            cpu: str = "native", train: bool = True, threads: int = 0, options: Iterable[str] = ()) -> Model:
    """Compiles the graph in a file (.net, .mlir, .gmg, .json) for this machine, or takes it from the cache.

    loss, optimizer, metrics, groups: as the options of the command, e.g. "cross_entropy", "sgd:momentum=0.9".
    settings: of a net's text, e.g. {"dropout": 0.05}. options: further ones of `gradmill compile`.
    Raises GradmillError with what the compiler says.
    """
    arguments = [_native.command(), "compile", os.fspath(graph), "--cached", f"--batch={batch}", f"--cpu={cpu}"]
    arguments += [f"--loss={loss}"] if loss else []
    arguments += [f"--optimizer={optimizer}"] if optimizer else []
    arguments += [f"--metric={metric}" for metric in metrics] + [f"--group={group}" for group in groups]
    arguments += [f"--plugin={os.fspath(plugin)}" for plugin in plugins]
    arguments += [f"--set={name}={value}" for name, value in (settings or {}).items()]
    arguments += [*options] + ([] if train else ["--infer"])
    try:
        done = subprocess.run(arguments, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    except OSError as error:
        raise GradmillError("no_command", f"{arguments[0]} cannot be started: {error.strerror}") from error
    if done.returncode:
        raise GradmillError("compile", done.stderr.strip() or f"{arguments[0]} ended with {done.returncode}")
    return Model(done.stdout.strip(), threads)
