"""From the death of a service to the first instruction of its replacement, which the services tell themselves."""

import contextlib
import os
import shutil
import subprocess
import tempfile

from .daemon import Daemon
from .peer import Supervisord
from .table import median, percentile

# runsv waits a second for services that lived for less than that.
LONG_ENOUGH = 1100
# Whatever disturbs one measurement must not last into the next.
PAUSE = 20


def measure(report, floors, programs, peer, scratch, rounds):
    """xpmd, with the decision on record before it is carried out, against the fastest loop there is and those who only keep going."""
    report.section("A service that is restarted: from SIGKILL to the replacement's first instruction")
    times = {"C": [], "xpmd": []}
    folder = tempfile.mkdtemp(prefix="restarts-")
    try:
        for number in range(3):
            times["C"] += guarded(floors, fifo_in(folder, f"c{number}"), rounds)
            times["xpmd"] += supervised(floors, programs, scratch, fifo_in(folder, f"x{number}"), rounds)
        floor, ours = median(times["C"]), median(times["xpmd"])
        report.row("C, vfork and execve", floor, "ms")
        report.row("xpmd, p50, two commits", ours, "ms", ours / floor, "C")
        report.row("xpmd, p90", percentile(times["xpmd"], 0.9), "ms")
        others(report, floors, peer, scratch, folder, ours)
    finally:
        shutil.rmtree(folder)


def others(report, floors, peer, scratch, folder, ours):
    """Those who are installed; two of them wait for a second by design, so a few rounds will do."""
    for name, run in (("runsv", runsv), ("s6-supervise", s6)):
        if not shutil.which(name):
            report.skipped(name, "it is not installed")
            continue
        theirs = median(run(floors, folder))
        report.row(f"{name}, p50, nothing on the disk", theirs, "ms", theirs / ours, "xpmd")
    if not peer:
        return report.skipped("supervisord", "there is none")
    fifo = fifo_in(folder, "supervisord")
    with Supervisord(peer, scratch, 1, [floors.path("first"), fifo]):
        theirs = median(line[0] for line in floors.run("restarts", fifo, 5, 300))
    report.row("supervisord, p50, nothing on the disk", theirs, "ms", theirs / ours, "xpmd")


def fifo_in(folder, name):
    """A new FIFO."""
    path = os.path.join(folder, name)
    os.mkfifo(path)
    return path


def guarded(floors, fifo, rounds):
    """The floor's times."""
    with running([floors.path("guard"), floors.path("first"), fifo]):
        return [line[0] for line in floors.run("restarts", fifo, rounds, PAUSE)]


def supervised(floors, programs, scratch, fifo, rounds):
    """Our times."""
    with Daemon(programs, scratch) as daemon:
        restart = {"policy": "on-failure", "delay_s": 0, "limit": 0}
        daemon.add(floors, ["service0"], [floors.path("first"), fifo], restart=restart)
        daemon.call("service.start", service=daemon.reference("service0"))
        times = [line[0] for line in floors.run("restarts", fifo, rounds, PAUSE)]
        daemon.each(floors, "stop", ["service0"], "STOPPED")
        return times


def runsv(floors, folder):
    """Times of runit's supervisor."""
    fifo, service = fifo_in(folder, "runsv"), os.path.join(folder, "runsv.d")
    script(service, "run", floors, fifo)
    with running(["runsv", service]):
        return [line[0] for line in floors.run("restarts", fifo, 5, LONG_ENOUGH)]


def s6(floors, folder):
    """Times of s6's supervisor."""
    fifo, service = fifo_in(folder, "s6"), os.path.join(folder, "s6.d")
    script(service, "run", floors, fifo)
    with running(["s6-supervise", service]):
        return [line[0] for line in floors.run("restarts", fifo, 5, LONG_ENOUGH)]


def script(folder, name, floors, fifo):
    """A service's folder with its script."""
    os.mkdir(folder)
    path = os.path.join(folder, name)
    with open(path, "w") as file:
        file.write(f"#!/bin/sh\nexec {floors.path('first')} {fifo}\n")
    os.chmod(path, 0o700)


@contextlib.contextmanager
def running(command):
    """A supervisor that ends, and its service with it, by SIGTERM."""
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    try:
        yield process
    finally:
        process.terminate()
        process.wait(timeout=60)
