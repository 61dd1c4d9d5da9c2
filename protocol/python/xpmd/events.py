"""Events as they happen, over any number of connections: nothing is lost or repeated."""

from __future__ import annotations

import os
import threading
from functools import partial
from typing import Callable, Iterator

from . import threads
from .connection import Connection
from .errors import XPMError
from .json import JSON
from .methods import SubscribeEvents
from .session import Session
from .threads import Backoff, Deadline, Mailbox
from .types.events import Event

# So many events are read ahead. Behind that the daemon waits, and goes on from its log when they are taken.
_AHEAD = 256
TRANSIENT = {"unreachable", "connection_lost", "shutting_down", "hello_timeout", "timed_out", "too_many_connections"}
_LIMIT = 60.0


class EventStream(Iterator[Event]):
    """Iterates over events for ever, or until it is closed. One thread at a time may ask for the next.

    It has a connection of its own, so a slow consumer delays nobody. If it is lost, it reconnects, but xpmd is not
    started for it. ``since`` is the number of the last event that was handed over, ``instance`` the log that it belongs to:
    where a daemon with another log answers, the stream begins with that log's first event.
    """

    def __init__(self, session: Session, since: int | None = None) -> None:
        """Connects: what happens from then on comes, and what happened behind ``since``."""
        self.since, self.instance = since, ""
        self._session = session
        self._closing = threading.Event()
        self._process = os.getpid()
        self._mailbox: Mailbox[JSON] = Mailbox(_AHEAD)
        self._connection = self._subscribe()

    def __iter__(self) -> EventStream:
        return self

    def __next__(self) -> Event:
        event = self.next()
        assert event is not None, "without a timeout it waits for ever"
        return event

    def next(self, timeout: float | None = None) -> Event | None:
        """The next event; None where ``timeout`` seconds bring none. ``StopIteration`` once the stream is closed."""
        deadline = Deadline(timeout)
        if self._process != os.getpid():  # Forked: the parent's threads and descriptors are not ours.
            self._process = os.getpid()
            self._mailbox = Mailbox(_AHEAD)
            self._mailbox.finish()
        while not self._closing.is_set():
            try:
                params = self._mailbox.get(deadline.left)
            except TimeoutError:
                return None
            if params is None:
                if not self._come_back(deadline):
                    return None
            elif event := self._new(Event.from_json(params)):
                return event
        raise StopIteration

    def close(self) -> None:
        """Ends the stream; a thread that waits for the next event gets ``StopIteration``."""
        self._closing.set()
        self._mailbox.finish(drop=True)
        self._connection.close()

    def __enter__(self) -> EventStream:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _new(self, event: Event) -> Event | None:
        # A gap stands for all events up to its last one.
        reached = event.seq if event.last is None else event.last
        if self.since is not None and reached <= self.since:
            return None
        self.since = reached
        return event

    def _subscribe(self) -> Connection:
        mailbox: Mailbox[JSON] = Mailbox(_AHEAD)
        connection = self._session.connect(on_event=mailbox.put, on_end=lambda _: mailbox.finish())
        try:
            instance = connection.greeting.instance
            since = self.since if self.instance in ("", instance) else 0
            request = SubscribeEvents(since)
            last = request.reply(connection.request(request.name, request.to_json(), _LIMIT)).last
        except BaseException:
            mailbox.finish(drop=True)
            connection.close()
            raise
        self.since, self.instance = last if since is None else since, instance
        self._mailbox, self._connection = mailbox, connection
        if self._closing.is_set():  # By another thread, meanwhile.
            self.close()
        return connection

    def _come_back(self, deadline: Deadline) -> bool:
        """Connects again, or is closed; false where it has not come to that in time."""
        self._connection.close()
        backoff = Backoff()
        while not self._closing.is_set() and not self._session.is_closed:
            try:
                self._subscribe()
                return True
            except XPMError as error:
                if error.code not in TRANSIENT:
                    raise
            if deadline.is_over:
                return False
            delay = backoff.next()
            self._closing.wait(delay if deadline.left is None else min(delay, deadline.left))
        self._closing.set()
        return True


class Subscription:
    """Calls ``listener`` with each event, one call after another, on a thread of its own: it may call the client."""

    def __init__(self, stream: EventStream, listener: Callable[[Event], None]) -> None:
        self._stream, self._listener = stream, listener
        # Why it ended, where it was not closed.
        self.error: XPMError | None = None
        self._thread = threads.start("xpmd events", self._run)

    @property
    def since(self) -> int | None:
        """The number of the last event that was handed over."""
        return self._stream.since

    def close(self) -> None:
        """Ends it; returns when the listener's last call has, but for a call from there."""
        self._stream.close()
        threads.join(self._thread)

    def __enter__(self) -> Subscription:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _run(self) -> None:
        try:
            for event in self._stream:
                threads.reported(partial(self._listener, event))
        except XPMError as error:
            self.error = error
