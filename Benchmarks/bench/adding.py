"""`xpmd.attach(xp)` and `add_service`, against experimaestro alone."""

import json
import os
import subprocess

from .daemon import Daemon
from .environments import clean
from .table import median, percentile

EXPERIMENTS = os.path.realpath(os.path.join(os.path.dirname(__file__), "..", "experiments"))


def measure(report, programs, python, scratch, rounds, services=100):
    """Experiments of one process, alone and attached in turn, each with so many services."""
    with Daemon(programs, scratch) as daemon:
        workspace = os.path.join(daemon.state, "experiments")
        environment = clean(os.environ) | {"XPMD_SOCKET": daemon.socket, "XPMD_ATTACH": "0"}
        done = subprocess.run(
            [python, os.path.join(EXPERIMENTS, "adding.py"), workspace, str(rounds), str(services)],
            env=environment, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, timeout=900,
        )
        known = len(daemon.call("service.list", workspace=workspace)["services"])
        if known != services * (rounds + 1):
            raise SystemExit(f"cannot go on: xpmd knows {known} services of {rounds + 1} experiments with {services} each")
    times = json.loads(done.stdout.splitlines()[-1])
    report.section(f"Experiments of experimaestro with {services} services, each addition durable before it returns")
    report.row("xpmd.attach(xp)", median(times["attach"]), "ms")
    alone, attached = median(times["alone"]), median(times["attached"])
    report.row("xp.add_service, experimaestro alone", alone, "ms")
    report.row("xp.add_service, attached, p50", attached, "ms", attached / alone, "alone")
    report.row("xp.add_service, attached, p90", percentile(times["attached"], 0.9), "ms")
