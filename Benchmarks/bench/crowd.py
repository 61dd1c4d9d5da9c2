"""xpm-logger with as many services as it has to be quick for: its memory, and what its pipes are."""

import os
import time

from . import logger, ordinary
from .daemon import Daemon
from .machine import memory
from .memory import QUIET
from .writers import Load, service, wake
from .writing import UNROTATED

SERVICES = 1000
# Each writes a line to both streams so often, on average.
PAUSE = "1000"
WATCHED = 10
AIM = 6e6


def measure(report, floors, programs, scratch, lines):
    """Idle, and with a thousand services with two streams each, which have written and go on writing a little."""
    facts, who = ordinary.by(scratch, lambda folder: look(floors, programs, folder, lines))
    report.section(f"Logs: xpm-logger with {SERVICES:,} services of {who} with two streams each")
    row(report, "idle, one service that writes nothing", facts["idle"])
    row(report, f"{SERVICES:,} services, a line a second each", facts["busy"])
    report.row("its processor time, a second", facts["worked"], "ms")
    report.row("pipes of 64 KiB", facts["large"], "")
    report.row("pipes of 8 KiB, beyond what a user may have", facts["small"], "")
    if not facts["small"]:
        report.skipped("8 KiB pipes", f"the limit does not hold for {who}, or is higher here")
    rate = lines * 100 / facts["took"] * 1e9
    report.row(f"100-byte lines, pipe of {facts['last'] // 1024} KiB, beside them", rate, "MB", note=f"{facts['wrong']} lines wrong")


def row(report, what, sizes):
    """Resident bytes, with those that are shared divided."""
    note = f"proportional {sizes['pss'] / 1e6:.1f}, anonymous {sizes['anonymous'] / 1e6:.1f}"
    report.row(what, sizes["rss"], "MB", aim="at most 6 MB, resident", met=sizes["rss"] <= AIM, note=f"; {note}")


def look(floors, programs, folder, lines):
    """All of it, by whom this is for; what comes back is plain."""
    names = [f"service{number}" for number in range(SERVICES)]
    with Daemon(programs, folder) as daemon:
        pid = wake(floors, daemon)
        time.sleep(QUIET)
        facts = {"idle": memory(pid)}
        daemon.add(floors, names, [floors.path("talker"), PAUSE, "both"], log=UNROTATED)
        daemon.each(floors, "start", names, "RUNNING")
        records = [record for record in daemon.call("service.list")["services"] if record["id"] in set(names)]
        written(records)
        time.sleep(QUIET)
        before = logger.worked(pid)
        time.sleep(WATCHED)
        facts["worked"] = (logger.worked(pid) - before) // WATCHED
        facts["busy"] = memory(pid)
        sizes = logger.sizes_of_pipes(record["pid"] for record in records)
        facts["large"], facts["small"] = sizes.count(logger.PIPE), sum(size < logger.PIPE for size in sizes)
        outcome = service(floors, daemon, "writer", Load(lines, 100), UNROTATED)
        facts |= {"took": outcome.took, "wrong": outcome.wrong, "last": min(sizes)}
        return facts


def written(records):
    """Waits until each has written into both of its logs."""
    deadline = time.monotonic() + 120
    for path in (record[stream] for record in records for stream in ("stdout", "stderr")):
        while not (os.path.exists(path) and os.path.getsize(path)):
            if time.monotonic() > deadline:
                raise SystemExit(f"cannot go on: {path} has no line")
            time.sleep(0.01)
