"""Running one service and finding out, whatever the class says of itself, what becomes of it.

This one is for services that are neither WebService nor ProcessWebService, or that have replaced how these start:
`get_url` or `start` is called, and what the service then shows (a thread, a process, its own word) is watched.
"""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import traceback
from collections.abc import Callable
from functools import partial
from typing import Any

from .errors import described
from .happenings import Ended, Happenings, Ready


class Drive:
    """A service between its start and its end. Each of its words goes to `happenings`, the end only once."""

    #: How long a service that was told to end may take before the host ends with it; None: as long as xpmd lets it.
    patience_s: float | None = None

    def __init__(self, service: Any, happenings: Happenings, kind: type[Any] | None = None) -> None:
        """With a ``kind`` the service stays one object among others of its process: its own class is that one, and
        its output goes into its log files by its own means."""
        self.service = service
        self.kind = kind or type(service)
        self._is_alone = kind is None
        self._happenings = happenings
        self._end: Ended | None = None
        self._deciding = threading.Lock()
        self._stopping = False
        #: The service is to end by a `stop` of its class's own, whose return is the end, whatever ends before.
        self._finishing = False
        if self._is_alone:
            service.add_listener(self)

    def start(self) -> None:
        """Starts the service in a thread, for most ways of starting wait until it is ready."""
        self._in_thread(self._start, "start")

    def resume(self) -> None:
        """Takes a service on that runs already, or starts: then it is ready when experimaestro's event says so."""
        event = getattr(self.service, "_running_event", None)
        if event is None or event.is_set():
            self._resumed()
            return

        def once_ready() -> None:
            event.wait()
            self._resumed()

        self._in_thread(once_ready, "ready")

    def stop(self, number: int) -> None:
        """Asks the service to end, by its own means."""
        self._stopping = True
        ending = self._ending()
        if ending is None:
            self.ended()
        else:
            self._in_thread(lambda: self._finish(ending), "stop")

    def kill(self) -> None:
        """Ends at once what can be ended so: there may be nothing of that kind."""
        process = getattr(self.service, "process", None)
        if isinstance(process, subprocess.Popen):
            process.kill()

    # What subclasses know better

    def _start(self) -> None:
        try:
            url = self._call_start()
        except Exception as error:
            cause = self._cause()
            if cause is None:
                raise
            print(f"xpmd: {cause[0]}; the start then raised {described(error)}", file=sys.stderr, flush=True)
            self.ended(*cause)
        else:
            self._started(url)

    def _cause(self) -> tuple[str, int] | None:
        """What is known to have gone wrong before a start raised, with the exit code; what was raised only follows from it."""
        return None

    def _resumed(self) -> None:
        Drive._started(self, self._url())

    def _started(self, url: str | None) -> None:
        """The service's start has returned; from now on it is watched by what it left running."""
        from experimaestro.scheduler.services import ServiceState

        thread, process = getattr(self.service, "thread", None), getattr(self.service, "process", None)
        state = getattr(self.service, "state", None)
        if state == ServiceState.ERROR:
            return  # Its listener has told.
        busy = isinstance(thread, threading.Thread) or isinstance(process, subprocess.Popen)
        if not busy and state == ServiceState.STOPPED and url is None:
            self.ended()  # A one-shot that did all in its start.
            return
        self.ready(url)
        if isinstance(process, subprocess.Popen):
            self._in_thread(lambda: self._watch(process.wait), "process")
        elif isinstance(thread, threading.Thread):
            self._in_thread(lambda: self._watch(thread.join), "thread")

    def _ending(self) -> Callable[[], Any] | None:
        """The service's own way to end, its `stop` or `close`."""
        for name in ("stop", "close"):
            if callable(getattr(self.kind, name, None)):
                return partial(getattr(self.kind, name), self.service)
        return None

    # What is found out

    def service_state_changed(self, service: Any) -> None:
        """experimaestro's listener."""
        self.says(service.state, service.error)

    def says(self, state: Any, error: str | None = None) -> None:
        """The service has set its state by itself; ERROR and STOPPED are believed."""
        from experimaestro.scheduler.services import ServiceState

        if self._stopping:
            return
        if state == ServiceState.ERROR:
            self.ended(error or "it says that it has failed")
        elif state == ServiceState.STOPPED:
            self.stopped_itself()

    def stopped_itself(self) -> None:
        """The service has set its state to STOPPED."""
        self.ended()

    def _watch(self, wait: Callable[[], int | None]) -> None:
        code = wait() or 0
        # Once it is told to end, its `stop` says when it has.
        if not self._stopping:
            self.ended(None if code == 0 else f"its process {exit_phrase(code)}", code)

    def _now_running(self) -> None:
        """Does to the service's own state what experimaestro's get_url does when it returns; in other processes it is xpmd's."""
        from experimaestro.scheduler.services import ServiceState

        if self._is_alone:
            with self.service._start_lock:
                if self.service.state == ServiceState.STARTING:
                    self.service.state = ServiceState.RUNNING

    def ready(self, url: str | None) -> None:
        """Tells that it serves."""
        self._happenings.put(Ready(self, url))

    def ended(self, failure: str | None = None, returncode: int = 0, by_itself: bool = False) -> None:
        """Tells its end; only the first time counts, and while it finishes none that comes `by_itself`."""
        with self._deciding:
            if self._end is None and not (by_itself and self._finishing):
                self._end = Ended(self, failure, returncode)
                self._happenings.put(self._end)

    def _finishes(self) -> None:
        """From now on only the return of the class's own `stop` is its end."""
        with self._deciding:
            self._finishing, self._end = True, None

    def reopen(self) -> None:
        """The end that it may have told does not count: it is told to end, and may have to do something for that."""
        with self._deciding:
            self._end = None

    def counts(self, end: Ended) -> bool:
        """Whether that end was not taken back."""
        return end is self._end

    def _call_start(self) -> str | None:
        start = getattr(self.kind, "get_url", None) or self.kind.start
        url = start(self.service)
        return url if isinstance(url, str) else self._url()

    def _url(self) -> str | None:
        """What the service itself says of where it is."""
        own = vars(self.service)
        return own["url"] if "url" in own else getattr(self.service, "url", None)

    def _finish(self, ending: Callable[[], Any]) -> None:
        ending()
        self.ended()

    def _in_thread(self, work: Callable[[], Any], what: str) -> None:
        """Runs `work` in a daemon thread; what it raises is the end of the service, and stands in its log."""

        def guarded() -> None:
            try:
                work()
            except BaseException as error:
                traceback.print_exc()
                self.ended(described(error))

        threading.Thread(target=guarded, name=f"xpmd-{what}", daemon=True).start()


def exit_phrase(returncode: int) -> str:
    """How a process ended, as people say it."""
    if returncode >= 0:
        return f"exited with code {returncode}"
    try:
        return f"was killed by {signal.Signals(-returncode).name}"
    except ValueError:
        return f"was killed by signal {-returncode}"
