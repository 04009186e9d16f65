"""check.py [--again] NAME...: runs NAME.onnx on the inputs of NAME.json and compares with its outputs.

The outputs are ONNX Runtime's (make.py). With --again the model is read, written and read once more.
Needs no package.
"""
import array
import json
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
TOLERANCE = 2e-5


def flat(value):
    return [n for each in value for n in flat(each)] if isinstance(value, list) else [value]


def main():
    failures = 0
    again = sys.argv[1:2] == ["--again"]
    for name in sys.argv[1 + again:]:
        want = json.loads((HERE / f"{name}.json").read_text())
        ports = []
        for port, value in want["inputs"].items():
            isWhole = name == "embedding"
            array.array("i" if isWhole else "f", flat(value)).tofile(open(f"{name}-{port}.raw", "wb"))
            ports.append(f"{port}={name}-{port}.raw")
        model = str(HERE / f"{name}.onnx")
        if again:
            written = subprocess.run(["gradmill", "convert", model, "-o", f"{name}-again.onnx"], capture_output=True, text=True)
            if written.returncode:
                print(f"{name}: {written.stderr}")
                failures += 1
                continue
            model = f"{name}-again.onnx"
        done = subprocess.run(["gradmill", "run", model, "--batch", "2", "--json"] + ports,
                              capture_output=True, text=True)
        got = json.loads(done.stdout) if done.returncode == 0 else {}
        errors = [f"{done.stderr}"] if done.returncode else []
        for port, value in want["outputs"].items():
            ours, theirs = flat(got.get(port, [])), flat(value)
            scale = max([1.0] + [abs(n) for n in theirs])
            if len(ours) != len(theirs) or not theirs or max(abs(a - b) for a, b in zip(ours, theirs)) > TOLERANCE * scale:
                errors.append(f"{port} differs")
        print(f"{name}: {'; '.join(errors) or 'right'}")
        failures += bool(errors)
    return failures > 0


if __name__ == "__main__":
    sys.exit(main())
