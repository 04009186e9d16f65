#!/usr/bin/env python3
"""Compares models that gradmill writes with ONNX Runtime: onnx's checker accepts them, and ONNX Runtime
computes what `gradmill run` computes of the graph.

usage: export.py [--random N] [--seed S] GRAPH...

Graphs with parameters get random weights. With --random, N random graphs of gradmill-fuzz are tried, too.
An .onnx GRAPH is read and written, and compared with itself. Needs the Python packages onnx and
onnxruntime, and gradmill and gradmill-fuzz in PATH.
"""
import argparse
import os
import re
import subprocess
import sys
import tempfile

import numpy as np
import onnx

from run import difference, inputs_of, reference, run_gradmill, session_of

TOLERANCE = 3e-5
PARAMETER = re.compile(r'nn\.parameter "([^"]+)"(?: \{(.*)\})? : tensor<([0-9x]*)f(?:32|64)>')


def command(*arguments):
    done = subprocess.run(["gradmill", *arguments], capture_output=True, text=True, timeout=600)
    return done.stderr.strip() or f"status {done.returncode}" if done.returncode else ""


def random_weights(text, generator, path):
    """For each parameter of a graph; variances are positive."""
    made = {}
    for name, attributes, shape in PARAMETER.findall(text):
        shape = [int(n) for n in shape.split("x")[:-1]]
        fan = max(1, int(np.prod(shape[1:])))
        values = generator.normal(size=shape) * (1.5 / np.sqrt(fan)) if len(shape) > 1 else generator.uniform(0.4, 1.6, shape)
        made[name] = values.astype(np.float32)
    np.savez(path, **made)
    return bool(made)


def compare(graph, name, folder, generator, batch=2):
    """What is wrong, or ""; None for a graph that no ONNX model could be of."""
    written, text, weights = (os.path.join(folder, f) for f in ("written.onnx", "graph.mlir", "weights.npz"))
    options = []
    if not graph.endswith(".onnx"):
        if problem := command("convert", graph, "-o", text):
            return None if name.startswith("random") else problem
        if random_weights(open(text).read(), generator, weights):
            options = ["--weights", weights]
    if problem := command("convert", graph, *options, "-o", written):
        return problem
    model = onnx.load(written)
    onnx.checker.check_model(model, full_check=True)
    session = session_of(written)
    inputs = inputs_of(session, generator, samples=4)
    theirs = reference(session, inputs)
    if graph.endswith(".onnx"):
        first = session_of(graph)
        want = reference(first, inputs)
        for key, value in want.items():
            if difference(theirs[key], value) > TOLERANCE:
                return f"{key}: the written model differs from the one that was read by {difference(theirs[key], value):.3g}"
    for source, extra in ((graph, options), (written, [])):
        ours = run_gradmill(source, inputs, folder, batch, extra)
        if isinstance(ours, str):
            return f"{source}: {ours[:400]}"
        for key, value in theirs.items():
            value = np.asarray(value)
            if not np.isfinite(value).all():
                continue
            got = ours[key].reshape(value.shape) if ours[key].size == value.size else ours[key]
            if not difference(got, value) <= TOLERANCE:
                return f"{os.path.basename(source)}: {key} {got.shape} differs from ONNX Runtime's {value.shape} by {difference(got, value):.3g}"
    return ""


def random_graphs(count, seed, folder):
    """Of gradmill-fuzz, with an open batch."""
    text = subprocess.run(["gradmill-fuzz", f"--seed={seed}", f"--count={count}", "--infer-only", "--print", "--jobs=1",
                           "--cpu=x86-64", f"--save={folder}"], capture_output=True, text=True).stdout
    for i, graph in enumerate(re.split(r"// \d+: --.*\n", text)[1:]):
        path = os.path.join(folder, f"random{i}.mlir")
        with open(path, "w") as file:  # ONNX Runtime has few kernels for f64
            file.write(re.sub(r"\bxf64>|(?<=x)f64>|(?<=tensor<)f64>", lambda m: m.group().replace("f64", "f32"), graph[:graph.rfind("\n}") + 2]) + "\n")
        yield path


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--random", type=int, default=0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("graphs", nargs="*")
    options = parser.parse_args()
    generator = np.random.default_rng(options.seed)
    right = wrong = others = 0
    with tempfile.TemporaryDirectory() as folder:
        for graph in options.graphs + list(random_graphs(options.random, options.seed, folder) if options.random else []):
            name = os.path.basename(graph) if graph.startswith(folder) else os.path.join(os.path.basename(os.path.dirname(graph)), os.path.basename(graph))
            try:
                problem = compare(graph, name, folder, generator)
            except Exception as error:  # of the checker, or of ONNX Runtime
                problem = f"{type(error).__name__}: {str(error)[:400]}"
            right += problem == ""
            others += problem is None
            wrong += bool(problem)
            if problem:
                print(f"{name}: {problem}")
                sys.stdout.flush()
    print(f"{right} right, {wrong} wrong, {others} that no file can hold")
    return wrong > 0


if __name__ == "__main__":
    sys.exit(main())
