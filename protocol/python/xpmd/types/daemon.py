"""What the daemon reports about itself, templates and logs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Mapping

from ..json import JSON
from ..times import Time
from .records import Record
from .web import WebPage


@dataclass(frozen=True)
class Greeting(Record):
    """The reply to ``hello``. Limits are in bytes; numbers of events and attempts have a meaning only within one ``instance``."""

    version: int
    daemon: str
    pid: int
    instance: str
    request_limit: int
    reply_limit: int


@dataclass(frozen=True)
class DaemonStatus(Record):
    """The daemon's condition. ``services`` counts them by state; ``linger`` is whether they live on after a logout.

    ``starts_at_boot`` is whether something starts xpmd at boot, None where no service needs it.
    """

    version: str
    pid: int
    started_at: Time
    instance: str
    socket: str
    state_folder: str
    services: Mapping[str, int]
    last_event: int
    connections: int
    keeper_pid: int | None = None
    storage_fault: str | None = None
    storage_note: str | None = None
    keeper_fault: str | None = None
    logger_fault: str | None = None
    watch_fault: str | None = None
    cgroup: str | None = None
    controllers: tuple[str, ...] | None = None
    linger: bool | None = None
    starts_at_boot: bool | None = None
    settings_fault: str | None = None
    strays: int | None = None
    web: WebPage | None = None
    web_fault: str | None = None


@dataclass(frozen=True)
class Stray(Record):
    """A process that no service on record owns; ``stray`` is the number by which it is adopted, stopped or ignored.

    ``processes`` are those that are left where the main one has ended; ``workspace`` to ``id`` name the service that it was
    started for.
    """

    stray: int
    pid: int | None = None
    processes: tuple[int, ...] | None = None
    since: Time | None = None
    command: tuple[str, ...] | None = None
    folder: str | None = None
    stdout: str | None = None
    stderr: str | None = None
    workspace: str | None = None
    experiment: str | None = None
    run: str | None = None
    id: str | None = None
    cause: str | None = None
    ignored: bool | None = None
    stopping: bool | None = None


@dataclass(frozen=True)
class TemplateParameter(Record):
    """One thing that a template can be told; ``kind`` is ``string``, ``path``, ``integer`` or ``boolean``."""

    name: str
    kind: str
    description: str
    required: bool
    default: JSON = None


@dataclass(frozen=True)
class Template(Record):
    """A definition with parameters; ``fault`` says why it cannot be used."""

    name: str
    description: str
    path: str
    parameters: tuple[TemplateParameter, ...]
    fault: str | None = None


@dataclass(frozen=True)
class LineTime(Record):
    """The next ``lines`` lines were begun at ``at``."""

    at: Time
    lines: int


@dataclass(frozen=True)
class LogPiece(Record):
    """A piece of a log; ``next`` is the offset to go on from, ``path`` the file that is written to."""

    text: str
    next: int
    path: str
    times: tuple[LineTime, ...] | None = None
