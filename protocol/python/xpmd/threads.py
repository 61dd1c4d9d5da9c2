"""What the client's threads share: a bounded mailbox, a worker that does one thing after another, delays, deadlines."""

from __future__ import annotations

import sys
import threading
import time
from collections import deque
from queue import SimpleQueue
from typing import Callable, Generic, TypeVar

Item = TypeVar("Item")


class Mailbox(Generic[Item]):
    """Hands items from one thread to another, at most ``size`` at a time: who puts waits for who gets."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._items: deque[Item] = deque()
        self._changed = threading.Condition()
        self._is_finished = False

    def put(self, item: Item) -> None:
        """Waits for room. An item that comes after the end is dropped."""
        with self._changed:
            self._changed.wait_for(lambda: len(self._items) < self._size or self._is_finished)
            if not self._is_finished:
                self._items.append(item)
                self._changed.notify_all()

    def get(self, timeout: float | None = None) -> Item | None:
        """The next item; None once the end has come and all are taken. ``TimeoutError`` after ``timeout`` seconds."""
        with self._changed:
            if not self._changed.wait_for(lambda: self._items or self._is_finished, timeout):
                raise TimeoutError
            if not self._items:
                return None
            self._changed.notify_all()
            return self._items.popleft()

    def finish(self, drop: bool = False) -> None:
        """No more items come; with ``drop`` those that wait are forgotten."""
        with self._changed:
            self._is_finished = True
            if drop:
                self._items.clear()
            self._changed.notify_all()


class Worker:
    """A thread that does what it is given, in that order. It begins with the first task, and one that fails ends nothing."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._tasks: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._is_closed = False

    def submit(self, task: Callable[[], None]) -> None:
        """Does ``task`` soon; not at all after ``close``."""
        with self._lock:
            if self._is_closed:
                return
            self._tasks.put(task)
            if self._thread is None:
                self._thread = start(self._name, self._run)

    def close(self) -> None:
        """Ends the thread after the task that it does; returns when it has ended, but for a call from that task itself."""
        with self._lock:
            self._is_closed = True
            thread = self._thread
        self._tasks.put(None)
        join(thread)

    def _run(self) -> None:
        while (task := self._tasks.get()) is not None and not self._is_closed:
            reported(task)


class Backoff:
    """How long to wait before the next try, in seconds: 0.05 at first, doubled up to 2."""

    def __init__(self) -> None:
        self._delay = 0.05

    def next(self) -> float:
        """The delay before the next try."""
        delay = self._delay
        self._delay = min(delay * 2, 2.0)
        return delay


class Deadline:
    """A moment, ``seconds`` from now on the clock that nobody sets; None for never."""

    def __init__(self, seconds: float | None) -> None:
        self._end = None if seconds is None else time.monotonic() + seconds

    @property
    def left(self) -> float | None:
        """Seconds that are left, 0 where it is over."""
        return None if self._end is None else max(0.0, self._end - time.monotonic())

    @property
    def is_over(self) -> bool:
        """Whether it has passed."""
        return self.left == 0.0

    def acquire(self, lock: threading.Lock) -> bool:
        """Takes a lock, if it can be had in time."""
        return lock.acquire(timeout=-1 if self.left is None else self.left)


def start(name: str, run: Callable[[], None]) -> threading.Thread:
    """Begins a thread that does not keep the program from ending."""
    thread = threading.Thread(target=run, name=name, daemon=True)
    thread.start()
    return thread


def join(thread: threading.Thread | None) -> None:
    """Waits for a thread's end, but not for one's own."""
    if thread is not None and thread is not threading.current_thread():
        thread.join()


def reported(task: Callable[[], None]) -> None:
    """Does a task of somebody else's: what it raises is told to `threading.excepthook`, and goes no further."""
    try:
        task()
    except Exception:
        threading.excepthook(threading.ExceptHookArgs((*sys.exc_info(), threading.current_thread())))
