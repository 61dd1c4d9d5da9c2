"""xpmctl status NAME against supervisorctl status NAME and a program that only connects."""

import os

from .daemon import Daemon
from .peer import Supervisord
from .table import median


def measure(report, floors, programs, peer, scratch, rounds):
    """Runs all commands in turn, so that whatever disturbs one disturbs each."""
    report.section("Command line: one status of one service, from exec to exit")
    with Daemon(programs, scratch) as daemon:
        daemon.add(floors, ["service0"], ["sleep", "1000000"])
        daemon.each(floors, "start", ["service0"], "RUNNING")
        status = [os.path.join(programs, "xpmctl"), "status", "service0"]
        commands = {
            "C, connects only": [floors.path("connect"), daemon.socket],
            "xpmctl status": status,
            "xpmctl status --output json": [*status, "--output", "json"],
            "xpmctl --version": [status[0], "--version"],
        }
        times = in_turn(floors, commands, rounds, daemon)
        control = {}
        if peer:
            with Supervisord(peer, scratch, 1, ["sleep", "1000000"]) as other:
                slow = [os.path.join(peer, "supervisorctl"), "-c", other.configuration, "status", "service0"]
                control = in_turn(floors, {"xpmctl": status, "supervisorctl": slow}, max(10, rounds // 10), daemon)
    floor = median(times["C, connects only"])
    report.row("C, connects only", floor, "ms")
    for name in list(commands)[1:]:
        time = median(times[name])
        aim = {} if name == "xpmctl --version" else {"aim": "at most 3 ms", "met": time <= 3e6}
        report.row(name, time, "ms", time / floor, "C", **aim)
    if control:
        ours, theirs = median(control["xpmctl"]), median(control["supervisorctl"])
        report.row("supervisorctl status", theirs, "ms", theirs / floor, "C")
        report.row(
            "xpmctl status, in turn with it", ours, "ms", theirs / ours, "faster",
            aim="at least 40 times faster", met=theirs / ours >= 40,
        )
    else:
        report.skipped("supervisorctl status", "there is no supervisord")


def in_turn(floors, commands, rounds, daemon):
    """Each command's times, in an environment that leads to the daemon."""
    words = []
    for command in commands.values():
        words += ["--", *command] if words else command
    lines = floors.run("commands", rounds, *words, environment=daemon.environment)
    return {name: [line[place] for line in lines] for place, name in enumerate(commands)}
