#!/usr/bin/env python3
"""Runs the benchmarks and writes their raw numbers as JSON; table.py reads them.

A case is a list of entrants who take turns: in each round every one runs for the
same time, one after another, and so does the measurement of the FMA peak. A slow
minute of the machine hits all alike.
"""

import argparse
import json
import os
import subprocess
import sys

import artifact
import machine
import table
import write_nets
from machine import say
from peers import INFER, NAMES, TRAIN, Gradmill, Net, Tool, entrants

MODES = ["train", "infer", "single", "batches", "sizes", "scaling", "busy", "sweep", "memory", "compile",
         "convolutions"]
BATCHES = (32, 64, 100, 128, 256, 512)
# Of other people's nets: one sample, few, many.
SIZES = (1, 8, 64)
# A training process of a large batch takes 1 to 2 GB.
LEAST_FREE_GB = 2
# Depth with one width, then width with one depth.
SWEEP = [(depth, 16) for depth in (2, 4, 8, 12)] + [(4, c) for c in (4, 8, 10, 24, 32, 48, 64)]


def parse_arguments():
    parser = argparse.ArgumentParser(prog="bench/peers/run",
                                     description="Measures Gradmill against its peers.")
    parser.add_argument("--all", action="store_true", help="every mode but sizes on every net")
    parser.add_argument("--quick", action="store_true", help="three short rounds: a look, no measurement")
    parser.add_argument("--modes", default="train,infer,single", metavar="LIST", help=", ".join(MODES))
    parser.add_argument("--nets", default="mnist", metavar="LIST",
                        help="mnist, narrow, resnet8; other people's: lenet5, example, fc512, first, resnet18:32, "
                             "vgg16:32, ...; or paths of graphs")
    parser.add_argument("--peers", default=",".join(NAMES), metavar="LIST")
    parser.add_argument("--without", default="", metavar="LIST",
                        help="leave out variants with such a word: compile (takes minutes for a large net), jit, ...")
    parser.add_argument("--batch", type=int, default=128)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--seconds", type=float, default=2.0, help="of an entrant in a round")
    parser.add_argument("--json", "--output", dest="output", default="", metavar="FILE")
    for hidden in ("--peak", "--torch-python", "--debian-python", "--gradmill", "--root", "--work",
                   "--onednn"):
        parser.add_argument(hidden, default="", help=argparse.SUPPRESS)
    parser.add_argument("--why", action="append", default=[], help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.all:
        options.modes = ",".join(mode for mode in MODES if mode != "sizes")
        options.nets = "mnist,narrow,resnet8"
    if options.quick:
        options.rounds, options.seconds = min(options.rounds, 3), min(options.seconds, 0.5)
    for name in ("peers", "modes", "nets", "without"):
        setattr(options, name, [word for word in getattr(options, name).split(",") if word])
    unknown = set(options.peers) - set(NAMES) | set(options.modes) - set(MODES)
    if unknown:
        parser.error(f"unknown: {', '.join(sorted(unknown))}; there are: {', '.join(NAMES + MODES)}")
    # PEER=reason, from the script that installs them.
    options.why = dict(text.split("=", 1) for text in options.why)
    return options


def load_nets(options, tool):
    known = {"mnist": "examples/mnist/mnist.net", "narrow": "bench/nets/narrow.mlir",
             "resnet8": "bench/nets/resnet8.mlir", "vit": "examples/vit/graph.net",
             "lenet5": "examples/lenet5/graph.net", "example": "bench/nets/example.net",
             "fc512": "bench/nets/fc512.net", "first": "examples/zoo/step1-first.net"}
    written = [f"{name}:{size}" for name in ("resnet18", "vgg16", "mobilenetv2") for size in (32, 224)]
    nets = []
    for name in options.nets:
        path = os.path.join(options.root, known[name]) if name in known else name
        if name in written:
            path = os.path.join(tool.work, name.replace(":", "_") + ".mlir")
            script = os.path.join(os.path.dirname(os.path.abspath(__file__)), "write_nets.py")
            with open(path, "w") as file:
                subprocess.run([sys.executable, script, name], stdout=file, check=True)
        elif not os.path.exists(path):
            sys.exit(f"bench: there is no net or graph {name}; there are: {', '.join([*known, *written])}")
        nets.append(Net(name if name in known else os.path.splitext(os.path.basename(path))[0], path, tool))
    return nets


class Case:
    """Entrants that are compared; `section` says where in the tables. In each round of a case with
    `busy` processes all take a second turn beside these."""

    def __init__(self, section, net, members, busy=0):
        self.section, self.net, self.members, self.busy = section, net, members, busy

    def title(self):
        return f"{self.section} {self.net}"


def own(net, mode, batch, cpus):
    return Gradmill("gradmill", "default", net, mode, batch, cpus)


def cases(options, nets, tool, cpus):
    """In the order in which they run."""
    modes, one, peers = set(options.modes), cpus[:1], options.peers
    for net in nets:
        def compare(mode, batch, on):
            return [e for e in entrants(peers, net, mode, batch, on)
                    if not any(word in e.variant for word in options.without)]

        if modes & {"train", "memory"}:
            yield Case("train", net.name, compare(TRAIN, options.batch, cpus))
        if "infer" in modes:
            yield Case("infer", net.name, compare(INFER, options.batch, cpus))
        if "single" in modes:
            yield Case("single", net.name, compare(INFER, 1, one))
        if "batches" in modes:
            for batch in BATCHES:
                if batch != options.batch or "train" not in modes:
                    yield Case("batches", net.name, compare(TRAIN, batch, cpus))
        if "sizes" in modes:
            for batch in SIZES:
                yield Case("sizes-infer", net.name, compare(INFER, batch, cpus))
            for batch in SIZES[1:]:
                yield Case("sizes-train", net.name, compare(TRAIN, batch, cpus))
        if "scaling" in modes and "gradmill" in peers:
            if len(cpus) > 1:
                yield Case("threads", net.name, [
                    own(net, mode, options.batch, on) for mode in (TRAIN, INFER) for on in (one, cpus)])
            yield Case("flat", net.name, [own(net, TRAIN, batch, cpus) for batch in BATCHES])
        if "busy" in modes:
            for mode in (TRAIN, INFER):
                yield Case("busy", net.name, compare(mode, options.batch, cpus), busy=1)
    if "sweep" in modes and "gradmill" in peers:
        swept = [plain_net(tool, depth, channels) for depth, channels in SWEEP]
        yield Case("sweep", "plain", [own(net, TRAIN, options.batch, cpus) for net in swept])


def plain_net(tool, depth, channels):
    name = f"plain-{depth}x{channels}"
    path = os.path.join(tool.work, f"{name}.mlir")
    with open(path, "w") as file:
        file.write(write_nets.plain(depth, channels))
    return Net(name, path, tool)


def take_turns(members, seconds, rates_of):
    for member in members:
        rate = None if member.absent else member.turn(seconds)
        if rate is not None:
            rates_of(member).append(rate)


def run_case(case, options, cpus):
    members = case.members
    say(f"{case.title()}, batch {', '.join(map(str, sorted({m.batch for m in members})))}:")
    for member in members:
        free = machine.free_memory_gb()
        if free < LEAST_FREE_GB:  # swapping would be measured, of everyone
            member.absent = f"only {free:.1f} GB of memory are free beside the others"
        else:
            member.start(options)
        say(f"  {member.name}: " + (f"skipped: {member.absent}" if member.absent
                                    else member.version))
    peaks, isa = [], ""
    try:
        for number in range(options.rounds):
            peak, isa = machine.measure_peak(options.peak, cpus, min(0.3, options.seconds))
            peaks.append(peak)
            # Forth and back: the first of one round is the last of the next.
            order = members if number % 2 == 0 else members[::-1]
            take_turns(order, options.seconds, lambda member: member.rates)
            if case.busy:
                with machine.busy(case.busy, cpus):
                    take_turns(order, options.seconds, lambda member: member.busy_rates)
    finally:
        for member in members:
            member.stop()
    return {"section": case.section, "net": case.net, "peak_gflops": peaks, "isa": isa,
            "peak_threads": len(cpus), "busy": case.busy, "entrants": [m.result() for m in members]}


def save(options, result):
    if options.output:
        with open(options.output + ".new", "w") as file:
            json.dump(result, file, indent=1)
            file.write("\n")
        os.replace(options.output + ".new", options.output)


def main():
    options = parse_arguments()
    cpus = machine.choose_cpus(options.threads)
    tool = Tool(options.gradmill, options.work)
    nets = load_nets(options, tool)
    result = {"machine": machine.describe(), "cpus": cpus, "batch": options.batch,
              "threads": options.threads, "rounds": options.rounds, "seconds": options.seconds,
              "gradmill": tool.version, "nets": {}, "cases": [], "compile": {}, "convolutions": {}}
    result["nets"] = {net.name: net.describe() for net in nets}
    for case in cases(options, nets, tool, cpus):
        for member in case.members:
            result["nets"].setdefault(member.net.name, member.net.describe())
        result["cases"].append(run_case(case, options, cpus))
        save(options, result)  # an hour's work is not lost with the last case
    for net in nets:
        if "compile" in options.modes:
            say(f"compile {net.name}")
            result["compile"][net.name] = artifact.measure_compile(net, options, cpus)
        if "convolutions" in options.modes:
            say(f"convolutions {net.name}")
            result["convolutions"][net.name] = artifact.measure_convolutions(net, options, cpus)
        save(options, result)
    print(table.render(result))
    if options.output:
        say(f"bench: raw numbers in {options.output}")


if __name__ == "__main__":
    try:
        main()
    except RuntimeError as error:  # what Gradmill said of a graph
        sys.exit(f"bench: {error}")
