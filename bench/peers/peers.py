"""The measured programs: a process that waits between its turns or, for Gradmill, an
executable that is started for each turn."""

import json
import os
import statistics
import subprocess
import sys
import time

from machine import pin

HERE = os.path.dirname(os.path.abspath(__file__))
TRAIN, INFER = "train", "infer"
# (peer, variant, modes): a peer's best variant depends on machine and version.
VARIANTS = [
    ("gradmill", "default", (TRAIN, INFER)),
    ("gradmill", "exact-conv", (INFER,)),
    *[("pytorch", variant, (TRAIN, INFER)) for variant in
      ("nchw", "channels_last", "jit", "jit-channels_last", "compile", "compile-channels_last")],
    *[("pytorch-debian", variant, (TRAIN, INFER)) for variant in
      ("nchw", "channels_last", "jit", "jit-channels_last")],
    ("jax", "nchw", (TRAIN, INFER)), ("jax", "nhwc", (TRAIN, INFER)),
    ("jax", "nhwc-rbg", (TRAIN,)),
    ("onnxruntime", "run", (INFER,)), ("onnxruntime", "binding", (INFER,)),
]
NAMES = list(dict.fromkeys(peer for peer, _, _ in VARIANTS))
SCRIPTS = {"pytorch": "pytorch.py", "pytorch-debian": "pytorch.py", "jax": "jaxpeer.py",
           "onnxruntime": "ort.py"}


class Entrant:
    """One row of a case: peer, net, variant. .absent says why there is no result."""

    def __init__(self, peer, variant, net, mode, batch, cpus):
        self.peer, self.variant, self.net = peer, variant, net
        self.mode, self.batch, self.cpus = mode, batch, cpus
        self.rates, self.rss, self.version, self.absent, self.notes = [], None, "", None, {}
        self.busy_rates = []  # of the turns beside busy processes

    @property
    def name(self):
        return self.peer if self.variant == "default" else f"{self.peer} {self.variant}"

    def result(self):
        return {"peer": self.peer, "variant": self.variant, "name": self.name,
                "net": self.net.name, "mode": self.mode, "batch": self.batch,
                "threads": len(self.cpus), "version": self.version, "absent": self.absent,
                "images_per_second": self.rates,
                "busy_images_per_second": self.busy_rates, "peak_rss_mb": self.rss, **self.notes}


class Peer(Entrant):
    process = None

    def start(self, options):
        python = {"pytorch": options.torch_python, "pytorch-debian": options.debian_python}.get(
            self.peer, sys.executable)
        if not python:
            self.absent = options.why.get(self.peer, "not installed")
            return
        command = [python, os.path.join(HERE, SCRIPTS[self.peer]), self.net.json, self.variant,
                   self.mode, str(self.batch), str(len(self.cpus)),
                   ",".join(map(str, self.cpus)), repr(time.monotonic())]
        log = open(os.path.join(options.work, "peer.log"), "a")
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=log, text=True)
        log.close()
        first = self.receive()
        self.version, self.absent = first.pop("version", ""), first.pop("absent", None)
        self.notes = first

    def receive(self):
        line = self.process.stdout.readline()
        return json.loads(line) if line else {"absent": "its process died"}

    def turn(self, seconds):
        """Images per second, or None with .absent set."""
        self.process.stdin.write(f"{seconds}\n")
        self.process.stdin.flush()
        reply = self.receive()
        if "absent" in reply:
            self.absent = reply["absent"]
            return None
        self.rss = reply["peak_rss_mb"]
        return reply["images_per_second"]

    def stop(self):
        if self.process:
            self.process.stdin.close()
            try:
                self.process.wait(timeout=30)
            except subprocess.TimeoutExpired:
                self.process.kill()


class Gradmill(Entrant):
    """Its stand-alone executable's `bench`; it warms up by itself."""

    def start(self, options):
        extra = [] if self.variant == "default" else [f"--{self.variant}"]
        self.command, self.absent = self.net.executable(self.mode, self.batch, extra)
        self.version = self.net.tool.version

    def turn(self, seconds):
        command = [self.command, "bench", f"--{self.mode}", "--threads", str(len(self.cpus)),
                   "--rounds", "1", "--seconds", str(seconds), "--json"]
        # The shell forks once more: a process's peak memory begins with that of the
        # one it was forked from, and a shell has less than this interpreter.
        run = subprocess.run(["/bin/sh", "-c", '"$@"; exit $?', "sh", *command],
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                             preexec_fn=pin(self.cpus))
        if run.returncode != 0:
            lines = run.stderr.strip().splitlines()
            self.absent = lines[0] if lines else f"exit status {run.returncode}"
            return None
        reply = json.loads(run.stdout)
        self.rss = reply.get("peak_rss_mb")
        return statistics.median(reply["images_per_second"])

    def stop(self):
        pass


def entrants(names, net, mode, batch, cpus):
    return [(Gradmill if peer == "gradmill" else Peer)(peer, variant, net, mode, batch, cpus)
            for peer, variant, modes in VARIANTS if peer in names and mode in modes]


# --- Gradmill as a compiler ---------------------------------------------------

class Tool:
    """The gradmill command."""

    def __init__(self, program, work):
        self.program, self.work, self.version = program, work, ""
        if not os.access(program, os.X_OK):
            sys.exit(f"bench: {program} is not there; the nets of all peers are read from its JSON. "
                     "Build it: cmake/build gradmill")
        reply = self.run("--version")
        self.version = (reply.stdout.split() or [""])[-1]

    def run(self, *arguments):
        return subprocess.run([self.program, *arguments], stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, text=True)

    def checked(self, *arguments):
        reply = self.run(*arguments)
        if reply.returncode != 0:
            raise RuntimeError(first_error(reply))
        return reply.stdout


def first_error(reply):
    lines = reply.stderr.strip().splitlines()
    errors = [line for line in lines if "error" in line]
    return (errors or lines or [f"exit status {reply.returncode}"])[0]


class Net:
    """A graph file, its JSON for the peers, and what was compiled of it."""

    def __init__(self, name, path, tool):
        self.name, self.path, self.tool, self.made = name, path, tool, {}
        self.json = os.path.join(tool.work, f"{name}.json")
        tool.checked("convert", path, "-o", self.json)
        import graph
        self.graph = graph.Graph(self.json, known=None)
        self.check()

    def check(self):
        """The peers' count of the net must be the compiler's."""
        summary = json.loads(self.tool.checked("summary", self.path, "--json"))
        rows = summary["ops"]
        ours = (sum(row["parameters"] for row in rows),
                sum(row["macs"] for row in rows if row["op"] in ("nn.conv2d", "nn.linear", "nn.matmul")))
        theirs = (self.graph.parameter_count(), self.graph.macs()[0])
        if ours != theirs:
            sys.exit(f"bench: {self.path}: Gradmill counts {ours} parameters and multiply-adds, "
                     f"bench/peers/graph.py {theirs}: one of them is wrong")

    def describe(self):
        return {"parameters": self.graph.parameter_count(), "macs": self.graph.macs(),
                "input": self.graph.input_shape}

    def executable(self, mode, batch, extra=()):
        """(path, None), or (None, why); compiled once."""
        key = "-".join([self.name, mode, str(batch), *(e.strip("-") for e in extra)])
        if key not in self.made:
            path = os.path.join(self.tool.work, key)
            reply = self.tool.run("compile", self.path, f"--{mode}", "--batch", str(batch), *extra,
                                  "-o", path)
            self.made[key] = (path, None) if reply.returncode == 0 else (None, first_error(reply))
        return self.made[key]
