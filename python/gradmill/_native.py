"""Finds the compiler and the runtime, and declares the runtime's C functions (gradmill/runtime.h)."""
from __future__ import annotations

import ctypes
import os
import shutil
from ctypes import POINTER, byref, c_char_p, c_double, c_float, c_int, c_int32, c_int64, c_uint32, c_uint64, c_void_p
from pathlib import Path
from typing import Optional

_here = Path(__file__).resolve().parent


class GradmillError(RuntimeError):
    """What the compiler or the runtime refused. `code` is the stable label of the message."""

    def __init__(self, code: str, message: str):
        super().__init__(f"[{code}] {message}" if code else message)
        self.code = code


def _candidates(name: str) -> list[Path]:
    # As a wheel has it, in a prefix (lib/python/gradmill), in a checkout's build folder.
    return [_here / "_install" / name, _here.parents[2] / name, _here.parents[1] / "build" / name]


def command() -> str:
    """The path of the `gradmill` program: $GRADMILL_COMMAND, the one beside this package, or that on the PATH."""
    named = os.environ.get("GRADMILL_COMMAND")
    if named:
        return named
    for path in _candidates("bin/gradmill"):
        if path.is_file():
            return str(path)
    found = shutil.which("gradmill")
    if not found:
        raise GradmillError("no_command", "the program gradmill was not found; install it or set GRADMILL_COMMAND")
    return found


def _library_path() -> str:
    named = os.environ.get("GRADMILL_LIBRARY")
    if named:
        return named
    beside = Path(command()).resolve().parents[1]
    for path in [*_candidates("lib/libgradmill.so"), beside / "lib" / "libgradmill.so"]:
        if path.is_file():
            return str(path)
    raise GradmillError("no_library", f"libgradmill.so was not found beside {command()}; set GRADMILL_LIBRARY to it")


class PortStruct(ctypes.Structure):
    _fields_ = [("name", c_char_p), ("role", c_char_p), ("dtype", c_char_p), ("shape", POINTER(c_int64)),
                ("rank", c_int64), ("elements", c_int64), ("batched", c_int32)]


class EntryStruct(ctypes.Structure):
    _fields_ = [("name", c_char_p), ("does", c_char_p), ("batch", c_int64)]


class ValueStruct(ctypes.Structure):
    _fields_ = [("name", c_char_p), ("data", c_void_p), ("bytes", c_int64)]


class TensorStruct(ctypes.Structure):
    _fields_ = [("name", c_char_p), ("role", c_char_p), ("dtype", c_char_p), ("shape", POINTER(c_int64)),
                ("rank", c_int64), ("elements", c_int64), ("data", c_void_p)]


_FUNCTIONS = {
    "gm_runtime_abi": (c_uint32, []),
    "gm_last_error": (c_char_p, []),
    "gm_last_error_code": (c_char_p, []),
    "gm_model_open": (c_int, [c_char_p, c_int, POINTER(c_void_p)]),
    "gm_model_close": (None, [c_void_p]),
    "gm_model_init": (c_int, [c_void_p, c_uint64]),
    "gm_model_load": (c_int, [c_void_p, c_char_p]),
    "gm_model_save": (c_int, [c_void_p, c_char_p]),
    "gm_model_set_threads": (c_int, [c_void_p, c_int]),
    "gm_model_port_count": (c_int64, [c_void_p]),
    "gm_model_port_at": (c_int, [c_void_p, c_int64, POINTER(PortStruct)]),
    "gm_model_entry_count": (c_int64, [c_void_p]),
    "gm_model_entry_at": (c_int, [c_void_p, c_int64, POINTER(EntryStruct)]),
    "gm_model_run": (c_int, [c_void_p, c_char_p, POINTER(ValueStruct), c_int64]),
    "gm_model_name": (c_char_p, [c_void_p]),
    "gm_model_manifest": (c_char_p, [c_void_p]),
    "gm_model_normalize": (c_int, [c_void_p, c_void_p, c_int64, c_void_p]),
    "gm_model_tensor_count": (c_int64, [c_void_p]),
    "gm_model_tensor_at": (c_int, [c_void_p, c_int64, POINTER(TensorStruct)]),
}
_ABI = 1
_library: Optional[ctypes.CDLL] = None


def library() -> ctypes.CDLL:
    """The runtime, loaded once."""
    global _library
    if _library is None:
        path = _library_path()
        loaded = ctypes.CDLL(path)
        for name, (result, arguments) in _FUNCTIONS.items():
            function = getattr(loaded, name)
            function.restype, function.argtypes = result, arguments
        if loaded.gm_runtime_abi() != _ABI:
            raise GradmillError("runtime_abi", f"{path} has ABI {loaded.gm_runtime_abi()}, this package needs {_ABI}")
        _library = loaded
    return _library


def check(status: int) -> None:
    """Raises the runtime's last error if a call failed."""
    if status:
        raise GradmillError(library().gm_last_error_code().decode(), library().gm_last_error().decode())
