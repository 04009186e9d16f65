"""The machine: its CPUs, their kind, and their multiply-add speed."""

import contextlib
import datetime
import json
import os
import platform
import subprocess
import sys


def say(text):
    print(text, file=sys.stderr, flush=True)


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


def describe():
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
            "python": platform.python_version(), "load": round(os.getloadavg()[0], 2),
            "date": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds")}


def pin(cpus):
    """For subprocess's preexec_fn."""
    return lambda: os.sched_setaffinity(0, cpus)


def measure_peak(program, cpus, seconds):
    """GFLOP/s of all these CPUs together, and the instruction set."""
    reply = subprocess.run([program, str(len(cpus)), str(seconds)], stdout=subprocess.PIPE,
                           check=True, text=True, preexec_fn=pin(cpus))
    peak = json.loads(reply.stdout)
    return peak["gflops"], peak["isa"]


@contextlib.contextmanager
def busy(count, cpus):
    """Starts processes that only compute, on these CPUs."""
    loop = [sys.executable, "-c", "while True: pass"]
    processes = [subprocess.Popen(loop, preexec_fn=pin(cpus)) for _ in range(count)]
    try:
        yield
    finally:
        for process in processes:
            process.kill()
            process.wait()


def free_memory_gb():
    with open("/proc/meminfo") as file:
        return next(int(line.split()[1]) for line in file if line.startswith("MemAvailable")) / 2**20
