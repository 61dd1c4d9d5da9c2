"""What xpmd is told of a service, in the protocol's words; what the service answers wrongly gets another answer."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Any

from ..json import JSON
from ..methods import SubService
from ..types.definitions import Definition
from .account import Account, with_logs

logger = logging.getLogger("xpmd")


@dataclass(frozen=True)
class Words:
    """A definition, and those of the parts."""

    definition: Definition
    description: str
    parts: list[SubService]

    @classmethod
    def of(cls, told: Account, service: Any, lifetime: JSON) -> Words:
        """Those for a service whose parts have folders for their logs."""
        parts = [
            SubService(part.id, _directed(told.definition(part, lifetime), part), _description(part))
            for part in told.parts
        ]
        return cls(_directed(told.definition(None, lifetime), service), told.description, parts)

    @property
    def are_hosted(self) -> bool:
        """Whether it lives in this process, or a part of it."""
        return any(one.run.kind == "hosted" for one in (self.definition, *(part.definition for part in self.parts)))


def report(service: Any, told: Account) -> None:
    """Says what is wrong with a service. What it answers wrongly would also break its experiment's own records at the end."""
    if any("description()" in fault for fault in told.faults):
        service.description = lambda: ""
    if any("recreated" in fault for fault in told.faults):
        service.state_dict = lambda: told.state_dict
    if any("subservices()" in fault for fault in told.faults):
        service.subservices = lambda: [service]
    for fault in told.faults:
        logger.error("the service '%s' %s", service.id, fault)


def _directed(definition: Definition, one: Any) -> Definition:
    return definition if definition.run.kind == "composite" else with_logs(definition, one.log_directory)


def _description(part: Any) -> str:
    try:
        return str(part.description())
    except Exception:
        return ""
