"""What the daemon reports about the runs of experiments."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import ClassVar

from .. import shown
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
    """One run of an experiment. ``services`` counts its services, sub-services included.

    ``watched`` is true for one that was found in a workspace that is watched, ``gone`` for one that is no longer there.
    """

    workspace: str
    experiment: str
    run: str
    run_mode: RunMode
    status: RunStatus
    opened_at: Time
    services: int
    closed_at: Time | None = None
    watched: bool | None = None
    gone: bool | None = None

    _nullable: ClassVar[frozenset[str]] = frozenset({"closed_at"})

    def __repr__(self) -> str:
        """Its name, how it stands, and how many services it has."""
        return shown.text(f"{self.experiment}@{self.run}", self.status, cause=self._services, kind="RunRecord")

    def _repr_html_(self) -> str:
        """The same for a notebook."""
        return shown.html(f"{self.experiment}@{self.run}", self.status, cause=self._services)

    @property
    def _services(self) -> str:
        return f"{self.services} service{'' if self.services == 1 else 's'}"


@dataclass(frozen=True)
class WorkspaceRecord(Record):
    """A workspace that is watched: ``state`` is ``scanning``, ``watching``, ``polling`` or ``missing``."""

    workspace: str
    state: str
    watched_since: Time
    runs: int
    services: int
    error: str | None = None

    def __repr__(self) -> str:
        """The folder, and how it is watched."""
        return shown.text(self.workspace, self.state, cause=self.error, kind="WorkspaceRecord")

    def _repr_html_(self) -> str:
        """The same for a notebook."""
        return shown.html(self.workspace, self.state, cause=self.error)
