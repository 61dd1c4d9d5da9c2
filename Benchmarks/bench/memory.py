"""What xpmd and its keeper keep resident, against supervisord."""

import time

from .daemon import Daemon
from .machine import memory
from .peer import Supervisord
from .starting import SLEEP

# What stays is measured, not what a burst has left free: xpmd gives that back 3 s behind it.
QUIET = 5


def measure(report, floors, programs, peer, scratch):
    """Idle after a first request, and with 1,000 services that run."""
    report.section("Memory, resident (and proportional) bytes")
    names = [f"service{number}" for number in range(1000)]
    with Daemon(programs, scratch) as daemon:
        row(report, "idle", daemon)
        daemon.add(floors, names, SLEEP)
        daemon.each(floors, "start", names, "RUNNING")
        ours = row(report, "1,000 services", daemon)
    if not peer:
        return report.skipped("supervisord", "there is none")
    with Supervisord(peer, scratch, 1, SLEEP) as other:
        time.sleep(QUIET)
        report.row("supervisord, 1 service", memory(other.process.pid)["rss"], "MB")
    with Supervisord(peer, scratch, 1000, SLEEP) as other:
        time.sleep(QUIET)
        theirs = memory(other.process.pid)["rss"]
        report.row("supervisord, 1,000 services", theirs, "MB", theirs / ours, "xpmd + keeper")
        report.row("supervisord, from exec to 1,000 RUNNING", other.started_in, "ms")


def row(report, title, daemon):
    """Both processes and their sum; returns the sum."""
    time.sleep(QUIET)
    status = daemon.call("daemon.status")
    xpmd, keeper = memory(status["pid"]), memory(status["keeper_pid"])
    for name, sizes in (("xpmd", xpmd), ("xpm-keeper", keeper)):
        note = f"proportional {sizes['pss'] / 1e6:.1f}, anonymous {sizes['anonymous'] / 1e6:.1f}"
        report.row(f"{name}, {title}", sizes["rss"], "MB", note=note)
    total = xpmd["rss"] + keeper["rss"]
    report.row(f"together, {title}", total, "MB", aim="at most 24 MB", met=total <= 24e6)
    return total
