"""Running a WebService: its `_serve` in its thread.

experimaestro calls such a service RUNNING once its event is set, whatever has become of the thread. Here the thread
counts: what `_serve` raises, or reports by setting the event while it handles an exception, is a failure. So is a one-shot
whose last word before it stopped itself is an exception that it logged.
"""

from __future__ import annotations

import logging
import sys
import threading
import traceback
from collections.abc import Callable
from functools import partial
from typing import Any

from .drive import Drive
from .errors import described
from .happenings import Happenings


class _Running(threading.Event):
    """The event that `_serve` sets when it is ready; knows whether it was set out of an exception's handler."""

    def __init__(self, theirs: threading.Event, tell: Callable[[], None]) -> None:
        super().__init__()
        self._theirs, self._tell = theirs, tell
        self.handled: BaseException | None = None

    def set(self) -> None:
        first = not self.is_set()
        if first:
            self.handled = sys.exc_info()[1]
        super().set()
        if first:
            self._tell()
        self._theirs.set()


class _LastWord(logging.Handler):
    """Knows whether the last that a thread has logged is an exception."""

    def __init__(self) -> None:
        super().__init__()
        self._thread = threading.get_ident()
        self.exception: BaseException | None = None

    def emit(self, record: logging.LogRecord) -> None:
        if record.thread == self._thread:
            failed = record.levelno >= logging.ERROR and record.exc_info
            self.exception = failed[1] if failed else None


class WebDrive(Drive):
    """Serves until the thread ends."""

    # As long as experimaestro's own stop waits before it gives the thread up.
    patience_s: float | None = 2.0

    def __init__(self, service: Any, happenings: Happenings, kind: type[Any] | None = None) -> None:
        from experimaestro.scheduler.services import WebService

        super().__init__(service, happenings, kind)
        self._running: _Running | None = None
        self._has_own_start = self.kind.get_url is not WebService.get_url
        self._stopped_itself = False
        service._serve = self._watched
        if self._is_alone:
            # The host's own output is the service's log already.
            service.setup_logging = lambda: (None, None)
        else:
            self._hear_of_failure()

    def _start(self) -> None:
        from experimaestro.scheduler.services import ServiceState

        service = self.service
        if self._has_own_start:
            super()._start()
            return
        # What the original does, but for the wait: the event tells.
        service._stop_event.clear()
        service.state = ServiceState.STARTING
        service._running_event = threading.Event()
        service.serve()

    def _started(self, url: str | None) -> None:
        running = self._running
        if running is None:
            super()._started(url)  # The class has a way of its own, without `_serve`.
            return
        running.wait()
        if running.handled is None or url is not None:
            self.ready(url)

    def _cause(self) -> tuple[str, int] | None:
        running = self._running
        if running is None or running.handled is None or self._url() is not None:
            return None
        return described(running.handled), 0

    def _hear_of_failure(self) -> None:
        """A start that goes on without this drive and raises only sets the event: what it raised is heard of then."""
        event = getattr(self.service, "_running_event", None)
        if event is None or event.is_set():
            return
        set_event = event.set

        def set_and_tell() -> None:
            failed = sys.exc_info()[1]
            if failed is not None and self._url() is None:
                self.ended(described(failed))
            set_event()

        event.set = set_and_tell

    def _watched(self, theirs: threading.Event) -> None:
        self._running = running = _Running(theirs, self._on_running)
        failure, word = None, _LastWord()
        if self._is_alone:  # In other processes it depends on their settings what is logged at all.
            logging.getLogger().addHandler(word)
        try:
            self.kind._serve(self.service, running)
        except BaseException as error:
            if not (isinstance(error, SystemExit) and error.code in (None, 0)):
                traceback.print_exc()
                failure = described(error)
        finally:
            logging.getLogger().removeHandler(word)
        self.ended(failure or self._verdict(running, word), by_itself=True)

    def _on_running(self) -> None:
        if self._has_own_start:
            return  # Only what its get_url returns is the URL.
        running, url = self._running, self._url()
        assert running is not None
        if running.handled is None or url is not None:
            self._now_running()
            self.ready(url)

    def _verdict(self, running: _Running, word: _LastWord) -> str | None:
        """What the end of a `_serve` that returned amounts to."""
        if self._stopped_itself and not self._stopping and word.exception is not None:
            return described(word.exception)
        if self._stopping or self._stopped_itself or self._url() is not None:
            return None
        if running.handled is not None:
            return described(running.handled)
        return None if running.is_set() else "it returned without being ready"

    def stopped_itself(self) -> None:
        """It is a one-shot, whose thread goes on to its end."""
        self._stopped_itself = True

    def _ending(self) -> Callable[[], Any]:
        from experimaestro.scheduler.services import WebService

        service, running = self.service, self._running
        own = self.kind.stop is not WebService.stop
        if own and self._is_alone and running is not None and running.is_set():
            # As alone: it finds the service serving, and has the time that xpmd lets it.
            self.patience_s = None
            self._finishes()
            return partial(self.kind.stop, service)
        service._stop_event.set()
        if own:
            return partial(self.kind.stop, service)
        close = getattr(self.kind, "close", None)
        return partial(close, service) if callable(close) else lambda: service.thread.join()

    def kill(self) -> None:
        """Raises SystemExit in the thread, as experimaestro does."""
        self.service._force_stop_thread()
