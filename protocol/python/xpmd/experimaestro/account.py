"""What there is to tell of a service: asked of it once, with everything that it may answer wrongly."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..environments import current_folder, for_services
from ..host.errors import described
from ..json import JSON
from ..types.definitions import Definition
from .construction import misfit
from .portable import NotPortable, portable
from .surroundings import Found, NotFound, locate, search_path


#: Where a service that was taken over has its link.
LINK = "_xpmd_link"


@dataclass
class Account:
    """A service in words that cross the socket."""

    kind: type[Any]
    #: Where its class is found again; None for one that can only live here.
    found: Found | None
    state_dict: dict[str, JSON]
    description: str
    #: Its sub-services, without itself.
    parts: list[Any]
    #: What is wrong with it, sentences for its author.
    faults: list[str] = field(default_factory=list)

    @property
    def is_startable(self) -> bool:
        """Whether it is something of its own to run, apart from its parts."""
        return is_startable(self.kind)

    def definition(self, part: Any = None, lifetime: JSON = None) -> Definition:
        """How xpmd is to run it, or one of its parts."""
        kind = type(part) if part is not None else self.kind
        if not is_startable(kind):
            run: dict[str, JSON] = {"kind": "composite"}
        elif self.found is None:
            run = {"kind": "hosted"}
        else:
            run = {
                "kind": "recreate",
                "python": sys.executable,
                "path": search_path(),
                "main": self.found.main,
                "argv": sys.argv[1:] if self.found.main else None,
                "part": None if part is None else part.id,
            }
        return Definition.from_json(
            {
                "run": {key: value for key, value in run.items() if value is not None},
                "class": self.found.name if self.found else f"{self.kind.__module__}.{self.kind.__qualname__}",
                "state_dict": self.state_dict,
                "folder": current_folder(),
                "environment": for_services(),
                "explicit": {},
                "lifetime": lifetime,
            }
        )


def own_class(service: Any) -> type[Any]:
    """Its class; of one that was taken over that which it had before."""
    kind: Any = type(service)
    own: type[Any] = kind.__base__ if LINK in vars(service) else kind
    return own


def is_startable(kind: type[Any]) -> bool:
    """Whether services of that class have a start of their own."""
    return hasattr(kind, "get_url") or hasattr(kind, "start")


def account(service: Any, is_made_again: bool = False) -> Account:
    """Asks a service for all that xpmd has to know. Nothing that it raises gets through; it becomes a fault.

    One that `is_made_again` of its state_dict already can be so once more.
    """
    kind, faults = own_class(service), list[str]()
    found, state_dict = None, dict[str, JSON]()
    try:
        state_dict = portable(service.state_dict())
        if not state_dict.get("__unserializable__"):
            where = locate(kind)
            if not is_made_again and (reason := misfit(service, kind, state_dict)):
                raise NotFound(reason)
            found = where
    except NotPortable as error:
        faults.append(f"cannot be recreated: {error}")
    except NotFound as error:
        state_dict = {"__unserializable__": True, "__reason__": str(error)}
    except Exception as error:
        faults.append(f"cannot be recreated: its state_dict() raises {described(error)}")
    if faults:
        state_dict = {"__unserializable__": True, "__reason__": faults[0]}
    description, parts = "", list[Any]()
    try:
        description = described_by(service)
    except Exception as error:
        faults.append(f"has no description: its description() raises {described(error)}")
    try:
        if hasattr(service, "subservices"):  # experimaestro before 2.6 has none.
            parts = [part for part in service.subservices() if part is not service]
    except Exception as error:
        faults.append(f"has no parts: its subservices() raises {described(error)}")
        found = None  # Wherever it is made again, it is asked for them.
    return Account(kind, found, state_dict, description, parts, faults)


# The protocol's limit of a description, in bytes.
_DESCRIPTION_LIMIT = 4096


def described_by(service: Any) -> str:
    """What a service says of itself, as much as the protocol takes: its author has never heard of a limit."""
    text = str(service.description())
    told = text.encode("utf-8", "replace")
    return text if len(told) <= _DESCRIPTION_LIMIT else told[: _DESCRIPTION_LIMIT - 3].decode("utf-8", "ignore") + "…"


def with_logs(definition: Definition, folder: Path) -> Definition:
    """The same, with its output where experimaestro's viewers look for it."""
    # A hosted service begins its files anew by itself.
    fresh = {"fresh": True} if definition.run.kind == "recreate" else {}
    log = {"stdout": f"{folder}/logs.out", "stderr": f"{folder}/logs.err", **fresh}
    return Definition.from_json({**definition.to_json(), "log": log})
