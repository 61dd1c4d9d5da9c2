"""Stops of many services at once, until each is STOPPED, against signals and waits in C."""

import os
import subprocess
import time

from .daemon import Daemon
from .peer import Supervisord
from .starting import SLEEP
from .table import median

MANY = 1000


def measure(report, floors, programs, peer, scratch, rounds):
    """One stop, a thousand pipelined ones, and those of a thousand by supervisorctl."""
    report.section("1,000 stops at once, until the last service is STOPPED, with nothing left of it")
    names = [f"service{number}" for number in range(MANY)]
    single, many, bare_one, bare = [], [], [], []
    with Daemon(programs, scratch) as daemon:
        daemon.add(floors, names, SLEEP)
        for _ in range(rounds):
            for _ in range(5):
                daemon.each(floors, "start", names[:1], "RUNNING")
                single.append(daemon.each(floors, "stop", names[:1], "STOPPED"))
            bare_one += [line[0] for line in floors.run("stops", 1, 5, *SLEEP)]
            daemon.each(floors, "start", names, "RUNNING")
            many.append(daemon.each(floors, "stop", names, "STOPPED"))
            bare.append(floors.run("stops", MANY, 1, *SLEEP)[0][0])
    one, all_, floor = median(single), median(many), median(bare)
    report.row("C, SIGTERM and waitpid of one", median(bare_one), "ms")
    report.row("one service.stop", one, "ms", one / median(bare_one), "C")
    report.row("C, SIGTERM and waitpid of 1,000", floor, "ms")
    report.row("1,000 pipelined service.stop", all_, "ms", all_ / floor, "C")
    report.row("the same, each", all_ / MANY, "ms", all_ / MANY / one, "one service.stop")
    if not peer:
        return report.skipped("supervisorctl stop all", "there is no supervisord")
    with Supervisord(peer, scratch, MANY, SLEEP) as other:
        begin = time.monotonic_ns()
        subprocess.run(
            [os.path.join(peer, "supervisorctl"), "-c", other.configuration, "stop", "all"],
            check=True, stdout=subprocess.DEVNULL, timeout=600,
        )
        theirs = time.monotonic_ns() - begin
    report.row("supervisorctl stop all, of 1,000", theirs, "ms", theirs / all_, "xpmd")
