"""A service object from its class and state_dict, as experimaestro's `Service.from_state_dict` makes it."""

from __future__ import annotations

import atexit
import os
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

from . import classes
from .assignment import Assignment
from .errors import HostError, described


def recreate(assignment: Assignment) -> list[Any]:
    """The services to run: the one that is meant, or all parts of a composite that has nothing of its own to run."""
    service = _construct(assignment)
    parts = _parts(service, assignment)
    if assignment.part:
        chosen = [part for part in parts if part.id == assignment.part]
        if not chosen:
            known = ", ".join(sorted(str(part.id) for part in parts if part is not service)) or "none"
            raise HostError(
                f"cannot run '{assignment.name}': {assignment.service_class} has no part "
                f"'{assignment.part}' (it has: {known})"
            )
    elif startable(service):
        chosen = [service]
    else:
        chosen = [part for part in parts if startable(part)]
    if not chosen or not all(startable(service) for service in chosen):
        raise HostError(f"cannot run '{assignment.name}': {assignment.service_class} has nothing to start")
    _direct_logs([service, *parts], chosen, assignment.log_directory)
    return chosen


def startable(service: Any) -> bool:
    """Whether there is a way to start it."""
    return callable(getattr(service, "get_url", None)) or callable(getattr(service, "start", None))


def arguments(state_dict: dict[str, Any]) -> dict[str, Any]:
    """The constructor's arguments: `__path__` objects become paths at every level, other `__` keys are dropped."""
    return {key: _argument(value) for key, value in state_dict.items() if not key.startswith("__")}


def _argument(value: Any) -> Any:
    if isinstance(value, dict):
        return Path(value["__path__"]) if "__path__" in value else arguments(value)
    if isinstance(value, list):
        return [_argument(item) for item in value]
    return value


def _construct(assignment: Assignment) -> Any:
    name, state_dict = assignment.service_class, assignment.state_dict
    if state_dict.get("__unserializable__"):
        reason = state_dict.get("__reason__", "its class says so")
        raise HostError(f"cannot recreate '{assignment.name}': {reason}")
    service_class = classes.find(name, assignment.main, assignment.argv)
    services = sys.modules.get("experimaestro.scheduler.services")
    if services is None or not issubclass(service_class, services.Service):
        raise HostError(f"cannot recreate '{assignment.name}': {name} is no service of experimaestro")
    try:
        service = service_class(**arguments(state_dict))
    except Exception as error:
        raise HostError(
            f"cannot recreate '{assignment.name}' as {name}({', '.join(arguments(state_dict))}): {described(error)}"
        ) from error
    if not hasattr(service, "id"):
        service.id = assignment.id
    return service


def _parts(service: Any, assignment: Assignment) -> list[Any]:
    # Versions of experimaestro before 2.6 have no sub-services.
    if not hasattr(service, "subservices"):
        return [service]
    try:
        return list(service.subservices())
    except Exception as error:
        raise HostError(f"cannot list the parts of '{assignment.name}': {described(error)}") from error


def _direct_logs(services: list[Any], chosen: list[Any], folder: str | None) -> None:
    for service in services:
        if folder is not None and (service in chosen or getattr(service, "log_directory", None) is None):
            service.log_directory = Path(folder)
        elif getattr(service, "log_directory", None) is None:
            service.log_directory = _stand_in()


def _stand_in() -> Path:
    """A folder in which the host's output has the names that classes look for."""
    folder = Path(tempfile.mkdtemp(prefix="xpm-service-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    for descriptor, name in ((1, "logs.out"), (2, "logs.err")):
        (folder / name).symlink_to(os.readlink(f"/proc/self/fd/{descriptor}"))
    return folder
