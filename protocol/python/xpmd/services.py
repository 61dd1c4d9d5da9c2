"""A service of an experiment, as the program that added it holds it."""

from __future__ import annotations

import threading
from functools import partial
from typing import TYPE_CHECKING, Callable, Iterator, Sequence

from . import shown, threads
from .errors import XPMError
from .references import Reference
from .types.events import Event
from .types.services import ServiceRecord, State

if TYPE_CHECKING:
    from .experiments import Experiment
    from .types.daemon import LogPiece
    from .types.logs import LogEntry

Listener = Callable[["Service", State], None]

# Seconds that a service without conditions of readiness has to have been running before its start counts as good.
STEADY = 1.0


class Service:
    """What is known of a service: replies and events keep it up to date. For any number of threads."""

    def __init__(self, experiment: Experiment, id: str, sub_services: Sequence[Service] = ()) -> None:
        self.experiment, self.id = experiment, id
        self.sub_services = tuple(sub_services)
        self._lock = threading.Lock()
        self._listeners: list[Listener] = []
        self._state, self._url, self._error = State.STOPPED, "", ""
        # Of what is kept here: replies and events come over different connections, in any order.
        self._revision = -1

    @property
    def reference(self) -> Reference:
        """Names exactly this service."""
        return Reference(self.id, self.experiment.name, self.experiment.run, self.experiment.workspace)

    @property
    def state(self) -> State:
        """What it is doing, as far as the daemon has told."""
        return self._state

    @property
    def url(self) -> str | None:
        """Where it can be opened while it runs."""
        return self._url or None

    @property
    def error(self) -> str | None:
        """Why it is in ERROR."""
        return self._error or None

    def start(self) -> None:
        """Wants it to run; returns as soon as that is durable."""
        self._take(self.experiment.client.start(self._registered("start")))

    def stop(self, timeout: float | None = None) -> None:
        """Ends it and waits until no process of it is left; `TimedOut` after ``timeout`` seconds.

        An `XPMError` with the code ``overtaken`` if it is started again meanwhile.
        """
        stopped = self.experiment.client.stop(self._registered("stop"))
        self._take(stopped)
        self._take(self.experiment.client.wait(self.reference, "ended", timeout, since=stopped.revision))

    def restart(self) -> None:
        """Ends its processes, where it has any, and starts a new attempt."""
        self._take(self.experiment.client.restart(self._registered("restart")))

    def wait(
        self, goal: str = "running", timeout: float | None = None, steady: float | None = None
    ) -> ServiceRecord:
        """Waits until it has come to ``goal``, ``running``, ``ended`` or ``settled``: `StartFailed`, or `TimedOut`.

        ``steady`` is that of `Client.wait`.
        """
        record = self.experiment.client.wait(self._registered("wait for"), goal, timeout, steady)
        self._take(record)
        return record

    def get_url(self, timeout: float | None = None) -> str:
        """Starts it where it does not run, waits until it does, and gives its URL; `NotFound` where it has none."""
        self.start()
        record = self.wait("running", timeout, STEADY)
        if record.url is None:
            raise XPMError("not_found", f"cannot open {record.name}: it runs, but has no URL")
        return record.url

    def logs(self, stream: str = "stdout", lines: int | None = None) -> LogPiece:
        """The last ``lines`` of one of its logs."""
        return self.experiment.client.logs(self._registered("read the log of"), stream, lines=lines)

    def log_entries(
        self, streams: Sequence[str] = ("stdout", "stderr"), *, follow: bool = True, lines: int | None = None,
        last_attempt: bool = False, grep: str | None = None, partial: bool = False,
    ) -> Iterator[LogEntry]:
        """Iterates over the lines of its logs in the order of their arrival, and with ``follow`` over what comes, for ever.

        The conditions are those of `Client.log_page`.
        """
        return self.experiment.client.log_entries(
            self._registered("read the logs of"), streams, follow=follow, lines=lines, last_attempt=last_attempt, grep=grep,
            partial=partial,
        )

    def clear_logs(self) -> list[str]:
        """Empties its logs; returns the files that were emptied."""
        return self.experiment.client.clear_logs(self._registered("clear the logs of"))

    def add_listener(self, listener: Listener) -> Callable[[], None]:
        """Calls ``listener`` with the service and its new state after every change, one call after another; gives what ends it.

        The calls come from a thread of the experiment's, never from one that reads a socket: a listener may call the client.
        """
        with self._lock:
            self._listeners.append(listener)

        def remove() -> None:
            with self._lock:
                if listener in self._listeners:
                    self._listeners.remove(listener)

        return remove

    def __repr__(self) -> str:
        """Its name, state and URL, or the error; what may be secret in the URL is left out."""
        return shown.text(self._name, self.state, self.url, self.error, kind="Service")

    def _repr_html_(self) -> str:
        """The same for a notebook, with a link."""
        return shown.html(self._name, self.state, self.url, self.error)

    @property
    def _name(self) -> str:
        return f"{self.experiment.name}@{self.experiment.run}:{self.id}"

    def _registered(self, verb: str) -> Reference:
        if not self.experiment.is_registered:
            raise XPMError(
                "not_normal_run", f"cannot {verb} {self.id}: it is not registered, its run's mode is not NORMAL"
            )
        return self.reference

    def _inherit(self, replaced: Service | None) -> None:
        if replaced is not None:
            self._listeners = replaced._listeners

    def _take(self, record: ServiceRecord) -> None:
        """Takes what a reply says, unless an event was newer. Listeners hear of it by its event."""
        with self._lock:
            revision = record.since if record.revision is None else record.revision
            if revision >= self._revision:
                self._revision, self._state = revision, record.state
                self._url, self._error = record.url or "", record.error or ""

    def _hear(self, event: Event) -> None:
        if (state := event.state) is None:
            return
        with self._lock:
            revision = event.at if event.revision is None else event.revision
            if revision >= self._revision:
                self._revision, self._state, self._error = revision, state, event.error or ""
                self._url = event.url or self._url if state is State.RUNNING else ""
            listeners = [] if event.previous is state else list(self._listeners)
        for listener in listeners:
            threads.reported(partial(listener, self, state))
