"""What it takes to read a long log: its last lines, and those that match."""

import os
import shutil
import subprocess
import time

from . import writers
from .daemon import Daemon
from .table import median
from .writing import UNROTATED

# Of the writer's ten digits: a text that a search can leap to, and an expression that has to be tried.
PATTERNS = {"a text, 10 lines in a GB": "^0001234(56|57)[0-4]", "an expression, 1 line in 500": "(7[0-4]){2}[05]0?[.]"}


def measure(report, floors, programs, scratch, rounds, lines):
    """Of one file that a service wrote, all of it in the kernel's cache."""
    load = writers.Load(lines, 65_536)
    with Daemon(programs, scratch) as daemon:
        report.section(f"Logs: reading one of {load.bytes / 1e6:,.0f} MB, {lines:,} lines")
        writers.wake(floors, daemon)
        writers.service(floors, daemon, "writer", load, UNROTATED)
        path = daemon.call("service.get", service=daemon.reference("writer"))["service"]["stdout"]
        command = [os.path.join(programs, "xpmctl"), "logs", "writer", "-n"]
        last(report, floors, daemon, [*command, "100"], [shutil.which("tail"), "-n", "100", path], 10 * rounds)
        for name, pattern in PATTERNS.items():
            theirs = [shutil.which("grep"), "-P", pattern, path]
            searched(report, daemon, name, [*command, str(lines), "--grep", pattern], theirs, load, rounds)


def last(report, floors, daemon, ours, theirs, rounds):
    """The last hundred lines."""
    times = floors.run("commands", rounds, *theirs, "--", *ours, environment=daemon.environment, folder=daemon.workspace)
    floor, time_ = (median([line[place] for line in times]) for place in (0, 1))
    report.row("tail -n 100", floor, "ms")
    report.row("xpmctl logs -n 100", time_, "ms", time_ / floor, "tail")


def searched(report, daemon, name, ours, theirs, load, rounds):
    """All lines that match; grep has the same expressions by -P."""
    times, found = {"ours": [], "theirs": []}, {}
    for _ in range(rounds):
        for whose, command in (("theirs", theirs), ("ours", ours)):
            begin = time.monotonic_ns()
            done = subprocess.run(
                command, env=daemon.environment | {"LC_ALL": "C"}, cwd=daemon.workspace, stdout=subprocess.PIPE, check=True, timeout=900
            )
            times[whose].append(time.monotonic_ns() - begin)
            found[whose] = done.stdout
    if found["ours"] != found["theirs"]:
        raise SystemExit(f"cannot go on: {ours} finds {len(found['ours']):,} bytes, grep {len(found['theirs']):,}")
    floor, rate = (load.bytes / median(times[whose]) * 1e9 for whose in ("theirs", "ours"))
    report.row(f"grep -P, {name}, a second", floor, "MB", note=f"{found['ours'].count(10)} lines")
    report.row("xpmctl logs --grep, the same, a second", rate, "MB", rate / floor, "grep -P")
