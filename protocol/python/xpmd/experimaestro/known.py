"""A service that a monitor cannot make again, of a class of somebody's `__main__` say, but that xpmd knows and can run."""

from __future__ import annotations

from typing import Any

from experimaestro.scheduler.services import Service

from ..types.services import ServiceRecord


class Known(Service):
    """Has the words of xpmd's record; what it does is xpmd's anyway."""

    def __init__(self, record: ServiceRecord, parts: list[ServiceRecord]) -> None:
        super().__init__()
        self.id = record.id.rpartition("/")[2]
        self._description = record.description
        self._parts: list[Service] = [Known(part, []) for part in parts]

    def description(self) -> Any:
        """That of the record."""
        return self._description

    def subservices(self) -> list[Service]:
        """Itself and its parts."""
        return [self, *self._parts]

    def get_url(self) -> str | None:
        """Replaced when the service is taken over: so it counts as one that can be started."""
        raise RuntimeError(f"cannot start '{self.id}' here: its class cannot be created again in this process")
