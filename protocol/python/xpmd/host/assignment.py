"""What xpmd wants to be run: the file that it leaves for the host, and what of the environment was for the host only."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import dataclass
from typing import Any

from .errors import HostError


@dataclass(frozen=True)
class Assignment:
    """One service to recreate; the keys are those of the file."""

    service_class: str
    state_dict: dict[str, Any]
    id: str
    #: The sub-service that is meant, of the composite that `service_class` is.
    part: str | None
    #: The script whose `__main__` holds the class.
    main: str | None
    #: What that script was given on its command line; it may read that before it defines the class.
    argv: list[str]
    #: sys.path of the process that added the service.
    path: list[str] | None
    #: Where the log files of the service are.
    log_directory: str | None

    @property
    def name(self) -> str:
        """The service's id as people write it."""
        return f"{self.id}/{self.part}" if self.part else self.id


def take(environment: os._Environ[str]) -> Assignment:
    """Reads and removes the file `XPM_HOST`, and gives the environment and `sys.path` back to the service."""
    file = environment.pop("XPM_HOST", None)
    if not file:
        raise HostError("cannot run a service: XPM_HOST does not name the file that says which")
    try:
        with open(file, encoding="utf-8") as stream:
            content = json.load(stream)
        os.unlink(file)
    except (OSError, ValueError) as error:
        raise HostError(f"cannot read what is to be run from '{file}': {error}") from error
    _restore(environment, content.get("pythonpath"))
    assignment = Assignment(
        service_class=content["class"],
        state_dict=content["state_dict"],
        id=content["id"],
        part=content.get("part"),
        main=content.get("main"),
        argv=content.get("argv") or [],
        path=content.get("path"),
        log_directory=content.get("log_directory"),
    )
    sys.path[:] = _search_path(assignment.path or [], sys.path)
    return assignment


def _search_path(recorded: list[str], own: list[str]) -> list[str]:
    """The folders of the process that added the service, or that were found in a workspace, and then the interpreter's own."""
    # With `-m` the current folder is in front: files there are not to be taken for modules of others.
    here = os.getcwd()
    if own and own[0] in ("", here):
        own = own[1:]
    found = [*recorded, *(entry for entry in own if entry not in recorded)]
    return found if here in found else [*found, here]


def _restore(environment: os._Environ[str], pythonpath: str | None) -> None:
    # What the service starts must neither find the host's package nor register with xpmd by itself.
    if pythonpath is None:
        environment.pop("PYTHONPATH", None)
    else:
        environment["PYTHONPATH"] = pythonpath
    environment.pop("XPMD_SOCKET", None)
    environment["XPMD_ATTACH"] = "0"
    package = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    theirs = (pythonpath or "").split(os.pathsep)
    sys.path[:] = [entry for entry in sys.path if entry in theirs or os.path.abspath(entry) != package]
