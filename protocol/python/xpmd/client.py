"""Talks with xpmd. The methods are named like the verbs of the protocol and of xpmctl."""

from __future__ import annotations

import os
import warnings
from types import EllipsisType
from typing import TYPE_CHECKING, Callable, Iterable, Iterator, List, Sequence

from . import callers, methods, names, shown
from ._version import VERSION
from .autostart import Autostart
from .environments import nearest_folder
from .errors import ConnectionLost, StartFailed, XPMError
from .methods import Method, Reply
from .places import Places
from .references import Reference, ReferenceLike, reference
from .session import LOSSES, Handler, Reconnection, Session
from .threads import Deadline
from .times import Time

if TYPE_CHECKING:
    from .events import EventStream, Subscription
    from .experiments import Experiment
    from .feed import Feed
    from .json import JSON
    from .types import (
        DaemonStatus, Definition, Event, LogEntry, LogPage, LogPiece, RunMode, RunRecord, RunStatus, ServiceRecord, Stray, Template, WebPage,
        WorkspaceRecord,
    )

# Seconds by which a reply may be late that the daemon itself promised for a time.
_SLACK = 30.0
# The logs of a service.
BOTH = ("stdout", "stderr")


class Client:
    """A client of one daemon, for any number of threads. Nothing is connected before the first call.

    Calls are sent as they come over one connection, and wait for their own replies. A call whose connection is lost is asked
    again on the next one, but for ``signal``, ``clear_logs``, ``stop_daemon`` and ``reexec_daemon``, which raise `ConnectionLost`. A short name means
    a service of the folder that this process is in, as for xpmctl: what changes a service, or waits for it, does not reach into
    another folder unless experiment or workspace are named; ``status`` and those that read logs do where nothing here fits. ``timeout``
    is in seconds and holds for every call that waits for nothing but the daemon; None for no limit. A forked child has to have
    its own connection, and gets it with its first call.
    """

    def __init__(
        self,
        places: Places | None = None,
        *,
        name: str = f"python {VERSION}",
        autostart: bool | Autostart = True,
        timeout: float | None = 60.0,
    ) -> None:
        """A client that calls itself ``name`` in the daemon's log; of this process's environment where no ``places`` are given.

        Where no daemon runs one is started for a call; with ``autostart`` False such a call is `DaemonUnavailable`.
        """
        self.places = places or Places()
        if self.places.warning:
            warnings.warn(self.places.warning, RuntimeWarning, stacklevel=2)
        starter = Autostart(self.places) if autostart is True else autostart or None
        self.timeout = timeout
        self._session = Session(self.places, name, starter)
        self._feed: Feed | None = None

    def __repr__(self) -> str:
        """Where its daemon is; nothing is asked."""
        return shown.text(self.places.socket, kind="Client")

    def _repr_html_(self) -> str:
        """The same for a notebook."""
        return shown.html("xpmd", self.places.socket)

    # Experiments

    def open_experiment(
        self, workspace: str | os.PathLike[str], experiment: str, run: str | None = None,
        run_mode: RunMode | None = None, hold: bool = False,
    ) -> RunRecord:
        """Registers a run, or finds it again; without ``run`` xpmd names a new one after the time.

        With ``hold`` the run has failed when this client's connection ends before it is closed.
        """
        return self.call(methods.OpenExperiment(names.workspace(workspace), experiment, run, run_mode, hold or None))

    def close_experiment(
        self, workspace: str | os.PathLike[str], experiment: str, run: str, status: RunStatus | None = None
    ) -> RunRecord:
        """Says that a run has ended. Its services stay as they are."""
        return self.call(methods.CloseExperiment(names.workspace(workspace), experiment, run, status))

    def experiments(
        self, workspace: str | os.PathLike[str] | None = None, experiment: str | None = None
    ) -> List[RunRecord]:
        """All runs that match, in the order in which they began; None matches all."""
        folder = None if workspace is None else names.workspace(workspace)
        return [*self.call(methods.ListExperiments(folder, experiment)).experiments]

    def experiment(
        self, workspace: str | os.PathLike[str], name: str, run: str | None = None, run_mode: RunMode | None = None
    ) -> Experiment:
        """Opens a run as a context manager that adds services: see `Experiment`."""
        from .experiments import Experiment

        return Experiment(self, workspace, name, run, run_mode)

    # Services

    def add(
        self, workspace: str | os.PathLike[str], experiment: str, run: str, id: str, definition: Definition,
        description: str | None = None, sub_services: Iterable[methods.SubService] | None = None, update: bool = False,
    ) -> methods.Added:
        """Adds a service to an open run, or finds the same one again; with ``update`` one that runs with another definition is
        restarted with this one, and else a `Conflict`. Where the definition says nothing of its ``caller`` that is this process."""
        parts = None if sub_services is None else tuple(sub_services)
        request = methods.AddService(
            names.workspace(workspace), experiment, run, id, definition, description, parts, update or None
        )
        return self.call(callers.filled(request))

    def start(self, service: ReferenceLike, cause: str | None = None) -> ServiceRecord:
        """Wants a service to run; returns as soon as that is durable. `StartFailed` where it is known that it cannot.

        ``cause`` is what its events say of the start.
        """
        return self._starting(methods.StartService(_here(service), cause=cause))

    def _starting(self, method: Method[ServiceRecord]) -> ServiceRecord:
        try:
            return self.call(method)
        except XPMError as error:
            # Of other requests that says nothing of a start.
            if error.code == "unsupported":
                raise StartFailed(error.code, error.message, error.data) from None
            raise

    def stop(self, service: ReferenceLike, force: bool = False, grace: float | None = None) -> ServiceRecord:
        """Wants a service not to run; returns as soon as that is durable.

        With ``force`` its processes get SIGKILL at once, with ``grace`` they have so many seconds to end.
        """
        return self.call(methods.StopService(_here(service), force or None, grace))

    def restart(self, service: ReferenceLike, force: bool = False, grace: float | None = None) -> ServiceRecord:
        """Ends the service's processes, where it has any, and starts a new attempt; see `stop` for the rest.

        Where the connection is lost the record tells whether that was done, and it is asked for again where not.
        """
        before = self.call(methods.GetService(_here(service))).service
        # The name may mean another service by the time of a second look.
        request = methods.RestartService(before.reference, force or None, grace)
        losses = 0
        while True:
            try:
                return self._starting(request)
            except ConnectionLost:
                losses += 1
                if losses > LOSSES:
                    raise
            now = self.call(methods.GetService(before.reference)).service
            if now.was_restarted(before):
                return now

    def signal(self, service: ReferenceLike, signal: str | int, all: bool = False) -> ServiceRecord:
        """Sends a signal, by name or number, to a service's main process, with ``all`` to all its processes."""
        return self.call(methods.SignalService(_here(service), str(int(signal) if isinstance(signal, int) else signal), all or None))

    def report_activity(self, service: ReferenceLike, active: bool | None = None, lease: float | None = None) -> None:
        """Reports traffic of a service, which keeps it awake if its definition has ``idle``.

        With ``active`` it goes on, until False is reported, ``lease`` seconds are over (60 where None), or this client's connection ends.
        """
        self.call(methods.ReportActivity(_here(service), active, lease))

    def remove(self, service: ReferenceLike, logs: bool = False) -> ServiceRecord:
        """Forgets a service that has no process. With ``logs`` its log files below xpmd's state folder are deleted first; the record
        tells which."""
        return self.call(methods.RemoveService(_here(service), logs or None))

    def prune(
        self, workspace: str | os.PathLike[str] | None = None, *, older_than: float | None = None, dry_run: bool = False,
        as_of: int | None = None,
    ) -> methods.Pruned:
        """Forgets services of ended runs that have no process, and deletes log files that belong to no service.

        With ``dry_run`` nothing is removed; its ``as_of``, given to the next call, has that remove no more than was shown.
        ``older_than``, seconds, keeps what is younger.
        """
        folder = None if workspace is None else names.workspace(workspace)
        return self.call(methods.PruneServices(folder, older_than, dry_run or None, as_of))

    def status(self, service: ReferenceLike, usage: bool = False, effective: bool = False) -> methods.ServiceStatus:
        """One service with its definition; with ``usage`` its record tells what it uses, with ``effective`` the status has the
        definition as it is run, too."""
        return self.call(methods.GetService(_near(service), usage or None, effective or None))

    def list(
        self, workspace: str | os.PathLike[str] | None = None, experiment: str | None = None, run: str | None = None,
        usage: bool = False,
    ) -> List[ServiceRecord]:
        """All services that match, in the order in which they were added; None matches all."""
        folder = None if workspace is None else names.workspace(workspace)
        services: List[ServiceRecord] = []
        cursor: JSON = None
        while True:
            page = self.call(methods.ListServices(folder, experiment, run, cursor, usage or None))
            services += page.services
            if page.next is None:
                return services
            cursor = page.next

    def wait(
        self, service: ReferenceLike, goal: str = "running", timeout: float | None = None, steady: float | None = None,
        *, since: int | None = None,
    ) -> ServiceRecord:
        """Waits until a service has come to ``goal``: ``running``, ``ended`` or ``settled``.

        `StartFailed` where it cannot run any more, `TimedOut` after ``timeout`` seconds; both have the record. ``since`` is
        the revision of what `stop` has returned: the code of the error is ``overtaken`` if the service was started again after that.
        With ``steady`` a service without conditions of readiness has to have been running for so many seconds: one that fails at
        once is then `StartFailed`. The wait goes on over restarts and crashes of the daemon.
        """
        named, deadline = _here(service), Deadline(timeout)
        return self._session.ask(
            lambda: methods.WaitService(named, goal, deadline.left, since, steady),
            None if timeout is None else timeout + _SLACK,
        )

    def logs(
        self, service: ReferenceLike, stream: str = "stdout", *, lines: int | None = None, offset: int | None = None,
        wait: float | None = None, since: Time | None = None, until: Time | None = None, timestamps: bool = False,
        last_attempt: bool = False,
    ) -> LogPiece:
        """The last ``lines`` of a log, or what follows ``offset``, waiting for it up to ``wait`` seconds, at most 60.

        With ``last_attempt`` only what the running or last attempt has written.
        """
        limit = self.timeout if self.timeout is None or wait is None else max(self.timeout, wait + _SLACK)
        return self.call(
            methods.ServiceLogs(
                _near(service), stream, lines, offset, wait, since, until, timestamps or None, last_attempt or None
            ),
            timeout=limit,
        )

    def log_page(
        self, service: ReferenceLike, streams: Sequence[str] = BOTH, *, lines: int | None = None, cursor: str | None = None,
        wait: float | None = None, since: Time | None = None, until: Time | None = None, attempt: int | None = None,
        last_attempt: bool = False, grep: str | None = None, partial: bool = False,
    ) -> LogPage:
        """The last ``lines`` of both logs in the order of their arrival, or what follows ``cursor``, waiting for it up to ``wait``
        seconds, at most 60.

        Only lines that arrived at ``since`` or later and at ``until`` or earlier, of one ``attempt`` or the last one, in which the
        regular expression ``grep`` is found. With ``partial`` the last line comes though it is not finished. An `XPMError` with
        the code ``invalid_parameters`` where the daemon is older and has no pages.
        """
        limit = self.timeout if self.timeout is None or wait is None else max(self.timeout, wait + _SLACK)
        return self.call(
            methods.ServiceLogPage(
                _near(service), tuple(streams), lines, cursor, wait, since, until, attempt, last_attempt or None, grep,
                partial or None,
            ),
            timeout=limit,
        )

    def log_pages(
        self, service: ReferenceLike, streams: Sequence[str] = BOTH, *, follow: bool = True, lines: int | None = None,
        cursor: str | None = None, since: Time | None = None, until: Time | None = None, attempt: int | None = None,
        last_attempt: bool = False, grep: str | None = None, partial: bool = False,
    ) -> Iterator[LogPage]:
        """Iterates over the pages of what there is, and with ``follow`` over what comes, for ever.

        It goes on over restarts and crashes of the daemon. The conditions are those of `log_page`.
        """
        from .logs import pages

        named = _near(service)

        def read(cursor: str | None, wait: float | None) -> LogPage:
            return self.log_page(
                named, streams, lines=lines if cursor is None else None, cursor=cursor, wait=wait, since=since, until=until,
                attempt=attempt, last_attempt=last_attempt, grep=grep, partial=partial,
            )

        return pages(read, cursor, follow)

    def log_entries(
        self, service: ReferenceLike, streams: Sequence[str] = BOTH, *, follow: bool = True, lines: int | None = None,
        cursor: str | None = None, since: Time | None = None, until: Time | None = None, attempt: int | None = None,
        last_attempt: bool = False, grep: str | None = None, partial: bool = False,
    ) -> Iterator[LogEntry]:
        """Iterates over the lines of what there is, and with ``follow`` over what comes, for ever; see `log_pages`."""
        pages = self.log_pages(
            service, streams, follow=follow, lines=lines, cursor=cursor, since=since, until=until, attempt=attempt,
            last_attempt=last_attempt, grep=grep, partial=partial,
        )
        return (entry for page in pages for entry in page.entries)

    def clear_logs(self, service: ReferenceLike) -> List[str]:
        """Empties the logs of a service, which goes on writing; returns the files that were emptied.

        `ConnectionLost` where nobody knows whether it was done.
        """
        return [*self.call(methods.ClearServiceLogs(_here(service))).paths]

    # Hosted services, which live in this process

    def notify_hosted(self, attempt: int, text: str) -> None:
        """Says what a hosted service says of itself, in the words of a notify socket: ``READY=1``."""
        self.call(methods.NotifyHosted(attempt, text))

    def end_hosted(self, attempt: int, error: str | None = None) -> None:
        """Says that a hosted service has ended; with ``error``, because it failed."""
        self.call(methods.EndHosted(attempt, error))

    # Workspaces

    def watch_workspace(self, workspace: str | os.PathLike[str]) -> WorkspaceRecord:
        """Shows the services of all runs of a workspace of experimaestro; returns before it has been read."""
        return self.call(methods.WatchWorkspace(names.workspace(workspace))).workspace

    def unwatch_workspace(self, workspace: str | os.PathLike[str]) -> WorkspaceRecord:
        """Watches a workspace no longer."""
        return self.call(methods.UnwatchWorkspace(names.workspace(workspace)))

    def workspaces(self) -> List[WorkspaceRecord]:
        """The workspaces that are watched, in the order of asking."""
        return [*self.call(methods.ListWorkspaces()).workspaces]

    # Strays

    def strays(self) -> List[Stray]:
        """The processes that no service on record owns, in the order in which they were started."""
        return [*self.call(methods.ListStrays()).strays]

    def adopt_stray(
        self, stray: int, workspace: str | os.PathLike[str], experiment: str, run: str, id: str, description: str | None = None
    ) -> ServiceRecord:
        """Makes a stray the service ``id`` of an open run, with the same process."""
        return self.call(methods.AdoptStray(stray, names.workspace(workspace), experiment, run, id, description))

    def stop_stray(self, stray: int, grace: float | None = None) -> None:
        """Ends a stray: SIGTERM, SIGKILL after ``grace`` seconds; returns when none of its processes is left."""
        self.call(methods.StopStray(stray, grace), (10.0 if grace is None else grace) + _SLACK)

    def ignore_stray(self, stray: int, ignored: bool = True) -> None:
        """Leaves a stray running and has it reported no more, or again."""
        self.call(methods.IgnoreStray(stray, None if ignored else False))

    # The daemon

    def events(self, since: int | None = None) -> EventStream:
        """Iterates over what happens behind the event ``since``; 0 for everything, None for news only."""
        from .events import EventStream

        return EventStream(self._session, since)

    def last_events(self, count: int, service: ReferenceLike | None = None) -> List[Event]:
        """The last ``count`` events, oldest first, of one service or of all. Only these are read."""
        found: List[Event] = []
        before: int | None = None
        while len(found) < count:
            limit = min(count - len(found), 1000)
            page = self.call(methods.ListEvents(before, limit=limit, service=None if service is None else _near(service)))
            found[:0] = page.events
            before = page.before
            if before is None:
                break
        return found[max(0, len(found) - count) :] if count > 0 else []

    def subscribe(self, listener: Callable[[Event], None], since: int | None = None) -> Subscription:
        """Calls ``listener`` with each event behind ``since``, on a thread of the subscription's own."""
        from .events import Subscription

        return Subscription(self.events(since), listener)

    def templates(self) -> List[Template]:
        """The templates that can be started."""
        return [*self.call(methods.ListTemplates()).templates]

    def start_web(self, timeout: float | None = None) -> WebPage:
        """Starts the web page, now and with each daemon from now on. With ``timeout`` it returns once that runs or has failed, or
        so many seconds are over."""
        patience = ... if timeout is None or self.timeout is None else max(self.timeout, timeout + 5)
        return self.call(methods.StartWeb(timeout), timeout=patience)

    def stop_web(self) -> WebPage:
        """Stops the web page until it is started again."""
        return self.call(methods.StopWeb())

    def web_status(self) -> WebPage:
        """How the web page is."""
        return self.call(methods.GetWebStatus())

    def daemon_status(self) -> DaemonStatus:
        """How the daemon is."""
        return self.call(methods.GetDaemonStatus())

    def reexec_daemon(self) -> str:
        """Has the program that is installed now take the daemon's place: its version, as soon as that has begun."""
        return self.call(methods.ReexecDaemon()).version

    def stop_daemon(self, keep_services: bool = False, force: bool = False) -> int:
        """Asks the daemon to end, with or without its services; returns how many are to be ended, before they are.

        With ``force`` the services get SIGKILL at once.
        """
        return self.call(methods.StopDaemon(keep_services or None, force or None)).stopping

    # The conversation itself

    def call(self, method: Method[Reply], timeout: float | None | EllipsisType = ...) -> Reply:
        """Calls any method of the protocol within ``timeout`` seconds (default: the client's own)."""
        return self._session.ask(lambda: method, self.timeout if timeout is ... else timeout)

    def handle(self, method: str, handler: Handler | None) -> None:
        """Has requests that the daemon makes of this client answered by ``handler``, None for no more.

        It gets the parameters and gives the result, or raises an `XPMError` to refuse. It is called on a thread that does
        nothing else but that and ``on_reconnect``, one call after another. What nobody handles is ``unknown_method``.
        """
        self._session.handle(method, handler)

    def on_reconnect(self, callback: Callable[[Reconnection], None]) -> Callable[[], None]:
        """Calls back after each reconnection; returns a function that removes the callback.

        With a callback or a handler, the client reconnects at once, not only with the next call.
        """
        return self._session.on_reconnect(callback)

    def close(self) -> None:
        """Ends the connection and its threads. What the daemon was asked for goes on."""
        self._session.close()

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _here(service: ReferenceLike) -> Reference:
    """What must not reach into another folder by a short name."""
    return reference(service, near=nearest_folder(), here=True)


def _near(service: ReferenceLike) -> Reference:
    """What is nearest to the folder of this process is meant before all else."""
    return reference(service, near=nearest_folder())
