"""Measurements of the compiler and of an artifact, not of a running step: compile time,
arena, sizes, start of a trainer, and kernels beside oneDNN's."""

import json
import os
import re
import struct
import subprocess
import time

from machine import pin, say
from peers import first_error

# Steps of the trainer's command that is timed from its start: the smaller the
# test set, the less is evaluated at the end.
TEST_IMAGES = 16


def timed(command, cpus=None, **more):
    begin = time.monotonic()
    reply = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                           preexec_fn=pin(cpus) if cpus else None, **more)
    return time.monotonic() - begin, reply


def write_idx(folder, images, rows, columns):
    """Data of MNIST's form and size; the time does not depend on the pixels."""
    for name, count in (("train", images), ("t10k", TEST_IMAGES)):
        pixels = os.path.join(folder, f"{name}-images-idx3-ubyte")
        labels = os.path.join(folder, f"{name}-labels-idx1-ubyte")
        with open(pixels, "wb") as file:
            file.write(struct.pack(">4i", 0x803, count, rows, columns))
            file.write(os.urandom(rows * columns) * count)
        with open(labels, "wb") as file:
            file.write(struct.pack(">2i", 0x801, count))
            file.write(bytes(i % 10 for i in range(count)))


def measure_compile(net, options, cpus):
    """Each is a process of its own; `compile` uses no cache."""
    result = {"seconds": {"train": [], "infer": []}}
    work, tool = net.tool.work, net.tool
    for number in range(options.rounds):
        for mode, seconds in result["seconds"].items():
            elapsed, reply = timed([tool.program, "compile", net.path, f"--{mode}", "--batch",
                                    str(options.batch), "-o", os.path.join(work, "timed.so")], cpus)
            if reply.returncode != 0:
                return {"absent": first_error(reply)}
            seconds.append(elapsed)
    manifest = json.loads(tool.checked("compile", net.path, "--train", "--batch", str(options.batch),
                                       "--json", "-o", os.path.join(work, "timed.so")))
    result["entries"] = {name: {key: entry[key] for key in ("arena_bytes", "arena_lower_bound_bytes")}
                         for name, entry in manifest["entries"].items()}
    result["bytes"] = {}
    for name, extra in (("trainer", ["--train"]), ("trainer --static", ["--train", "--static"]),
                        ("inference", ["--infer"])):
        path = os.path.join(work, "sized")
        reply = tool.run("compile", net.path, *extra, "-o", path)
        result["bytes"][name] = os.path.getsize(path) if reply.returncode == 0 else first_error(reply)
    result["weights_bytes"] = 4 * net.graph.parameter_count()
    result["start"] = measure_start(net, options, cpus)
    return result


def measure_start(net, options, cpus):
    """Seconds from the start of a trainer's process to the end of its first step, as it reports them;
    reading the data is part of it, the evaluation behind the step is not."""
    channels, rows, columns = net.graph.input_shape
    if channels != 1:
        return {"absent": "the trainer reads grey images only"}
    trainer, why = net.executable("train", options.batch)
    if why:
        return {"absent": why}
    folder = os.path.join(net.tool.work, f"idx-{rows}x{columns}")
    if not os.path.isdir(folder):
        os.makedirs(folder)
        write_idx(folder, 60000, rows, columns)
    command = [trainer, "train", "--data", folder, "--max-steps", "1", "--no-checkpoint",
               "--eval-every", "0", "-q", "--json", "--threads", str(len(cpus))]
    seconds = []
    for number in range(3 + 2 * options.rounds):
        elapsed, reply = timed(command, cpus)
        if reply.returncode != 0:
            return {"absent": first_error(reply)}
        seconds.append(json.loads(reply.stdout)["start_to_first_step_ms"] / 1e3)
    return {"seconds": seconds}


# --- Convolutions alone, beside oneDNN's --------------------------------------

KERNEL = re.compile(r"\bconv2d(_backward_data|_backward_weights)? (\S+)")
DIRECTIONS = {None: "forward", "_backward_data": "backward-data",
              "_backward_weights": "backward-weights"}


def gradmill_kernels(net, options, cpus):
    """{(layer, direction): [seconds, ...]} of the training step's kernels, with what is
    fused into them. Kernels that the step runs in one loop are compiled apart, since
    a loop of several has one time."""
    trainer, why = net.executable("train", options.batch, ["--no-merge"])
    if why:
        return {}, why
    found = {}
    for number in range(options.rounds):
        elapsed, reply = timed([trainer, "bench", "--train", "--per-op", "--json", "--threads",
                                str(len(cpus)), "--rounds", "1", "--seconds", str(options.seconds)],
                               cpus)
        if reply.returncode != 0:
            return {}, first_error(reply)
        for kernel in json.loads(reply.stdout)["kernels"]:
            # A kernel of several convolutions has no counterpart.
            named = KERNEL.findall(kernel["name"])
            if len(named) == 1 and kernel.get("seconds"):
                direction = DIRECTIONS[named[0][0] or None]
                key = (named[0][1], direction)
                entry = found.setdefault(key, {"kernel": kernel["name"], "seconds": []})
                entry["seconds"].append(kernel["seconds"])
    return found, None


def measure_convolutions(net, options, cpus):
    rows, problem = [], None
    ours, why = gradmill_kernels(net, options, cpus)
    if why:
        say(f"  convolutions: gradmill left out: {why}")
    if not options.onednn:
        problem = options.why.get("onednn", "not built")
    for index, (layer, cin, h, w, cout, kernel, stride, padding, macs) in enumerate(net.graph.convolutions()):
        row = {"layer": layer, "macs": macs * options.batch,
               "shape": f"{cin}x{h}x{w} to {cout}, {kernel[0]}x{kernel[1]}"
                        + (f", stride {stride[0]}" if stride != (1, 1) else "")
                        + (f", padding {padding[0]}" if padding != (0, 0) else ""),
               "gradmill": {d: ours[layer, d] for d in DIRECTIONS.values() if (layer, d) in ours}}
        if options.onednn:
            numbers = [options.batch, cin, h, w, cout, *kernel, *stride, *padding]
            elapsed, reply = timed([options.onednn, *map(str, numbers), str(options.rounds),
                                    str(options.seconds)], cpus,
                                   env={**os.environ, "OMP_NUM_THREADS": str(len(cpus))})
            if reply.returncode == 0:
                row["onednn"] = json.loads(reply.stdout)
            else:
                problem = first_error(reply)
        rows.append(row)
    return {"rows": rows, "absent": problem, "gradmill_absent": why}
