#!/usr/bin/env python3
"""Runs ONNX's own operator tests and writes the table of docs/onnx.md.

usage: operators.py [--table FILE] [--only REGEX] [--jobs N]

Needs the Python package onnx, and gradmill in PATH. A test counts if all its operators are in
compiler/import/onnx. The first input of a test is the data; its other inputs become weights, as they
are in models, or data, if that is refused. Outcomes: right, wrong (a bug), refused (with a message).
"""
import argparse
import collections
import concurrent.futures
import os
import pathlib
import re
import sys
import tempfile

import numpy as np
import onnx
from onnx import numpy_helper
from onnx.backend.test.loader import load_model_tests

from run import difference, run_gradmill

ROOT = pathlib.Path(__file__).resolve().parents[3]
TOLERANCE = 1e-4
NEWEST = 23


def known_operators():
    names = set()
    for path in (ROOT / "compiler/import/onnx").glob("*.cpp"):
        names.update(re.findall(r'\{"([A-Z]\w+)", (?:convert|fold)\w+\}', path.read_text()))
    return names


def data_sets(test):
    """Pairs of lists of arrays; the tests of PyTorch lie in files."""
    for inputs, outputs in test.data_sets or []:
        yield inputs, outputs
    folder = pathlib.Path(test.model_dir or "/nowhere")
    for data in sorted(folder.glob("test_data_set_*")):
        def arrays(kind):
            files = sorted(data.glob(f"{kind}_*.pb"), key=lambda f: int(f.stem.split("_")[1]))
            return [numpy_helper.to_array(onnx.load_tensor(str(f))) for f in files]
        yield arrays("input"), arrays("output")


def as_array(value):
    if isinstance(value, onnx.TensorProto):
        return numpy_helper.to_array(value)
    return value if isinstance(value, list) else np.asarray(value)


def run_with(model, ports, inputs, is_data):
    """gradmill's outputs, or its message."""
    model = onnx.ModelProto.FromString(model.SerializeToString())
    for entry in model.opset_import:  # the operators are the same, the newest tests say a newer version
        entry.version = min(entry.version, NEWEST)
    data = {}
    for i, (port, array) in enumerate(zip(ports, inputs)):
        if i == 0 or is_data(array):
            data[port.name] = array
            continue
        model.graph.initializer.append(numpy_helper.from_array(array, port.name))
        model.graph.input.remove(port)
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "model.onnx")
        onnx.save(model, path)
        return run_gradmill(path, data, folder, batch=inputs[0].shape[0])


def run_test(test, model):
    """'right', 'wrong' or the message."""
    inputs, outputs = next(data_sets(test))
    inputs, outputs = [as_array(v) for v in inputs], [as_array(v) for v in outputs]
    graph = model.graph
    there = {w.name for w in graph.initializer}
    ports = [p for p in graph.input if p.name not in there]
    if not all(isinstance(v, np.ndarray) for v in inputs + outputs) or not ports:
        return "refused: no tensors"
    data = inputs[0]
    if data.dtype.kind not in "fiu" or data.ndim == 0 or data.shape[0] == 0:
        return f"refused: {data.dtype} of shape {data.shape}"
    # Other inputs are weights, as in models; else they are data, too, if they have a batch.
    got = run_with(model, ports, inputs, lambda array: False)
    if isinstance(got, str) and len(inputs) > 1:
        message = got
        got = run_with(model, ports, inputs, lambda array: array.dtype == data.dtype and array.shape[:1] == data.shape[:1])
        if isinstance(got, str):
            got = message
    if isinstance(got, str):
        return got.splitlines()[0]
    for port, want in zip(graph.output, outputs):
        ours = got.get(port.name)
        # A number for each sample comes as [N] for [N, 1].
        if ours is None or ours.size != want.size or not difference(ours.reshape(want.shape), want.astype(np.float32)) <= TOLERANCE:
            return "wrong"
    return "right"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--table")
    parser.add_argument("--only", default="")
    parser.add_argument("--jobs", type=int, default=1)
    options = parser.parse_args()
    known = known_operators()
    tests = []
    for kind in ("node", "pytorch-operator", "pytorch-converted"):
        for test in load_model_tests(kind=kind):
            model = test.model or onnx.load(os.path.join(test.model_dir, "model.onnx"))
            ops = {n.op_type for n in model.graph.node}
            if test.name.startswith("test_training_dropout"):
                continue  # drawn numbers; and `run` is inference, where dropout does nothing
            if ops <= known and all(n.domain in ("", "ai.onnx") for n in model.graph.node) and re.search(options.only, test.name):
                ops = ops if len(ops) == 1 else {"several (PyTorch)"}
                tests.append((next(iter(ops)), test, model))
    tests.sort(key=lambda t: (t[0], t[1].name))
    counts = collections.defaultdict(collections.Counter)
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        for (op, test, _), outcome in zip(tests, pool.map(lambda t: run_test(t[1], t[2]), tests)):
            print(f"{op} {test.name}: {outcome}", flush=True)
            counts[op][outcome if outcome in ("right", "wrong") else "refused"] += 1
    lines = ["| operator | right | refused | wrong |", "|---|---|---|---|"]
    for op in sorted(counts):
        lines.append(f"| {op} | " + " | ".join(str(counts[op][k]) for k in ("right", "refused", "wrong")) + " |")
    if options.table:
        pathlib.Path(options.table).write_text("\n".join(lines) + "\n")
    total = sum((c for c in counts.values()), collections.Counter())
    print(dict(total))
    return total["wrong"] > 0


if __name__ == "__main__":
    sys.exit(main())
