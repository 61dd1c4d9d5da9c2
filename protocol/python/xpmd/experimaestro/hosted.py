"""Services that cannot be made again elsewhere: they run in this process, when xpmd says so."""

from __future__ import annotations

import queue
import signal
import threading
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from ..errors import NotFound, XPMError
from ..host.drive import Drive
from ..host.happenings import Ended, Happenings, Ready
from ..host.running import drive
from ..json import JSON
from ..methods import EndHosted, NotifyHosted
from ..threads import start as start_thread
from ..types.services import HostedAttempt

if TYPE_CHECKING:
    from ..client import Client

#: Workspace, experiment, run and id.
Key = tuple[str, str, str, str]

# Seconds that an attempt which xpmd has given up has for its end: less than xpmd waits for the answer to the next start.
_PATIENCE_S = 5.0


class Hosted:
    """One service in this process, and what has been said of its attempt."""

    def __init__(self, client: Client, service: Any, kind: type[Any]) -> None:
        self._client, self._service, self._kind = client, service, kind
        self._lock = threading.Lock()
        self._attempt: int | None = None
        self._drive: Drive | None = None
        self._ended: Ended | None = None
        self._over = threading.Event()
        self._ready: str | None = None
        #: What the class has last said of itself in this attempt, by the name of what it set.
        self.words: dict[str, Any] = {}
        self._is_to_end = False
        #: The thread in which its own get_url or start begins an attempt.
        self._starter: int | None = None

    @property
    def is_live(self) -> bool:
        """Whether it runs, or is about to."""
        return self._drive is not None and self._ended is None

    @property
    def is_starting(self) -> bool:
        """Whether it is about to run, and not ready yet."""
        return self.is_live and self._ready is None

    @property
    def own_state(self) -> Any:
        """What the class says that it is, where that counts more than what xpmd says; else None."""
        from experimaestro.scheduler.services import ServiceState

        said = self.words.get("state", ServiceState.STOPPED)
        if threading.get_ident() == self._starter:
            return said  # Its own get_url goes by that, as alone.
        is_running = self.is_live and not self._is_to_end and said == ServiceState.RUNNING
        return said if is_running else None

    def start(self, attempt: int) -> None:
        """xpmd wants it to run; for an attempt that is known, to hear its last words again."""
        if attempt == self._attempt:
            self._repeat()
            return
        with self._lock:
            if self.is_live:
                self._end()
            happenings: Happenings = queue.SimpleQueue()
            # All at once: who asks meanwhile finds either attempt, and never one with the drive of the other.
            self._drive = one = drive(self._service, happenings, self._kind)
            one._call_start = partial(self._call_start, one._call_start)  # type: ignore[method-assign]
            self._attempt, self._ended, self._ready = attempt, None, None
            self.words, self._is_to_end = {}, False
            self._over.clear()
        start_thread(f"xpmd {self._service.id}", lambda: self._follow(attempt, one, happenings))

    def stop(self, attempt: int, force: bool) -> None:
        """xpmd wants an attempt to end; with `force` at once."""
        if attempt != self._attempt:
            # It ended before the one that there is, or its start was lost with a connection.
            self._say(EndHosted(attempt))
        elif not self.is_live or self._drive is None:
            self._repeat()
        elif force:
            self._drive.kill()
            self._drive.ended()
        else:
            self._is_to_end = True
            self._drive.stop(signal.SIGTERM)

    def says(self, state: Any, error: str | None) -> None:
        """The class has set its state by itself."""
        self.words["state"] = state
        if self._drive is not None and self.is_live:
            self._drive.says(state, error)

    def settle(self, attempt: int | None) -> None:
        """The connection was made again: an attempt that xpmd has given up meanwhile is ended here as well."""
        with self._lock:
            if self.is_live and attempt != self._attempt:
                self._end()

    def _end(self) -> None:
        assert self._drive is not None
        self._is_to_end = True
        self._drive.stop(signal.SIGTERM)
        if not self._over.wait(self._drive.patience_s or _PATIENCE_S):
            self._drive.kill()
            self._drive.ended()
            self._over.wait()

    def _follow(self, attempt: int, one: Drive, happenings: Happenings) -> None:
        self._begin(one)
        while True:
            match happenings.get():
                case Ready(url=url):
                    self._ready = "READY=1" if url is None else f"X_XPM_URL={url}\nREADY=1"
                    self._say(NotifyHosted(attempt, self._ready))
                case Ended() as ended:
                    if ended.failure is None and self._ready is None:
                        # Who ends well has been ready.
                        self._ready = "READY=1"
                        self._say(NotifyHosted(attempt, self._ready))
                    self._ended = ended
                    self._over.set()
                    self._say(EndHosted(attempt, ended.failure))
                    return

    def _call_start(self, call: Callable[[], str | None]) -> str | None:
        self._starter = threading.get_ident()
        try:
            return call()
        finally:
            self._starter = None

    def _begin(self, one: Drive) -> None:
        if _runs(self._service):
            one.resume()
        else:
            one.start()

    def _repeat(self) -> None:
        attempt, ended = self._attempt, self._ended
        if attempt is None:
            return
        if self._ready is not None:
            self._say(NotifyHosted(attempt, self._ready))
        if ended is not None:
            self._say(EndHosted(attempt, ended.failure))

    def _say(self, words: NotifyHosted | EndHosted) -> None:
        try:
            self._client.call(words)
        except XPMError:
            pass  # xpmd knows no more of it, or will ask again when it is back.


class Hosting:
    """All services that one client hosts."""

    def __init__(self, client: Client) -> None:
        self._services: dict[Key, Hosted] = {}
        client.handle("hosted.start", self._start)
        client.handle("hosted.stop", self._stop)

    def add(self, key: Key, hosted: Hosted) -> None:
        """From now on requests for that service reach it."""
        self._services[key] = hosted

    def _find(self, asked: HostedAttempt) -> Hosted:
        key = (asked.workspace, asked.experiment, asked.run, asked.id)
        if key not in self._services:
            raise NotFound("not_found", f"cannot find the service '{asked.id}' in this process")
        return self._services[key]

    def _start(self, params: JSON) -> JSON:
        asked = HostedAttempt.from_json(params)
        self._find(asked).start(asked.attempt)
        return {}

    def _stop(self, params: JSON) -> JSON:
        asked = HostedAttempt.from_json(params)
        self._find(asked).stop(asked.attempt, force=asked.force is True)
        return {}


def _runs(service: Any) -> bool:
    """Whether it runs already: it was started before xpmd had it."""
    thread, process = getattr(service, "thread", None), getattr(service, "process", None)
    return (thread is not None and thread.is_alive()) or (process is not None and process.poll() is None)
