"""What the daemon reports about services."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import ClassVar, Mapping

from .. import shown
from ..references import Reference
from ..times import Time
from .policies import Web
from .records import Record


class State(str, Enum):
    """What a service is doing."""

    STOPPED = "STOPPED"
    STARTING = "STARTING"
    RUNNING = "RUNNING"
    STOPPING = "STOPPING"
    ERROR = "ERROR"


class RunMode(str, Enum):
    """How an experiment runs: only in ``NORMAL`` runs services are registered."""

    NORMAL = "NORMAL"
    GENERATE_ONLY = "GENERATE_ONLY"
    DRY_RUN = "DRY_RUN"
    PREPARE = "PREPARE"


@dataclass(frozen=True)
class Exit(Record):
    """How a process ended. With neither ``code`` nor ``signal`` nobody saw it."""

    at: Time
    code: int | None = None
    signal: str | None = None
    out_of_memory: bool | None = None
    #: True for the end of a hosted service, of which its client has told.
    hosted: bool | None = None
    #: Why xpmd ended it: ``stop``, ``readiness``, ``grace`` and so on.
    by: str | None = None


@dataclass(frozen=True)
class Retry(Record):
    """The restart that is to come: the ``number``-th in a row of at most ``limit``."""

    at: Time
    number: int
    limit: int | None = None


@dataclass(frozen=True)
class IdleReport(Record):
    """When a service sleeps: ``sleeps_at``, unless there is traffic until then, which was last seen at ``last_activity``. ``woken_by`` is
    what its last start was for, where it slept before."""

    after_s: float
    last_activity: Time | None = None
    sleeps_at: Time | None = None
    woken_by: str | None = None


@dataclass(frozen=True)
class FailureReport(Record):
    """The last time that a service failed."""

    at: Time
    error: str
    exit: Exit | None = None


@dataclass(frozen=True)
class HealthReport(Record):
    """How many checks in a row have failed up to the last one, at ``at``, and what the last failed one found.

    ``not_checked`` says why the last check could not be made; such a check neither fails nor succeeds.
    """

    failures: int
    at: Time
    error: str | None = None
    not_checked: str | None = None


@dataclass(frozen=True)
class Usage(Record):
    """What all processes of a service use together."""

    memory_bytes: int | None = None
    cpu_s: float | None = None
    processes: int | None = None


@dataclass(frozen=True)
class Interpreter(Record):
    """In what a service of a Python class runs, or will, and how that is known."""

    python: str
    known_from: str

    _keys: ClassVar[Mapping[str, str]] = {"known_from": "from"}


@dataclass(frozen=True)
class PrunedLog(Record):
    """A log file that is deleted; ``bytes`` is the room that it takes on the disk."""

    path: str
    bytes: int


@dataclass(frozen=True)
class ServiceRecord(Record):
    """Everything that a list shows of a service. ``gone`` is true where its run is no longer in its workspace,
    ``asleep`` where it was stopped because it was idle, ``hosted`` where it runs in the process of the client that added it, ``suspended`` where its process is stopped by a
    signal. ``starts`` counts its starts, ``restarts`` the automatic ones since it was last started on request. ``revision`` is larger
    in each later account of the service, whatever the wall clock does. ``dependents`` are the ids of the services of its run
    that require or want it, ``deleted_logs`` the files that its removal has deleted."""

    workspace: str
    experiment: str
    run: str
    id: str
    run_mode: RunMode
    description: str
    sub_services: tuple[str, ...]
    state: State
    wanted: bool
    since: Time
    class_name: str | None = None
    template: str | None = None
    attempt: int | None = None
    starts: int | None = None
    restarts: int | None = None
    last_failure: FailureReport | None = None
    suspended: bool | None = None
    pid: int | None = None
    url: str | None = None
    error: str | None = None
    exit: Exit | None = None
    waiting_for: str | None = None
    deadline: Time | None = None
    status: str | None = None
    retry: Retry | None = None
    health: HealthReport | None = None
    usage: Usage | None = None
    notes: tuple[str, ...] | None = None
    interpreter: Interpreter | None = None
    hosted: bool | None = None
    gone: bool | None = None
    revision: int | None = None
    dependents: tuple[str, ...] | None = None
    deleted_logs: tuple[PrunedLog, ...] | None = None
    port: int | None = None
    web: Web | None = None
    relay: str | None = None
    idle: IdleReport | None = None
    asleep: bool | None = None
    stdout: str | None = None
    stderr: str | None = None

    _keys: ClassVar[Mapping[str, str]] = {"class_name": "class"}
    _nullable: ClassVar[frozenset[str]] = frozenset(
        {"class", "template", "attempt", "pid", "url", "error", "exit", "waiting_for", "stdout", "stderr"}
    )

    @property
    def name(self) -> str:
        """The full name, ``experiment@run:id``."""
        return f"{self.experiment}@{self.run}:{self.id}"

    def __repr__(self) -> str:
        """Its name, state and URL, or the error; fields are shown by `to_json`."""
        return shown.text(self.name, self.state, self.url, self.error, kind="ServiceRecord")

    def _repr_html_(self) -> str:
        """The same for a notebook, with a link."""
        return shown.html(self.name, self.state, self.url, self.error)

    @property
    def reference(self) -> Reference:
        """Names exactly this service."""
        return Reference(self.id, self.experiment, self.run, self.workspace)

    def was_restarted(self, before: ServiceRecord) -> bool:
        """Whether a restart was asked for since ``before`` was read."""
        if self.revision is not None and self.revision == before.revision:
            return False
        # Of a composite the parts are restarted, and it has no attempts of its own.
        return self.attempt is None or self.attempt != before.attempt or (self.state is State.STOPPING and self.wanted)

    def to_json(self) -> dict[str, object]:
        written = {**super().to_json(), "name": self.name}
        if not self.notes:
            written.pop("notes", None)
        return written


@dataclass(frozen=True)
class HostedAttempt(Record):
    """Which attempt of which hosted service xpmd asks its host about, by ``hosted.start`` or ``hosted.stop``. With
    ``force`` the grace of a stop is over."""

    workspace: str
    experiment: str
    run: str
    id: str
    attempt: int
    force: bool | None = None
