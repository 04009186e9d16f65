"""How gradmill and ONNX Runtime run a model; needs the packages onnx and onnxruntime."""
import json
import os
import subprocess

import numpy as np
import onnxruntime


def inputs_of(session, generator, samples=3):
    """Random data for each input: N samples, whatever batch the model has."""
    made = {}
    for port in session.get_inputs():
        shape = [samples] + list(port.shape[1:])
        if port.type == "tensor(float)":
            made[port.name] = generator.normal(size=shape).astype(np.float32)
        elif port.type == "tensor(uint8)":
            made[port.name] = generator.integers(0, 256, shape).astype(np.uint8)
        else:
            made[port.name] = generator.integers(0, 10, shape).astype(np.int64 if "64" in port.type else np.int32)
    return made


def reference(session, inputs):
    """ONNX Runtime's outputs by name; sample by sample where the model fixes a batch of one."""
    names = [o.name for o in session.get_outputs()]
    if all(isinstance(p.shape[0], int) for p in session.get_inputs()):
        parts = [session.run(names, {k: v[i:i + 1] for k, v in inputs.items()}) for i in range(len(next(iter(inputs.values()))))]
        return dict(zip(names, (np.concatenate(p) for p in zip(*parts))))
    return dict(zip(names, session.run(names, inputs)))


def session_of(path):
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    options.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])


def run_gradmill(path, inputs, folder, batch=2, options=()):
    """gradmill's outputs by name, or its message."""
    files = []
    for i, (name, array) in enumerate(inputs.items()):
        array = array.astype(np.float32 if array.dtype.kind == "f" or array.dtype == np.uint8 else np.int32)
        file = os.path.join(folder, f"input{i}.npy")
        np.save(file, array)
        files.append(f"{name}={file}")
    done = subprocess.run(["gradmill", "run", path, "--batch", str(batch), "--json", *options] + files,
                          capture_output=True, text=True, timeout=300)
    if done.returncode:
        return done.stderr.strip() or f"status {done.returncode}"
    return {k: np.array(v, np.float32) for k, v in json.loads(done.stdout).items()}


def difference(ours, theirs):
    """The largest difference, relative to the largest number; inf where shapes differ."""
    if ours.shape != theirs.shape:
        return float("inf")
    return float(np.max(np.abs(ours - theirs), initial=0) / max(1.0, float(np.max(np.abs(theirs), initial=0))))
