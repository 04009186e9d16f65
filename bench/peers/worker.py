"""What every peer's process does: warm up, then measure when told to.

Usage of a peer: python PEER.py VARIANT MODE BATCH THREADS CPUS

MODE is train or infer. CPUS, such as 0,1, are those the process may use: some
libraries have no other limit on their threads. On standard input come seconds, one number a line; on
standard output goes one line of JSON for each, after a first one that says
what runs: {"version": ...} or {"absent": "why"}.
"""

import json
import os
import resource
import sys
import time

VARIANT, MODE, BATCH, THREADS = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
# Before any library is imported: they size their thread pools by this.
os.sched_setaffinity(0, {int(cpu) for cpu in sys.argv[5].split(",")})
for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ[name] = str(THREADS)

# Libraries print to standard output; the protocol has it for itself.
_replies = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)


class Absent(Exception):
    """This variant cannot run here; the text says why."""


def _reply(**fields):
    _replies.write(json.dumps(fields) + "\n")
    _replies.flush()


def serve(setup):
    """setup() returns (version, step); step() runs one batch to its end."""
    try:
        version, step = setup()
        begin, warm = time.perf_counter(), 0
        # Compilation, allocation, clocks: at least ten steps and half a second.
        while warm < 10 or time.perf_counter() - begin < 0.5:
            step()
            warm += 1
    except Absent as why:
        return _reply(absent=str(why))
    except Exception as error:  # a peer that fails is left out, with its reason
        text = str(error).strip().splitlines()
        return _reply(absent=f"{type(error).__name__}: {text[0] if text else ''}"[:160])
    _reply(version=version)
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
        _reply(images_per_second=steps * BATCH / elapsed,
               peak_rss_mb=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
