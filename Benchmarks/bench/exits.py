"""From the death of a program to the event at a listener of supervisord, which puts nothing on the disk."""

import os
import random
import shutil
import signal
import sys
import tempfile
import time

from .peer import Supervisord
from .starting import SLEEP
from .table import median, percentile


def measure(report, peer, scratch, ours, rounds):
    """The peer's figure beside ours."""
    if not peer:
        return report.skipped("supervisord, SIGKILL to its event", "there is no supervisord")
    folder = tempfile.mkdtemp(prefix="listener-")
    fifo = os.path.join(folder, "events")
    os.mkfifo(fifo)
    listener = f"{sys.executable} {os.path.join(os.path.dirname(__file__), 'listener.py')} {fifo}"
    try:
        # Read and write: opening a FIFO only to read waits for whoever writes.
        with os.fdopen(os.open(fifo, os.O_RDWR), "rb", buffering=0) as events:
            times = []
            with Supervisord(peer, scratch, 1, SLEEP, listener):
                for _ in range(rounds):
                    pid = wait(events, "RUNNING")[0]
                    # It looks for the dead once a second, so a moment within the second is drawn by lot.
                    time.sleep(random.uniform(0.05, 1.05))
                    killed = time.monotonic_ns()
                    os.kill(pid, signal.SIGKILL)
                    times.append(wait(events, "EXITED")[1] - killed)
        report.row("supervisord, SIGKILL to its event, p50, no commit", median(times), "ms", median(times) / ours, "xpmd")
        report.row("supervisord, SIGKILL to its event, p90", percentile(times, 0.9), "ms")
    finally:
        shutil.rmtree(folder)


def wait(events, state):
    """The pid and the time of the next event of that kind."""
    while True:
        line = b""
        while not line.endswith(b"\n"):
            line += events.read(1)
        kind, pid, moment = line.split()
        if kind.decode() == state:
            return int(pid), int(moment)
