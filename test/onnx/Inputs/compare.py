#!/usr/bin/env python3
"""Compares gradmill with ONNX Runtime on random models (cases.py).

usage: compare.py [--rounds N] [--seed S] [CASE ...]

Needs the Python packages onnx and onnxruntime, and gradmill in PATH. Each round takes one model of
each kind. A refusal by gradmill counts as a failure, too.
"""
import argparse
import os
import random
import sys
import tempfile

import numpy as np
import onnx

from cases import CASES
from run import difference, inputs_of, reference, run_gradmill, session_of

TOLERANCE = 2e-5


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("cases", nargs="*", default=list(CASES))
    options = parser.parse_args()
    failures = models = 0
    with tempfile.TemporaryDirectory() as folder:
        for n in range(options.seed, options.seed + options.rounds):
            for name in options.cases or CASES:
                model = CASES[name](random.Random(f"{name}-{n}"))
                path = os.path.join(folder, "model.onnx")
                onnx.save(model, path)
                try:
                    session = session_of(path)
                    inputs = inputs_of(session, np.random.default_rng(n))
                    want = reference(session, inputs)
                except Exception as error:  # what ONNX Runtime refuses says nothing about gradmill
                    print(f"{name} {n}: ONNX Runtime: {str(error)[:200]}")
                    continue
                models += 1
                got = run_gradmill(path, inputs, folder)
                if isinstance(got, str):
                    print(f"{name} {n}: {got[:400]}")
                    failures += 1
                    continue
                for key, value in want.items():
                    value = np.asarray(value)
                    error = difference(got[key].reshape(value.shape) if got[key].size == value.size else got[key], value)
                    if not error <= TOLERANCE:
                        print(f"{name} {n}: {key} {got[key].shape} differs from {value.shape} by {error:.3g}")
                        failures += 1
                        break
    print(f"{models} models, {failures} failures")
    return failures > 0


if __name__ == "__main__":
    sys.exit(main())
