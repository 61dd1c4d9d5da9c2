"""Ways to name a service: ``[experiment[@run]:]service[/sub]``, or the parts of that."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from typing import Union

from . import names
from .errors import XPMError
from .json import JSON

_FORM = "the form is [experiment[@run]:]service[/sub]"


@dataclass(frozen=True)
class Reference:
    """Names a service by parts; parts that are None match everything.

    ``id`` is that within the run, of a sub-service ``service/sub``. With ``near``, a folder, services of the workspaces
    around it are preferred; with ``here`` as well, those of other folders are meant only where experiment or workspace is named.
    """

    id: str
    experiment: str | None = None
    run: str | None = None
    workspace: str | None = None
    near: str | None = None
    here: bool | None = None

    @classmethod
    def parse(cls, text: str, near: str | None = None, here: bool | None = None) -> Reference:
        """Reads the text form; ``invalid_name`` for anything else."""
        owner, colon, id = text.rpartition(":")
        if ":" in owner:
            raise _invalid(text, "it has more than one ':'")
        components = id.split("/")
        if len(components) > 2:
            raise _invalid(text, "it has more than one '/'")
        for component in components:
            names.validate(component, "a service")
        if not colon:
            return cls(id, near=near, here=here)
        experiment, at, run = owner.partition("@")
        if "@" in run:
            raise _invalid(text, "it has more than one '@'")
        names.validate(experiment, "an experiment")
        return cls(id, experiment, names.validate(run, "a run") if at else None, near=near, here=here)

    @classmethod
    def from_json(cls, value: JSON) -> Reference:
        """Reads both forms. Where an object and the text in its ``id`` disagree, the object's key counts."""
        if isinstance(value, str):
            return cls.parse(value)
        if not isinstance(value, dict) or not isinstance(value.get("id"), str):
            raise XPMError("invalid_parameters", "cannot read a reference: it is neither a text nor an object with an id")
        parsed = cls.parse(value["id"])
        experiment, run, workspace, near = (_part(value, key) for key in ("experiment", "run", "workspace", "near"))
        return cls(
            parsed.id,
            parsed.experiment if experiment is None else experiment,
            parsed.run if run is None else run,
            None if workspace is None else names.workspace(workspace),
            None if near is None else names.workspace(near),
            _flag(value, "here"),
        )

    def to_json(self) -> dict[str, JSON]:
        """The object form, without what is None."""
        return {key: part for key, part in vars(self).items() if part is not None}

    def __str__(self) -> str:
        """The shortest text that ``parse`` reads back."""
        if self.experiment is None:
            return self.id
        return f"{self.experiment}{'@' + self.run if self.run is not None else ''}:{self.id}"


# What methods take for a service: a text in any of its forms, or the parts.
ReferenceLike = Union[str, Reference]


def reference(
    service: ReferenceLike, near: str | os.PathLike[str] | None = None, here: bool | None = None
) -> Reference:
    """Reads a text; a reference is taken as it is, with ``near`` and ``here`` where it has neither ``near`` nor a workspace."""
    folder = None if near is None else names.workspace(near)
    parsed = Reference.parse(service) if isinstance(service, str) else service
    if folder is None or parsed.near is not None or parsed.workspace is not None:
        return parsed
    return replace(parsed, near=folder, here=here if parsed.here is None else parsed.here)


def _part(parts: dict[str, JSON], key: str) -> str | None:
    part = parts.get(key)
    if part is not None and not isinstance(part, str):
        raise XPMError("invalid_parameters", f"cannot read a reference: its {key} is not a text")
    return part


def _flag(parts: dict[str, JSON], key: str) -> bool | None:
    flag = parts.get(key)
    if flag is not None and not isinstance(flag, bool):
        raise XPMError("invalid_parameters", f"cannot read a reference: its {key} is neither true nor false")
    return flag


def _invalid(text: str, fault: str) -> XPMError:
    return XPMError(
        "invalid_name", f"cannot read {names.quoted(text)} as a service's name: {fault}; {_FORM}", {"name": text}
    )
