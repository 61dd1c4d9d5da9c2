"""What a service gets of the process that adds it, beside environment and folder: what a program started from there would inherit."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .methods import AddService
    from .types.definitions import Definition
    from .types.policies import Caller

# The names of setrlimit(2) in small letters, and their numbers on Linux.
_LIMITS = {
    "cpu": 0, "fsize": 1, "data": 2, "stack": 3, "core": 4, "rss": 5, "nproc": 6, "nofile": 7, "memlock": 8, "as": 9,
    "locks": 10, "sigpending": 11, "msgqueue": 12, "nice": 13, "rtprio": 14, "rttime": 15,
}
# Others have no process of the daemon's.
_KINDS = ("command", "template", "recreate")


def of_this_process() -> Caller:
    """The settings of this process."""
    import resource

    from .types.policies import Caller

    # To read the mask by umask(2) is to change it for a moment, for all threads.
    status = dict(line.split(":", 1) for line in _text("/proc/self/status").splitlines() if ":" in line)
    umask, cpus = status.get("Umask", "").strip(), status.get("Cpus_allowed_list", "").strip()
    score = _text("/proc/self/oom_score_adj").strip()
    limits = dict[str, tuple[int, ...]]()
    for name, number in _LIMITS.items():
        try:
            limits[name] = tuple(resource.getrlimit(number))
        except (OSError, ValueError):
            pass  # A kernel that does not know it.
    return Caller(
        umask=int(umask, 8) if umask else None,
        nice=os.getpriority(os.PRIO_PROCESS, 0),
        # All of them is no wish: there may be more of them some day.
        cpus=cpus if cpus and cpus != _text("/sys/devices/system/cpu/online").strip() else None,
        oom_score=int(score) if score else None,
        rlimits=limits,
    )


def filled(request: AddService) -> AddService:
    """The same, with the settings of this process for what says nothing of its caller's."""
    caller = of_this_process()
    parts = request.sub_services
    return request.replace(
        definition=_with(request.definition, caller),
        sub_services=None if parts is None else tuple(part.replace(definition=_with(part.definition, caller)) for part in parts),
    )


def _with(definition: Definition, caller: Caller) -> Definition:
    if definition.caller is not None or definition.run.kind not in _KINDS:
        return definition
    return definition.replace(caller=caller)


def _text(path: str) -> str:
    try:
        with open(path, encoding="ascii", errors="replace") as file:
            return file.read()
    except OSError:
        return ""
