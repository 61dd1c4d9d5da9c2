"""What the daemon tells of the runs of experiments."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import ClassVar

from ..times import Time
from .records import Record
from .services import RunMode


class RunStatus(str, Enum):
    """Whether a run goes on, and how it ended."""

    OPEN = "open"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True)
class RunRecord(Record):
    """One run of an experiment. ``services`` counts its services, sub-services included."""

    workspace: str
    experiment: str
    run: str
    run_mode: RunMode
    status: RunStatus
    opened_at: Time
    services: int
    closed_at: Time | None = None

    _nullable: ClassVar = frozenset({"closed_at"})
