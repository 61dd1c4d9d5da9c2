"""Adds services to experiments, alone and attached in turn: `adding.py WORKSPACE ROUNDS SERVICES`; prints nanoseconds as JSON."""

import json
import sys
import time
from pathlib import Path

from experimaestro import experiment
from idle import Idle

import xpmd


def timed(function, *arguments):
    begin = time.monotonic_ns()
    function(*arguments)
    return time.monotonic_ns() - begin


def main():
    workspace, rounds, services = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    times = {"attach": [], "alone": [], "attached": []}
    # The round before the first starts the connection, and does not count.
    for round in range(-1, rounds):
        for how in ("alone", "attached"):
            with experiment(workspace, f"{how}{round}", no_environmental_impact=True) as xp:
                attach = timed(xpmd.attach, xp) if how == "attached" else None
                added = [timed(xp.add_service, Idle(f"idle{number}")) for number in range(services)]
            if round >= 0:
                times[how] += added
                times["attach"] += [attach] if attach is not None else []
    print(json.dumps(times))


if __name__ == "__main__":
    main()
