"""What runs hear of their services: one subscription for all runs that a client follows."""

from __future__ import annotations

import os
import threading
from functools import partial
from typing import TYPE_CHECKING, Callable, NamedTuple

from . import threads
from .types.events import Event

if TYPE_CHECKING:
    from .client import Client
    from .events import Subscription


class RunKey(NamedTuple):
    """Which run: the same name in another workspace or experiment is another one."""

    workspace: str
    experiment: str
    run: str


class Feed:
    """A client's subscription, which is there while runs are followed. Listeners are called one after another."""

    _making = threading.Lock()

    def __init__(self, client: Client) -> None:
        self._client = client
        self._lock = threading.Lock()
        self._subscription: Subscription | None = None
        self._followings: dict[RunKey, list[Following]] = {}
        self._process = os.getpid()

    @classmethod
    def of(cls, client: Client) -> Feed:
        """The client's one. A forked child has one of its own: the parent's thread is not there."""
        with cls._making:
            if client._feed is None or client._feed._process != os.getpid():
                client._feed = cls(client)
            return client._feed

    def follow(self, run: RunKey, hear: Callable[[Event], None]) -> Following:
        """Calls ``hear`` with each event of a run that happens from now on."""
        with self._lock:
            if self._subscription is None or self._subscription.error is not None:
                self._subscription = self._client.subscribe(self._tell)
            following = Following(self, run, hear)
            self._followings.setdefault(run, []).append(following)
            return following

    def _tell(self, event: Event) -> None:
        if event.workspace is None or event.experiment is None or event.run is None:
            return
        with self._lock:
            followings = [*self._followings.get(RunKey(event.workspace, event.experiment, event.run), ())]
        for following in followings:
            following._tell(event)

    def _leave(self, following: Following) -> None:
        with self._lock:
            others = self._followings.get(following.run, [])
            if following in others:
                others.remove(following)
            if not others:
                self._followings.pop(following.run, None)
            if self._followings:
                return
            subscription, self._subscription = self._subscription, None
        if subscription is not None:
            subscription.close()


class Following:
    """A run that is followed, until it is closed."""

    def __init__(self, feed: Feed, run: RunKey, hear: Callable[[Event], None]) -> None:
        self.run = run
        self._feed, self._hear = feed, hear
        # Held during a call; taken again by one that closes it from there.
        self._busy = threading.RLock()
        self._is_closed = False

    def close(self) -> None:
        """Ends it; returns when the last call has, but for one that this is called from."""
        with self._busy:
            self._is_closed = True
        self._feed._leave(self)

    def _tell(self, event: Event) -> None:
        with self._busy:
            if not self._is_closed:
                threads.reported(partial(self._hear, event))
