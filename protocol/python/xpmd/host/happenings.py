"""What can happen to a service in its host; the main thread takes one after the other."""

from __future__ import annotations

import queue
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .drive import Drive


@dataclass(frozen=True)
class Ready:
    """It serves; at `url`, if it has pages."""

    drive: Drive
    url: str | None


@dataclass(frozen=True)
class Ended:
    """It runs no more: well, or because of `failure`, a sentence."""

    drive: Drive
    failure: str | None = None
    #: As `Popen.returncode`: of its process, where it had one; -9 is SIGKILL.
    returncode: int = 0


@dataclass(frozen=True)
class Told:
    """A signal came."""

    signal: int


@dataclass(frozen=True)
class Woken:
    """A signal came that Python has perhaps not handled yet: it does so once its main thread runs."""


Happening = Ready | Ended | Told | Woken

#: Its `put` may be called by signal handlers and any thread.
Happenings = queue.SimpleQueue[Happening]
