"""One conversation with xpmd: requests from any thread, replies matched by their ids, one thread that reads."""

from __future__ import annotations

import errno
import fcntl
import itertools
import os
import select
import socket
import struct
import threading
import weakref
from typing import Callable, Mapping

from . import frames, owners, threads
from .errors import ConnectionLost, DaemonUnavailable, TimedOut, XPMError
from .json import JSON, read, write
from .threads import Deadline
from .types.daemon import Greeting

# Seconds for connecting and for the greeting: a daemon that is stopped or overloaded is reported, not awaited for ever.
GREETING_LIMIT = 10
_CHUNK = 1 << 16

EventHandler = Callable[[JSON], None]
# Gets the connection, the request's id, its method and its parameters; answers with `respond`.
RequestHandler = Callable[["Connection", JSON, str, JSON], None]


class NotSent(ConnectionLost):
    """The request did not reach the daemon as a whole: it was not carried out."""


class _Call:
    """A request that waits for its reply."""

    def __init__(self) -> None:
        self.done = threading.Event()
        self.message: dict[str, JSON] | None = None


class Connection:
    """A greeted connection. Once it is lost it stays so, and every call fails with `ConnectionLost`.

    ``on_event`` is called on the thread that reads: while it blocks nothing is read, which makes the daemon wait, too.
    ``on_request`` is called there as well, ``on_end`` once, on the thread that finds or makes the end; both must return at once.
    """

    def __init__(
        self,
        path: str,
        client: str,
        on_event: EventHandler | None = None,
        on_request: RequestHandler | None = None,
        on_end: Callable[[Connection], None] | None = None,
    ) -> None:
        """`DaemonUnavailable` where nothing answers, `Untrusted` where another user serves, ``version_mismatch`` where no version is
        common."""
        self._on_event, self._on_request, self._on_end = on_event, on_request, on_end
        self._socket = _connect(path)
        self._ids = itertools.count(1)
        self._lock = threading.Lock()
        self._sending = threading.Lock()
        self._calls: dict[JSON, _Call] = {}
        self._end: XPMError | None = None
        self._said: XPMError | None = None
        self._request_limit = frames.REQUEST_LIMIT
        _all.add(self)
        self._reader = threads.start("xpmd reader", self._read)
        try:
            versions = {"min": 1, "max": 1}
            self.greeting = Greeting.from_json(
                self.request("hello", {"client": client, "versions": versions}, GREETING_LIMIT)
            )
        except BaseException as error:
            said = self._farewell() if isinstance(error, ConnectionLost) else None
            self.close()
            if said is not None:
                raise said from None
            if isinstance(error, TimedOut):
                raise DaemonUnavailable(
                    "unreachable", f"cannot reach xpmd at {path}: it accepts connections but does not answer", {"path": path}
                ) from None
            raise
        self._request_limit = self.greeting.request_limit

    @property
    def is_open(self) -> bool:
        """Whether it can be used, as far as is known."""
        return self._end is None

    def request(self, method: str, params: Mapping[str, JSON], timeout: float | None = None) -> JSON:
        """Asks, and waits for the result: the daemon's refusal, `TimedOut` after ``timeout`` seconds, or `ConnectionLost`."""
        deadline = Deadline(timeout)
        call, id = _Call(), next(self._ids)
        frame = frames.encode(
            write({"id": id, "jsonrpc": "2.0", "method": method, "params": params}), self._request_limit
        )
        with self._lock:
            if self._end is not None:
                raise NotSent("connection_lost", f"cannot ask {method}: {self._end}")
            self._calls[id] = call
        try:
            self._send(frame, method, deadline)
            if not call.done.wait(deadline.left):
                raise XPMError("timed_out", f"cannot wait any longer for xpmd's answer to {method}", {"method": method})
        finally:
            with self._lock:
                self._calls.pop(id, None)
        if call.message is None:
            raise XPMError("connection_lost", f"cannot finish {method}: {self._end}")
        if "error" in call.message:
            raise XPMError.from_json(call.message["error"])
        return call.message.get("result")

    def respond(self, id: JSON, result: JSON = None, error: XPMError | None = None) -> None:
        """Answers a request of the daemon's; nobody is told where the connection has ended meanwhile."""
        answer = {"result": {} if result is None else result} if error is None else {"error": error.to_json()}
        try:
            frame = frames.encode(write({"id": id, "jsonrpc": "2.0", **answer}), self._request_limit)
            self._send(frame, "an answer", Deadline(GREETING_LIMIT))
        except (ConnectionLost, TimedOut):
            pass

    def close(self) -> None:
        """Ends the connection and its thread; calls that wait fail."""
        self._finish(XPMError("connection_lost", "the connection was closed"))
        threads.join(self._reader)

    def _send(self, frame: bytes, method: str, deadline: Deadline) -> None:
        if not deadline.acquire(self._sending):
            raise XPMError("timed_out", f"cannot send {method}: xpmd does not read")
        rest = memoryview(frame)
        try:
            while rest:
                if self._end is not None:
                    raise NotSent("connection_lost", f"cannot send {method}: {self._end}")
                try:
                    rest = rest[self._socket.send(rest, socket.MSG_DONTWAIT | socket.MSG_NOSIGNAL) :]
                except BlockingIOError:
                    self._wait_for_room(method, deadline)
        except OSError as error:
            self._finish(XPMError("connection_lost", f"cannot send to xpmd: {error.strerror}"))
            raise NotSent("connection_lost", f"cannot send {method}: {error.strerror}") from None
        finally:
            if 0 < len(rest) < len(frame):  # Half a frame is in the stream: no other can follow it.
                self._finish(XPMError("connection_lost", "a request was interrupted"))
            self._sending.release()

    def _wait_for_room(self, method: str, deadline: Deadline) -> None:
        poll = select.poll()
        poll.register(self._socket, select.POLLOUT)
        left = deadline.left
        if not poll.poll(None if left is None else left * 1000):
            raise XPMError("timed_out", f"cannot send {method}: xpmd does not read", {"method": method})

    def _read(self) -> None:
        splitter = frames.Splitter()
        try:
            while data := self._socket.recv(_CHUNK):
                for payload in splitter.feed(data):
                    self._take(read(payload))
            self._finish(XPMError("connection_lost", "xpmd closed the connection"))
        except OSError as error:
            self._finish(XPMError("connection_lost", f"cannot read from xpmd: {error.strerror}"))
        except XPMError as error:
            self._finish(error)
        finally:
            # Only where a handler raised: whoever waits must not wait for ever.
            self._finish(XPMError("connection_lost", "the reading thread has ended"))
            with self._sending:
                self._socket.close()

    def _take(self, message: JSON) -> None:
        if not isinstance(message, dict):
            raise XPMError("invalid_request", "cannot understand xpmd: it sent something that is not a message")
        id, method = message.get("id"), message.get("method")
        if isinstance(method, str):
            # A notification that is not known is passed over.
            if id is not None:
                self._take_request(id, method, message.get("params"))
            elif method == "event" and self._on_event is not None:
                self._on_event(message.get("params"))
        elif id is None and "error" in message:
            # It is about the connection, or about what could not be read: nobody knows what is answered from here on.
            self._said = XPMError.from_json(message["error"])
            raise self._said
        else:
            with self._lock:
                call = self._calls.pop(id, None)
            if call is not None:  # Else it was given up.
                call.message = message
                call.done.set()

    def _farewell(self) -> XPMError | None:
        """Why xpmd has closed the connection instead of greeting, where it has said so: nobody takes events that could hold this up."""
        self._reader.join(GREETING_LIMIT)
        return self._said

    def _take_request(self, id: JSON, method: str, params: JSON) -> None:
        if self._on_request is not None:
            self._on_request(self, id, method, params)
            return
        unknown = XPMError("unknown_method", f"cannot carry out {method}: unknown method", {"method": method})
        # On a thread of its own: an answer that has to wait for room must not keep others from being read.
        threads.start("xpmd answer", lambda: self.respond(id, error=unknown))

    def _finish(self, end: XPMError) -> None:
        with self._lock:
            if self._end is not None:
                return
            self._end = end
            calls = list(self._calls.values())
            self._calls.clear()
        try:
            self._socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass  # The other side was faster.
        for call in calls:
            call.done.set()
        # Not left to the thread that reads: it may be waiting for whoever takes events, whom this tells that none come.
        if self._on_end is not None:
            self._on_end(self)

    def _forked(self) -> None:
        # The socket stays the parent's alone: closed here, but not shut down, and locks that were held are never released.
        self._lock, self._sending, self._calls = threading.Lock(), threading.Lock(), {}
        self._end = self._end or XPMError("connection_lost", "the connection belongs to the process that was forked")
        self._on_end = None
        self._socket.close()


def _connect(path: str) -> socket.socket:
    owners.check_folder(path)
    connected = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    if connected.fileno() <= 2:  # In a program without input, output or errors it would pass for these.
        number, connected = connected, socket.socket(fileno=fcntl.fcntl(connected, fcntl.F_DUPFD_CLOEXEC, 3))
        number.close()
    deadline = Deadline(GREETING_LIMIT)
    try:
        while not _is_connected(connected, path, deadline):
            pass
        owners.check_peer(connected, path)
        return connected
    except XPMError:
        connected.close()
        raise
    except OSError as error:
        connected.close()
        full = error.errno == errno.EAGAIN
        cause = "too many clients are waiting for it to accept their connections" if full else error.strerror or error
        raise XPMError("unreachable", f"cannot reach xpmd at {path}: {cause}", {"path": path, "errno": error.errno}) from None


def _is_connected(connecting: socket.socket, path: str, deadline: Deadline) -> bool:
    # A daemon that accepts nothing any more must not hold us: connect(2) obeys the send timeout.
    seconds = max(deadline.left or 0, 0.001)
    limit = struct.pack("@ll", int(seconds), int(seconds % 1 * 1_000_000))
    connecting.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, limit)
    connecting.connect(path)
    try:
        connecting.getpeername()
        return True
    except OSError:
        # A signal ended the wait for a place in the backlog, which Python takes for a connection under way.
        if deadline.is_over:
            raise BlockingIOError(errno.EAGAIN, os.strerror(errno.EAGAIN)) from None
        return False


_all: weakref.WeakSet[Connection] = weakref.WeakSet()


def _forget_connections() -> None:
    for connection in list(_all):
        connection._forked()
    _all.clear()


os.register_at_fork(after_in_child=_forget_connections)
