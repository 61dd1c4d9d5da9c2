"""One client's relation to its daemon, over any number of connections: finding it, starting it, coming back to it."""

from __future__ import annotations

import errno
import os
import threading
import weakref
from dataclasses import dataclass
from functools import partial
from typing import Callable, Mapping

from . import threads
from .autostart import Autostart
from .connection import Connection, EventHandler, NotSent
from .errors import ConnectionLost, DaemonUnavailable, XPMError
from .json import JSON
from .methods import Method, Reply
from .places import Places
from .threads import Backoff, Deadline, Worker

# How often in a row the connection may be lost under one call, each time within so many seconds: a request that brings the daemon
# down is not repeated for ever, and a long wait outlives any number of daemons.
LOSSES = 3
_SOON = 1.0
# Seconds that a call whose connection was lost waits for a daemon to be there again.
_PATIENCE = 10
# How often a connection is made that is lost while it is greeted.
_GREETINGS = 4

# Answers a request of the daemon's: gets the parameters, gives the result, or raises an `XPMError` for a refusal.
Handler = Callable[[JSON], "Mapping[str, JSON] | None"]


@dataclass(frozen=True)
class Reconnection:
    """The connection was made again. With another ``instance`` than ``previous`` nothing that was known holds any more."""

    instance: str
    previous: str

    @property
    def is_fresh(self) -> bool:
        """Whether it is the daemon of another state folder: experiments and services have to be made known anew."""
        return self.instance != self.previous


class Session:
    """Keeps one connection for calls. Nothing is connected before the first call.

    In a forked child it begins anew, without the handlers: these belong to the parent.
    """

    def __init__(self, places: Places, name: str, autostart: Autostart | None) -> None:
        self.places, self.name = places, name
        self._autostart = autostart
        self._connection: Connection | None = None
        self._instance: str | None = None
        self._handlers: dict[str, Handler] = {}
        self._callbacks: list[Callable[[Reconnection], None]] = []
        self._connections: weakref.WeakSet[Connection] = weakref.WeakSet()
        self._prepare()
        _all.add(self)

    def _prepare(self) -> None:
        """What a forked child cannot take over: locks that may be held, and threads."""
        self._connecting = threading.Lock()
        self._closing = threading.Event()
        self._worker = Worker("xpmd requests")
        self._keeper: threading.Thread | None = None

    def ask(self, make: Callable[[], Method[Reply]], timeout: float | None) -> Reply:
        """Asks for what ``make`` gives, again where the reply was lost and the method allows it; see `Client.call`."""
        deadline, losses = Deadline(timeout), 0
        while True:
            method = make()
            connection = self._connected(method.starts_daemon, deadline, patient=losses > 0)
            soon = Deadline(_SOON)
            try:
                return method.reply(connection.request(method.name, method.to_json(), deadline.left))
            except ConnectionLost as error:
                losses = 1 if soon.is_over else losses + 1
                if losses > LOSSES or not (method.repeatable or isinstance(error, NotSent)) or self._closing.is_set():
                    raise

    def connect(
        self, autostart: bool = False, on_event: EventHandler | None = None,
        on_end: Callable[[Connection], None] | None = None,
    ) -> Connection:
        """A connection of one's own, to be closed by who asked for it."""

        def attempt() -> Connection:
            try:
                self.places.check()
                return attempt_at(self.places.socket)
            except (DaemonUnavailable, ConnectionLost) as error:
                noted = self.places.noted()
                if noted is None or error.code == "too_many_connections" or not (
                    _is_nobody_there(error) or "errno" not in error.data
                ):
                    raise
                try:
                    connection = attempt_at(noted[0])
                except XPMError:
                    raise error from None
                if connection.greeting.pid == noted[1]:
                    return connection
                # Another daemon serves there by now, for another state folder.
                connection.close()
                raise

        def attempt_at(socket: str) -> Connection:
            connection = Connection(socket, self.name, on_event, self._take, on_end)
            self._connections.add(connection)
            if self._closing.is_set():  # Too late for `close` to have seen it.
                connection.close()
            return connection

        try:
            return attempt()
        except (DaemonUnavailable, ConnectionLost) as error:
            if not autostart or self._autostart is None or not _is_nobody_there(error):
                raise
        try:
            self._autostart.start()
        except XPMError as failure:
            # Another client may have started one in the meantime, and ours gave way to it.
            try:
                return attempt()
            except XPMError:
                raise failure from None
        return attempt()

    def handle(self, method: str, handler: Handler | None) -> None:
        """Has requests of the daemon for ``method`` answered by ``handler``, and the connection made again when it is lost."""
        if handler is None:
            self._handlers.pop(method, None)
        else:
            self._handlers[method] = handler

    def on_reconnect(self, callback: Callable[[Reconnection], None]) -> Callable[[], None]:
        """Calls back after each reconnection, which is then tried at once and not with the next call; gives what undoes it."""
        self._callbacks.append(callback)

        def undo() -> None:
            if callback in self._callbacks:
                self._callbacks.remove(callback)

        return undo

    def close(self) -> None:
        """Ends all connections, those for events included, and threads; later calls fail with `ConnectionLost`."""
        self._closing.set()
        with self._connecting:
            self._connection = None
        for connection in list(self._connections):
            connection.close()
        self._worker.close()
        threads.join(self._keeper)

    @property
    def is_closed(self) -> bool:
        """Whether it was closed."""
        return self._closing.is_set()

    def _connected(self, starts_daemon: bool, deadline: Deadline, patient: bool) -> Connection:
        if not deadline.acquire(self._connecting):
            raise XPMError("timed_out", "cannot wait any longer for a connection to xpmd")
        try:
            backoff, patience, greetings = Backoff(), Deadline(_PATIENCE), 0
            while True:
                if self._closing.is_set():
                    raise NotSent("connection_lost", "cannot ask xpmd: the client was closed")
                if self._connection is not None and self._connection.is_open:
                    return self._connection
                try:
                    return self._adopt(self.connect(starts_daemon, on_end=self._ended))
                except (DaemonUnavailable, ConnectionLost) as error:
                    # A daemon that ends just then, or makes way for another one, has accepted connections that it never serves.
                    greetings += 1
                    is_passing = patient or isinstance(error, ConnectionLost) and greetings < _GREETINGS
                    if not is_passing or patience.is_over or deadline.is_over:
                        raise
                delay = backoff.next()
                self._closing.wait(delay if deadline.left is None else min(delay, deadline.left))
        finally:
            self._connecting.release()

    def _adopt(self, connection: Connection) -> Connection:
        previous, self._instance = self._instance, connection.greeting.instance
        self._connection = connection
        if previous is not None:
            news = Reconnection(self._instance, previous)
            for callback in list(self._callbacks):
                self._worker.submit(partial(callback, news))
        if not connection.is_open:
            self._ended(connection)
        return connection

    def _ended(self, connection: Connection) -> None:
        # On any thread: where a request found the end, on one that holds locks of the connection's.
        if connection is not self._connection or self._closing.is_set() or not (self._handlers or self._callbacks):
            return
        # One for each loss: they wait for each other, and all but the first find a connection.
        self._keeper = threads.start("xpmd reconnect", self._come_back)

    def _come_back(self) -> None:
        # xpmd is not started for it: that it was stopped may have been somebody's will.
        backoff = Backoff()
        while not self._closing.wait(backoff.next()):
            try:
                self._connected(False, Deadline(None), patient=False)
                return
            except XPMError:
                pass

    def _take(self, connection: Connection, id: JSON, method: str, params: JSON) -> None:
        self._worker.submit(partial(self._answer, connection, id, method, params))

    def _answer(self, connection: Connection, id: JSON, method: str, params: JSON) -> None:
        handler = self._handlers.get(method)
        if handler is None:
            cause = f"cannot do {method}: this client does not know it"
            connection.respond(id, error=XPMError("unknown_method", cause, {"method": method}))
            return
        try:
            result = handler({} if params is None else params)
            connection.respond(id, result=result)
        except XPMError as error:
            connection.respond(id, error=error)
        except Exception as error:
            cause = f"cannot do {method}: {type(error).__name__}: {error}"
            connection.respond(id, error=XPMError("internal_error", cause, {"method": method}))
            raise

    def _forked(self) -> None:
        # The connection has closed itself. Whose requests the parent answers, the child must not.
        self._connection = self._instance = None
        self._handlers, self._callbacks = {}, []
        was_closed = self._closing.is_set()
        self._prepare()
        if was_closed:
            self._closing.set()


def _is_nobody_there(error: XPMError) -> bool:
    # No socket, or one that its daemon left behind, be it while it greeted us: one that is there but silent is not started again.
    return isinstance(error, ConnectionLost) or error.data.get("errno") in (errno.ENOENT, errno.ECONNREFUSED)


_all: weakref.WeakSet[Session] = weakref.WeakSet()


def _forget_sessions() -> None:
    for session in list(_all):
        session._forked()


os.register_at_fork(after_in_child=_forget_sessions)
