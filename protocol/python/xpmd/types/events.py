"""Entries of the daemon's log of changes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Mapping

from .. import shown
from ..references import Reference
from ..times import Time
from .records import Record
from .services import Exit, HealthReport, Retry, State, Usage


@dataclass(frozen=True)
class Event(Record):
    """One change. ``kind`` says which of the other fields apply; kinds of later daemons are to be passed over.

    ``revision`` is the one that a change has made of its service.
    A ``gap`` stands for the events ``first`` to ``last`` that were missed and that the log no longer holds.
    """

    seq: int
    at: Time
    kind: str
    workspace: str | None = None
    experiment: str | None = None
    run: str | None = None
    id: str | None = None
    attempt: int | None = None
    previous: State | None = None
    state: State | None = None
    cause: str | None = None
    pid: int | None = None
    url: str | None = None
    error: str | None = None
    exit: Exit | None = None
    retry: Retry | None = None
    health: HealthReport | None = None
    usage: Usage | None = None
    revision: int | None = None
    first: int | None = None
    last: int | None = None

    _keys: ClassVar[Mapping[str, str]] = {"first": "from", "last": "to"}

    def __repr__(self) -> str:
        """Its number and kind, what it is about, and what became of that."""
        about = self.workspace or "" if self.experiment is None else f"{self.experiment}@{self.run}"
        name = f"{self.seq} {self.kind} {about}{'' if self.id is None else f':{self.id}'}"
        return shown.text(name.strip(), self.state, self.url, self.error or self.cause, kind="Event")

    @property
    def service(self) -> Reference | None:
        """The service that it concerns."""
        if self.id is None:
            return None
        return Reference(self.id, self.experiment, self.run, self.workspace)
