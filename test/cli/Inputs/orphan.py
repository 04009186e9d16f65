"""orphan.py COMMAND ...: kills a sweep; the run that it has started ends, too."""
import os
import pathlib
import signal
import subprocess
import sys
import time


def children(of):
    found = []
    for folder in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == of and fields[0] != "Z":
            found.append(int(folder.name))
    return found


def alive(process):
    try:
        return pathlib.Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


sweep = subprocess.Popen(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
while not (runs := children(sweep.pid)):
    assert sweep.poll() is None, sweep.returncode
    time.sleep(0.05)
time.sleep(0.5)
sweep.kill()
sweep.wait()
for _ in range(200):
    if not any(alive(run) for run in runs):
        break
    time.sleep(0.1)
else:
    for run in runs:
        os.kill(run, signal.SIGKILL)
    sys.exit("the run goes on without its sweep")
print("ok")
