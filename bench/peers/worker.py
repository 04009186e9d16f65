"""What every peer's process does: warm up, then measure when told to.

Usage of a peer: python PEER.py GRAPH.json VARIANT MODE BATCH THREADS CPUS BORN

MODE is train or infer. CPUS, such as 0,1, are those the process may use: some
libraries have no other limit on their threads. BORN is the monotonic clock when
the process was started. On standard input come seconds, one number a line; on
standard output goes one line of JSON for each, after a first one that says
what runs: {"version": ..., "first_step_seconds": ...} or {"absent": "why"}.
"""

import json
import os
import sys
import time

GRAPH, VARIANT, MODE = sys.argv[1:4]
BATCH, THREADS = int(sys.argv[4]), int(sys.argv[5])
BORN = float(sys.argv[7])
# Before any library is imported: they size their thread pools by this.
os.sched_setaffinity(0, {int(cpu) for cpu in sys.argv[6].split(",")})
for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ[name] = str(THREADS)

# Libraries print to standard output; the protocol has it for itself.
_replies = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)


class Absent(Exception):
    """This variant cannot run here; the text says why."""


def graph(more=()):
    """The net; `more` are the ops that this peer has a form for beside those of all."""
    import graph as description
    try:
        return description.Graph(GRAPH, known=description.KNOWN | set(more))
    except description.Unknown as why:
        raise Absent(str(why))


def _reply(**fields):
    _replies.write(json.dumps(fields) + "\n")
    _replies.flush()


def _peak_rss_mb():
    # Not getrusage's: that begins with what the parent had when it forked.
    with open("/proc/self/status") as file:
        for line in file:
            if line.startswith("VmHWM"):
                return int(line.split()[1]) / 1024
    return None


def serve(setup):
    """setup() returns (version, step) or (version, step, notes); step() runs one
    batch to its end."""
    try:
        version, step, *notes = setup()
        step()
        first = time.monotonic() - BORN
        begin, warm = time.perf_counter(), 1
        # Compilation, allocation, clocks: at least ten steps and half a second.
        while warm < 10 or time.perf_counter() - begin < 0.5:
            step()
            warm += 1
    except Absent as why:
        return _reply(absent=str(why))
    except Exception as error:  # a peer that fails is left out, with its reason
        text = str(error).strip().splitlines()
        return _reply(absent=f"{type(error).__name__}: {text[0] if text else ''}"[:160])
    _reply(version=version, first_step_seconds=first, **(notes[0] if notes else {}))
    for line in sys.stdin:
        seconds = float(line)
        for _ in range(3):  # the caches held another process's data
            step()
        steps, begin = 0, time.perf_counter()
        while True:
            step()
            steps += 1
            elapsed = time.perf_counter() - begin
            if elapsed >= seconds:
                break
        _reply(images_per_second=steps * BATCH / elapsed, peak_rss_mb=_peak_rss_mb())
