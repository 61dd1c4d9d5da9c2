"""What services write, in the order in which it arrived."""

from __future__ import annotations

from dataclasses import dataclass

from ..times import Time
from .records import Record


@dataclass(frozen=True)
class LogEntry(Record):
    """A line of ``stream``, or a part of one, without its end; ``at_us`` is when its first byte arrived, in microseconds since 1970.

    ``attempt`` is 0 where no record tells. ``open``: it may go on in a later entry, which ``continues`` it. ``note``: words of
    xpmd's logger. ``dropped``: so many lines were dropped right before it. ``estimated``: the time is that of the file.
    """

    stream: str
    attempt: int
    at_us: int
    text: str
    open: bool | None = None
    continues: bool | None = None
    note: bool | None = None
    dropped: int | None = None
    estimated: bool | None = None

    @property
    def at(self) -> Time:
        """When its first byte arrived, cut off to milliseconds."""
        return Time(self.at_us // 1000)


@dataclass(frozen=True)
class LogAttempt(Record):
    """An attempt of which a page has lines; ``began`` is None where that is not known any more."""

    attempt: int
    began: Time | None = None


@dataclass(frozen=True)
class LogLoss(Record):
    """What is gone of a stream before it was read; ``bytes`` is None where that cannot be known."""

    stream: str
    bytes: int | None = None


@dataclass(frozen=True)
class LogPaths(Record):
    """The files that are written to."""

    stdout: str | None = None
    stderr: str | None = None


@dataclass(frozen=True)
class LogPage(Record):
    """Lines in one order; ``cursor`` is where to go on, and ``more`` whether there is more at once.

    ``lost`` is what is gone of what was still to come, ``faults`` what is wrong with the files, in sentences.
    """

    entries: tuple[LogEntry, ...]
    attempts: tuple[LogAttempt, ...]
    cursor: str
    more: bool
    paths: LogPaths
    lost: tuple[LogLoss, ...] | None = None
    faults: tuple[str, ...] | None = None


@dataclass(frozen=True)
class ClearedLogs(Record):
    """The files that were emptied."""

    paths: tuple[str, ...]
