"""Runs a command, and kills one of its processes once a file is there.

usage: kill_rank.py FILE RANK COMMAND ...

RANK counts the command's own children by their process number. Prints what the command says. The exit status is
that of the command, which must end by itself.
"""
import os
import pathlib
import signal
import subprocess
import sys
import time

PATIENCE = 60  # seconds, for a machine under load


def children(pid):
    return sorted(map(int, pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()))


def main():
    file, rank, command = pathlib.Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3:]
    job = subprocess.Popen(command, stderr=subprocess.STDOUT)
    end = time.monotonic() + PATIENCE
    while not file.exists():
        if job.poll() is not None or time.monotonic() > end:
            sys.exit(f"{file} never appeared")
        time.sleep(0.01)
    os.kill(children(job.pid)[rank], signal.SIGKILL)
    try:
        sys.exit(job.wait(PATIENCE))
    except subprocess.TimeoutExpired:
        job.kill()
        sys.exit("the job goes on without the rank")


main()
