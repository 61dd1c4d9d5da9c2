"""experimaestro's services under xpmd: the hook, additions, and a host for each of many services."""

import os
import subprocess

from . import adding, environments, hook, hosts


def measure(report, floors, programs, scratch, scale, services):
    """All of it, in environments that are made for it."""
    try:
        python = environments.experimaestro(os.path.join(os.path.dirname(scratch), "experimaestro"))
        wheel = environments.wheel(python, scratch)
        environments.pip(python, wheel, by=python)
    except (OSError, subprocess.CalledProcessError) as failure:
        said = (getattr(failure, "stderr", None) or str(failure)).strip().splitlines()
        return report.skipped("experimaestro's services", f"cannot install what they need: {said[-1] if said else failure}")
    hook.measure(report, floors, wheel, python, scratch, 50 * scale)
    adding.measure(report, programs, python, scratch, 1 + scale)
    hosts.measure(report, programs, python, scratch, services)
