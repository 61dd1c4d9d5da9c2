"""What xpmd is told of a service, in the protocol's words; what the service answers wrongly gets another answer."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ..methods import SubService
from ..types.definitions import Definition
from .account import Account, described_by, with_logs
from .wishes import Wishes

logger = logging.getLogger("xpmd")


@dataclass(frozen=True)
class Words:
    """A definition, and those of the parts."""

    definition: Definition
    description: str
    parts: list[SubService]

    @classmethod
    def of(cls, told: Account, service: Any, wishes: Wishes) -> Words:
        """Those for a service whose parts have folders for their logs."""
        parts = [
            SubService(part.id, _definition(told, part, wishes, of=service), _description(part))
            for part in told.parts
        ]
        return cls(_definition(told, service, wishes), told.description, parts)

    @property
    def are_hosted(self) -> bool:
        """Whether it lives in this process, or a part of it."""
        return any(one.run.kind == "hosted" for one in (self.definition, *(part.definition for part in self.parts)))


def report(service: Any, told: Account) -> None:
    """Says what is wrong with a service. What it answers wrongly would also break its experiment's own records at the end."""
    if any("description()" in fault for fault in told.faults):
        _answer(service, "description", lambda: "")
    if any("recreated" in fault for fault in told.faults):
        _answer(service, "state_dict", lambda: told.state_dict)
    if any("subservices()" in fault for fault in told.faults):
        _answer(service, "subservices", lambda: [service])
    for fault in told.faults:
        logger.error("the service '%s' %s", service.id, fault)


def _answer(service: Any, name: str, answer: Callable[[], Any]) -> None:
    try:
        setattr(service, name, answer)
    except AttributeError:
        pass  # Of a class that has a property in the place of the method; `owned` keeps what it says out of the record.


def _definition(told: Account, one: Any, wishes: Wishes, of: Any = None) -> Definition:
    definition = told.definition(None if of is None else one, wishes.lifetime)
    if definition.run.kind == "composite":
        return definition
    if wishes.readiness is not None:
        definition = definition.replace(readiness=wishes.readiness)
    return with_logs(definition, one.log_directory)


def _description(part: Any) -> str:
    try:
        return described_by(part)
    except Exception:
        return ""
