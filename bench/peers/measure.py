#!/usr/bin/env python3
"""Runs all peers in interleaved rounds and writes the table.

In each round every variant runs for the same time, one after another, and so
does the measurement of the FMA peak: a slow minute of the machine hits all
alike. Reported is the median over the rounds.
"""

import argparse
import datetime
import json
import os
import platform
import statistics
import subprocess
import sys

import net

HERE = os.path.dirname(os.path.abspath(__file__))
MODES = ["train", "infer", "single"]
INFERENCE = MODES[1:]
# (peer, variant, modes): which is a peer's best differs by machine and version.
VARIANTS = [
    ("gradmill", "default", MODES),
    ("pytorch", "nchw", MODES), ("pytorch", "channels_last", MODES),
    ("pytorch", "compile", MODES), ("pytorch", "compile-channels_last", MODES),
    ("pytorch", "jit", INFERENCE), ("pytorch", "jit-channels_last", INFERENCE),
    ("jax", "nchw", MODES), ("jax", "nhwc", MODES),
    ("jax", "nhwc-rbg", ["train"]),  # random numbers are for dropout
    ("onnxruntime", "default", INFERENCE),
]
SCRIPTS = {"pytorch": "pytorch.py", "jax": "jaxpeer.py", "onnxruntime": "ort.py"}


def say(text):
    print(text, file=sys.stderr, flush=True)


def parse_arguments():
    parser = argparse.ArgumentParser(
        prog="bench/peers/run", description="Measures Gradmill against its peers.")
    parser.add_argument("--peers", default="gradmill,pytorch,jax,onnxruntime", metavar="LIST")
    parser.add_argument("--modes", default=",".join(MODES), metavar="LIST",
                        help="train, infer and single (one image, one thread)")
    parser.add_argument("--batch", type=int, default=128)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--seconds", type=float, default=2.0, help="of a variant in a round")
    parser.add_argument("--output", default="bench-peers.json", metavar="FILE")
    for hidden in ("--peak", "--torch-python", "--gradmill", "--graph"):
        parser.add_argument(hidden, default="", help=argparse.SUPPRESS)
    options = parser.parse_args()
    options.peers = options.peers.split(",")
    options.modes = options.modes.split(",")
    unknown = set(options.peers) - {peer for peer, _, _ in VARIANTS} | set(options.modes) - set(MODES)
    if unknown:
        parser.error(f"unknown: {', '.join(sorted(unknown))}")
    return options


# --- The machine --------------------------------------------------------------

def choose_cpus(count):
    """CPUs on as many different cores as possible, then their siblings."""
    allowed = sorted(os.sched_getaffinity(0))

    def core(cpu):
        try:
            with open(f"/sys/devices/system/cpu/cpu{cpu}/topology/thread_siblings_list") as file:
                return file.read()
        except OSError:
            return str(cpu)
    first = list({core(cpu): cpu for cpu in reversed(allowed)}.values())
    ordered = sorted(first) + [cpu for cpu in allowed if cpu not in first]
    if len(ordered) < count:
        sys.exit(f"bench: {count} threads on {len(ordered)} CPUs would measure the scheduler")
    return ordered[:count]


def describe_machine():
    model, flags = platform.processor() or platform.machine(), []
    try:
        with open("/proc/cpuinfo") as file:
            for line in file:
                key, _, value = line.partition(":")
                if key.strip() == "model name":
                    model = value.strip()
                elif key.strip() in ("flags", "Features"):
                    flags = value.split()
                    break
    except OSError:
        pass
    wanted = ("avx", "fma", "f16c", "amx", "asimd", "sve")
    return {"cpu": model, "flags": [f for f in flags if f.startswith(wanted)],
            "cpus": os.cpu_count(), "system": platform.platform(),
            "python": platform.python_version(),
            "load": round(os.getloadavg()[0], 2),
            "date": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds")}


def measure_peak(options, cpus):
    """GFLOP/s of all chosen CPUs together, and the instruction set."""
    command = [options.peak, str(len(cpus)), str(min(0.5, options.seconds))]
    reply = subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True,
                           preexec_fn=lambda: os.sched_setaffinity(0, cpus))
    peak = json.loads(reply.stdout)
    return peak["gflops"], peak["isa"]


# --- Those who are measured ---------------------------------------------------

class Peer:
    """A process that waits between its turns; .absent says why there is none."""

    def __init__(self, peer, variant, mode, options, cpus):
        self.peer, self.variant, self.mode = peer, variant, mode
        self.rates, self.rss, self.version, self.absent = [], None, "", None
        self.batch = 1 if mode == "single" else options.batch
        self.cpus = cpus[:1] if mode == "single" else cpus
        self.start(options)

    @property
    def name(self):
        return self.peer if self.variant == "default" else f"{self.peer} {self.variant}"

    def start(self, options):
        python = options.torch_python if self.peer == "pytorch" else sys.executable
        if not python:
            self.absent = "not installed"
            return
        command = [python, os.path.join(HERE, SCRIPTS[self.peer]), self.variant,
                   "train" if self.mode == "train" else "infer", str(self.batch),
                   str(len(self.cpus)), ",".join(map(str, self.cpus))]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.DEVNULL, text=True)
        first = self.receive()
        self.version, self.absent = first.get("version", ""), first.get("absent")

    def receive(self):
        line = self.process.stdout.readline()
        return json.loads(line) if line else {"absent": "its process died"}

    def turn(self, seconds):
        self.process.stdin.write(f"{seconds}\n")
        self.process.stdin.flush()
        reply = self.receive()
        if "absent" in reply:
            self.absent = reply["absent"]
            return
        self.rates.append(reply["images_per_second"])
        self.rss = reply["peak_rss_mb"]

    def stop(self):
        if getattr(self, "process", None):
            self.process.stdin.close()
            self.process.wait(timeout=30)


class Gradmill(Peer):
    """gradmill bench is a process for each turn; it warms up by itself."""

    def start(self, options):
        self.command = [options.gradmill, "bench", options.graph,
                        "--train" if self.mode == "train" else "--infer",
                        "--batch", str(self.batch), "--threads", str(len(self.cpus)), "--json"]
        if not os.access(options.gradmill, os.X_OK):
            self.absent = "not built"
            return
        reply = subprocess.run([options.gradmill, "--version"], stdout=subprocess.PIPE,
                               stderr=subprocess.DEVNULL, text=True)
        self.version = (reply.stdout.split() or [""])[-1]

    def turn(self, seconds):
        run = subprocess.run(self.command, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                             text=True, preexec_fn=lambda: os.sched_setaffinity(0, self.cpus))
        if run.returncode != 0:
            lines = run.stderr.strip().splitlines()
            self.absent = lines[0] if lines else f"exit status {run.returncode}"
            return
        reply = json.loads(run.stdout)
        self.rates.append(statistics.median(reply["images_per_second"]))
        self.rss = reply.get("peak_rss_mb")


def start_peers(options, cpus):
    peers = []
    for mode in options.modes:
        for peer, variant, modes in VARIANTS:
            if peer not in options.peers or mode not in modes:
                continue
            made = (Gradmill if peer == "gradmill" else Peer)(peer, variant, mode, options, cpus)
            say(f"  {mode:6} {made.name}: " +
                (f"left out: {made.absent}" if made.absent else made.version))
            peers.append(made)
    return peers


# --- The table ----------------------------------------------------------------

def table(mode, peers, options, peak_per_cpu):
    """One mode's table, fastest first, as lines of markdown."""
    present = sorted((p for p in peers if p.mode == mode and p.rates and not p.absent),
                     key=lambda p: -statistics.median(p.rates))
    if not present:
        return []
    macs = net.conv_macs()[mode == "train"]
    bound = peak_per_cpu * len(present[0].cpus) * 1e9 / (2 * macs)
    median = {p.name: statistics.median(p.rates) for p in present}
    ours = median.get("gradmill")
    best = present[0].name
    title = {"train": f"Training step, batch {options.batch}, {options.threads} threads",
             "infer": f"Inference, batch {options.batch}, {options.threads} threads",
             "single": "Inference, one image, one thread"}[mode]
    lines = ["", f"### {title}", "",
             "| | version | img/s | lowest-highest | µs/img | of the bound | "
             + ("Gradmill is | " if ours else f"{best} is | ") + "peak memory |",
             "|---|---|---:|---:|---:|---:|---:|---:|"]
    for p in present:
        rate = median[p.name]
        memory = f"{p.rss:.0f} MB" if p.rss else ""
        lines.append(f"| {p.name} | {p.version} | {rate:,.0f} | {min(p.rates):,.0f}-{max(p.rates):,.0f} "
                     f"| {1e6 / rate:.1f} | {100 * rate / bound:.1f} % | {(ours or median[best]) / rate:.2f}× | {memory} |")
    lines += ["", f"Bound: convolutions alone at the FMA peak, {bound:,.0f} img/s."]
    for peer in dict.fromkeys(p.peer for p in present):
        if ours and peer != "gradmill":
            fastest = max(median[p.name] for p in present if p.peer == peer)
            lines.append(f"Gradmill / fastest {peer}: **{ours / fastest:.2f}×**")
    return lines


def report(options, machine, peers, peaks, isa, cpus):
    peak = statistics.median(peaks)
    lines = ["## Gradmill and its peers", "",
             f"{machine['cpu']}, {machine['cpus']} CPUs ({', '.join(machine['flags'])}), load "
             f"{machine['load']} before the run; {machine['system']}; {machine['date']}.",
             f"FMA peak in this run, f32, {len(cpus)} threads: {peak:.1f} GFLOP/s ({isa}; "
             f"{min(peaks):.1f}-{max(peaks):.1f}).",
             f"The {net.parameters():,}-parameter net, f32; medians of {options.rounds} "
             f"interleaved rounds of {options.seconds:g} s."]
    for mode in options.modes:
        lines += table(mode, peers, options, peak / len(cpus))
    # Whoever shares the CPUs slows a peer that spins at its barriers most.
    if machine["load"] > 0.5 or max(peaks) > 1.1 * min(peaks):
        lines += ["", "**The machine was busy: these numbers are no measurement.**"]
    reasons = {}
    for p in peers:
        if p.absent:
            reasons.setdefault((p.name, p.absent), []).append(p.mode)
    if reasons:
        lines += ["", "Left out:"]
        lines += [f"- {name} ({', '.join(modes)}): {why}" for (name, why), modes in reasons.items()]
    return "\n".join(lines)


def main():
    options = parse_arguments()
    cpus = choose_cpus(options.threads)
    machine = describe_machine()
    say(f"bench: starting the peers, on CPUs {', '.join(map(str, cpus))}")
    peers = start_peers(options, cpus)
    peaks, isa = [], ""
    try:
        for number in range(options.rounds):
            say(f"  round {number + 1} of {options.rounds}")
            gflops, isa = measure_peak(options, cpus)
            peaks.append(gflops)
            for peer in peers:
                if not peer.absent:
                    peer.turn(options.seconds)
    finally:
        for peer in peers:
            peer.stop()
    print(report(options, machine, peers, peaks, isa, cpus))
    result = {"machine": machine, "cpus": cpus, "peak_gflops": peaks, "isa": isa,
              "parameters": net.parameters(), "conv_macs": net.conv_macs(),
              "batch": options.batch, "threads": options.threads, "seconds": options.seconds,
              "peers": [{"peer": p.peer, "variant": p.variant, "mode": p.mode,
                         "version": p.version, "batch": p.batch, "threads": len(p.cpus),
                         "images_per_second": p.rates, "peak_rss_mb": p.rss,
                         "absent": p.absent} for p in peers]}
    with open(options.output, "w") as file:
        json.dump(result, file, indent=1)
        file.write("\n")
    say(f"bench: raw numbers in {options.output}")


if __name__ == "__main__":
    main()
