"""From a service's write(2) to the screen of whoever follows its log."""

import os
import shutil
import subprocess

from .daemon import Daemon
from .table import median, percentile

OTHERS = 200
# Each of the others writes so often on both streams, on average; the one that is followed more often.
PAUSE = "100"
TALKER = "10"


def measure(report, floors, programs, scratch, rounds, lines):
    """Alone, and beside services that write; the line has the moment of its write(2), by the clock that reads it."""
    with Daemon(programs, scratch) as daemon:
        daemon.add(floors, ["talker"], [floors.path("talker"), TALKER])
        daemon.each(floors, "start", ["talker"], "RUNNING")
        compare(report, floors, daemon, rounds, lines, "alone")
        names = [f"other{number}" for number in range(OTHERS)]
        daemon.add(floors, names, [floors.path("talker"), PAUSE, "both"])
        daemon.each(floors, "start", names, "RUNNING")
        compare(report, floors, daemon, rounds, lines, f"beside {OTHERS} services with 20 lines a second each")


def compare(report, floors, daemon, rounds, lines, where):
    """Who shows the same lines, in turn."""
    report.section(f"Logs: from write(2) to a follower's screen, {rounds * lines:,} lines, {where}")
    path = daemon.call("service.get", service=daemon.reference("talker"))["service"]["stdout"]
    followers = {
        "xpmctl logs -f": [os.path.join(daemon.programs, "xpmctl"), "logs", "-f", "-n", "0", "talker"],
        "tail -F of the service's log": [shutil.which("tail"), "-n", "0", "-F", path],
    }
    times = {name: [] for name in followers}
    bare = []
    for _ in range(rounds):
        bare += piped(floors, lines)
        for name, command in followers.items():
            seen = floors.run("screen", lines, *command, environment=daemon.environment, folder=daemon.workspace)
            times[name] += [line[0] for line in seen]
    floor = median(bare)
    show(report, "C, a pipe and its reader", bare, floor)
    show(report, "tail -F of the service's log", times["tail -F of the service's log"], floor)
    show(report, "xpmctl logs -f", times["xpmctl logs -f"], floor, aim="at most 20 ms at p99")


def piped(floors, lines):
    """The floor: nothing but a pipe between them."""
    talker = subprocess.Popen([floors.path("talker"), TALKER], stdout=subprocess.PIPE, start_new_session=True)
    try:
        done = subprocess.run(
            [floors.path("screen"), str(lines)], stdin=talker.stdout, stdout=subprocess.PIPE, check=True, timeout=600, text=True
        )
        return [int(word) for word in done.stdout.split()]
    finally:
        talker.stdout.close()
        talker.kill()
        talker.wait()


def show(report, name, times, floor, aim=None):
    """Median, p99 and the longest."""
    last = percentile(times, 0.99)
    report.row(f"{name}, p50", median(times), "ms", median(times) / floor, "pipe, p50")
    report.row(f"{name}, p99", last, "ms", aim=aim, met=last <= 20e6 if aim else None)
    report.row(f"{name}, longest", max(times), "ms")
