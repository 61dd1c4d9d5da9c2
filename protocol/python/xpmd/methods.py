"""The protocol's methods: the parameters of each, and what it is answered with."""

from __future__ import annotations

import typing
from dataclasses import dataclass
from typing import ClassVar, Generic, TypeVar

from .json import JSON
from .references import Reference
from .times import Time
from .types.daemon import DaemonStatus, Greeting, LogPiece, Stray, Template
from .types.definitions import Definition
from .types.events import Event
from .types.logs import ClearedLogs, LogPage
from .types.records import Record
from .types.runs import RunRecord, RunStatus, WorkspaceRecord
from .types.services import PrunedLog, RunMode, ServiceRecord
from .types.web import WebPage

Reply = TypeVar("Reply", bound=Record)


@dataclass(frozen=True)
class Method(Record, Generic[Reply]):
    """A request's parameters. ``name`` is the method on the wire, ``repeatable`` whether it may be asked again where the
    reply was lost, ``starts_daemon`` whether a daemon is started for it where none runs."""

    name: ClassVar[str]
    repeatable: ClassVar[bool] = True
    starts_daemon: ClassVar[bool] = True

    def __init_subclass__(cls, *, name: str, repeatable: bool = True, starts_daemon: bool = True) -> None:
        cls.name, cls.repeatable, cls.starts_daemon = name, repeatable, starts_daemon

    @classmethod
    def reply(cls, result: JSON) -> Reply:
        """Reads a result; ``parse_error`` for one of another shape."""
        (base,) = (base for base in getattr(cls, "__orig_bases__") if typing.get_origin(base) is Method)
        kind: type[Reply] = typing.get_args(base)[0]
        return kind.from_json(result)


@dataclass(frozen=True)
class Versions(Record):
    """The range of protocol versions that a client speaks, both ends included."""

    min: int = 1
    max: int = 1


@dataclass(frozen=True)
class Hello(Method[Greeting], name="hello"):
    """The greeting, the first request of a connection."""

    client: str
    versions: Versions


@dataclass(frozen=True)
class OpenExperiment(Method[RunRecord], name="experiment.open"):
    """Registers a run, or finds it again."""

    workspace: str
    experiment: str
    run: str | None = None
    run_mode: RunMode | None = None
    hold: bool | None = None


@dataclass(frozen=True)
class CloseExperiment(Method[RunRecord], name="experiment.close"):
    """Says that a run has ended."""

    workspace: str
    experiment: str
    run: str
    status: RunStatus | None = None


@dataclass(frozen=True)
class Runs(Record):
    """Runs in the order in which they began."""

    experiments: tuple[RunRecord, ...]


@dataclass(frozen=True)
class ListExperiments(Method[Runs], name="experiment.list"):
    """The runs of a workspace and an experiment."""

    workspace: str | None = None
    experiment: str | None = None


@dataclass(frozen=True)
class SubService(Record):
    """A part of a composite service; its id is that within the service."""

    id: str
    definition: Definition
    description: str | None = None


@dataclass(frozen=True)
class Added(Record):
    """The service as it is now; ``added`` is false where the same one had been added before and goes on as it is,
    ``replaced`` true where it has taken the place of another definition.
    """

    service: ServiceRecord
    added: bool
    replaced: bool | None = None


@dataclass(frozen=True)
class AddService(Method[Added], name="service.add"):
    """Adds a service to an open run."""

    workspace: str
    experiment: str
    run: str
    id: str
    definition: Definition
    description: str | None = None
    sub_services: tuple[SubService, ...] | None = None
    update: bool | None = None


@dataclass(frozen=True)
class StartService(Method[ServiceRecord], name="service.start"):
    """Wants a service to run.

    ``since`` is the revision of the reply to ``AddService`` that this start belongs to: a ``conflict`` where another definition
    has taken the place of that one. ``cause`` is a phrase for people, such as ``woken by a visit``.
    """

    service: Reference
    since: int | None = None
    cause: str | None = None


@dataclass(frozen=True)
class StopService(Method[ServiceRecord], name="service.stop"):
    """Wants a service not to run."""

    service: Reference
    force: bool | None = None
    grace_s: float | None = None


@dataclass(frozen=True)
class RestartService(Method[ServiceRecord], name="service.restart", repeatable=False):
    """Ends a service's processes and starts a new attempt."""

    service: Reference
    force: bool | None = None
    grace_s: float | None = None


@dataclass(frozen=True)
class SignalService(Method[ServiceRecord], name="service.signal", repeatable=False):
    """Sends a signal to a service's main process, or to all its processes."""

    service: Reference
    signal: str
    all: bool | None = None


@dataclass(frozen=True)
class RemoveService(Method[ServiceRecord], name="service.remove"):
    """Forgets a service that has no process."""

    service: Reference
    logs: bool | None = None


@dataclass(frozen=True)
class PrunedService(Record):
    """A service that is forgotten."""

    workspace: str
    name: str
    since: Time


@dataclass(frozen=True)
class Pruned(Record):
    """What was removed, or would be; ``more`` where that is not all."""

    services: tuple[PrunedService, ...]
    logs: tuple[PrunedLog, ...]
    more: bool
    as_of: int
    logs_kept: str | None = None


@dataclass(frozen=True)
class PruneServices(Method[Pruned], name="service.prune"):
    """Forgets services of ended runs that have no process, and deletes log files that belong to no service."""

    workspace: str | None = None
    older_than_s: float | None = None
    dry_run: bool | None = None
    as_of: int | None = None


@dataclass(frozen=True)
class ServiceStatus(Record):
    """A service with its definition; ``effective`` is what is run of it, ``effective_fault`` why it could not be."""

    service: ServiceRecord
    definition: Definition
    effective: Definition | None = None
    effective_fault: str | None = None


@dataclass(frozen=True)
class GetService(Method[ServiceStatus], name="service.get"):
    """One service with its definition."""

    service: Reference
    usage: bool | None = None
    effective: bool | None = None


@dataclass(frozen=True)
class ServicePage(Record):
    """Services in the order in which they were added; ``next`` is the cursor of the next page."""

    services: tuple[ServiceRecord, ...]
    next: JSON = None
    strays: int | None = None


@dataclass(frozen=True)
class ListServices(Method[ServicePage], name="service.list"):
    """Services that match, a page of them."""

    workspace: str | None = None
    experiment: str | None = None
    run: str | None = None
    cursor: JSON = None
    usage: bool | None = None
    services: tuple[Reference, ...] | None = None


@dataclass(frozen=True)
class WaitService(Method[ServiceRecord], name="service.wait"):
    """Waits until a service has come to ``running``, ``ended`` or ``settled``.

    ``since`` is the revision of the record that the wait rests on: what was asked of the service since then overtakes the wait.
    """

    service: Reference
    goal: str
    timeout_s: float | None = None
    since: int | None = None
    steady_s: float | None = None


@dataclass(frozen=True)
class ServiceLogs(Method[LogPiece], name="service.logs"):
    """A piece of one log: its last ``lines``, or what follows ``offset``, waiting for it up to ``wait_s`` seconds."""

    service: Reference
    stream: str
    lines: int | None = None
    offset: int | None = None
    wait_s: float | None = None
    since: Time | None = None
    until: Time | None = None
    timestamps: bool | None = None
    last_attempt: bool | None = None


@dataclass(frozen=True)
class ServiceLogPage(Method[LogPage], name="service.logs"):
    """Lines in one order: the last ``lines``, or what follows ``cursor``, waiting for it up to ``wait_s`` seconds."""

    service: Reference
    streams: tuple[str, ...]
    lines: int | None = None
    cursor: str | None = None
    wait_s: float | None = None
    since: Time | None = None
    until: Time | None = None
    attempt: int | None = None
    last_attempt: bool | None = None
    grep: str | None = None
    partial: bool | None = None


@dataclass(frozen=True)
class ClearServiceLogs(Method[ClearedLogs], name="service.clear_logs", repeatable=False):
    """Empties the logs of a service, which goes on writing."""

    service: Reference


@dataclass(frozen=True)
class Nothing(Record):
    """An answer that only says that it was done."""


@dataclass(frozen=True)
class ReportActivity(Method[Nothing], name="service.activity"):
    """Reports traffic that keeps a service awake: over ``ago_s`` seconds ago, or, with ``active``, going on for ``lease_s`` seconds at
    most unless it is reported again."""

    service: Reference
    active: bool | None = None
    lease_s: float | None = None
    ago_s: float | None = None


@dataclass(frozen=True)
class NotifyHosted(Method[Nothing], name="hosted.notify", starts_daemon=False):
    """Says what a hosted service says of itself, in the words of a notify socket."""

    attempt: int
    text: str


@dataclass(frozen=True)
class EndHosted(Method[Nothing], name="hosted.ended", starts_daemon=False):
    """Says that a hosted service has ended; with ``error``, because it failed."""

    attempt: int
    error: str | None = None


@dataclass(frozen=True)
class Watched(Record):
    """The workspace as it is now; ``added`` is false where it was watched before."""

    workspace: WorkspaceRecord
    added: bool


@dataclass(frozen=True)
class WatchWorkspace(Method[Watched], name="workspace.watch"):
    """Shows the services of all runs of a workspace of experimaestro."""

    workspace: str


@dataclass(frozen=True)
class UnwatchWorkspace(Method[WorkspaceRecord], name="workspace.unwatch"):
    """Watches a workspace no longer."""

    workspace: str


@dataclass(frozen=True)
class Workspaces(Record):
    """Workspaces in the order of asking."""

    workspaces: tuple[WorkspaceRecord, ...]


@dataclass(frozen=True)
class ListWorkspaces(Method[Workspaces], name="workspace.list"):
    """The workspaces that are watched."""


@dataclass(frozen=True)
class Strays(Record):
    """Strays in the order in which they were started."""

    strays: tuple[Stray, ...]
    # Why something is missing, in a sentence for each process that does not answer.
    faults: tuple[str, ...] | None = None


@dataclass(frozen=True)
class ListStrays(Method[Strays], name="stray.list"):
    """The processes that no service on record owns."""


@dataclass(frozen=True)
class AdoptStray(Method[ServiceRecord], name="stray.adopt"):
    """Makes a stray a service with the same process."""

    stray: int
    workspace: str
    experiment: str
    run: str
    id: str
    description: str | None = None


@dataclass(frozen=True)
class StopStray(Method[Nothing], name="stray.stop"):
    """Ends a stray; answered when none of its processes is left."""

    stray: int
    grace_s: float | None = None


@dataclass(frozen=True)
class IgnoreStray(Method[Nothing], name="stray.ignore"):
    """Ignores a stray: it keeps running and is no longer counted."""

    stray: int
    ignored: bool | None = None


@dataclass(frozen=True)
class Subscribed(Record):
    """The newest event's number: events up to it are the past."""

    last: int


@dataclass(frozen=True)
class SubscribeEvents(Method[Subscribed], name="events.subscribe", starts_daemon=False):
    """Asks for the events behind ``since``; for new ones only where it is None."""

    since: int | None = None


@dataclass(frozen=True)
class EventPage(Record):
    """Past events, oldest first. ``last`` is the newest event's number, ``before`` that of the next, older page."""

    events: tuple[Event, ...]
    last: int
    before: int | None = None


@dataclass(frozen=True)
class ListEvents(Method[EventPage], name="events.list"):
    """The last ``limit`` events before ``before`` and after ``since``, of one service or of all."""

    before: int | None = None
    since: int | None = None
    limit: int | None = None
    service: Reference | None = None


@dataclass(frozen=True)
class Templates(Record):
    """Templates by name."""

    templates: tuple[Template, ...]
    # Why there may be more, in a sentence for each folder that does not answer.
    faults: tuple[str, ...] | None = None


@dataclass(frozen=True)
class ListTemplates(Method[Templates], name="template.list"):
    """The templates that can be started."""


@dataclass(frozen=True)
class StartWeb(Method[WebPage], name="web.start"):
    """Starts the web page, now and with each daemon from now on."""

    wait_s: float | None = None


@dataclass(frozen=True)
class StopWeb(Method[WebPage], name="web.stop"):
    """Stops the web page until it is started again."""


@dataclass(frozen=True)
class GetWebStatus(Method[WebPage], name="web.status"):
    """How the web page is."""


@dataclass(frozen=True)
class GetDaemonStatus(Method[DaemonStatus], name="daemon.status"):
    """How the daemon is."""


@dataclass(frozen=True)
class Reexec(Record):
    """The version of the program that takes over."""

    version: str


@dataclass(frozen=True)
class ReexecDaemon(Method[Reexec], name="daemon.reexec", repeatable=False, starts_daemon=False):
    """Puts the program that is installed now in the place of the one that runs."""


@dataclass(frozen=True)
class Stopping(Record):
    """How many services are to be ended, and how many strays go on."""

    stopping: int
    strays: int | None = None


@dataclass(frozen=True)
class StopDaemon(Method[Stopping], name="daemon.stop", repeatable=False, starts_daemon=False):
    """Ends the daemon."""

    keep_services: bool | None = None
    force: bool | None = None
