"""How to run a service."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Mapping, Sequence

from .. import shown
from ..json import JSON, write_exactly
from .policies import Caller, Health, Lifetime, Limits, Log, Readiness, Restart, Stop
from .records import Open


@dataclass(frozen=True)
class Run(Open):
    """What is run: ``kind`` tells which of the other keys apply."""

    kind: str
    arguments: tuple[str, ...] | None = None
    template: str | None = None
    parameters: Mapping[str, JSON] | None = None
    python: str | None = None
    python_from: str | None = None
    path: tuple[str, ...] | None = None
    main: str | None = None
    argv: tuple[str, ...] | None = None
    part: str | None = None

    def __repr__(self) -> str:
        """What kind of run; arguments and parameters may be secret."""
        return shown.text(self.kind, self.template or " ".join((self.arguments or ())[:1]), kind="Run")

    def to_json(self) -> dict[str, JSON]:
        written = super().to_json()
        if self.kind == "template":
            written.setdefault("parameters", {})
        return written


@dataclass(frozen=True)
class Definition(Open):
    """A service's definition. What is None is the template's, or has the protocol's default.

    ``folder`` is an absolute path, ``environment`` the whole environment; ``watchdog_s`` is in seconds; ``after``,
    ``requires``, ``requires_completed`` and ``wants`` are ids of services of the same run. ``state_dict`` is carried as it was
    written, a dict as Python would write it.
    """

    run: Run
    class_name: str | None = None
    state_dict: Mapping[str, JSON] | None = None
    folder: str | None = None
    environment: Mapping[str, str] | None = None
    readiness: Readiness | None = None
    stop: Stop | None = None
    restart: Restart | None = None
    health: Health | None = None
    watchdog_s: float | None = None
    success_codes: tuple[int, ...] | None = None
    after: tuple[str, ...] | None = None
    requires: tuple[str, ...] | None = None
    requires_completed: tuple[str, ...] | None = None
    wants: tuple[str, ...] | None = None
    log: Log | None = None
    limits: Limits | None = None
    lifetime: Lifetime | None = None
    caller: Caller | None = None

    _keys: ClassVar[Mapping[str, str]] = {"class_name": "class"}

    def __repr__(self) -> str:
        """What is run; the environment and the values of a state dictionary may be secret."""
        run = self.run
        name = run.template or self.class_name or " ".join((run.arguments or ())[:1])
        return shown.text(run.kind, name, kind="Definition")

    def __post_init__(self) -> None:
        if self.state_dict is not None:
            object.__setattr__(self, "state_dict", write_exactly(self.state_dict))

    @classmethod
    def of_command(cls, arguments: Sequence[str]) -> Definition:
        """A command with its arguments, looked up in the ``PATH`` of the service's environment; no shell."""
        return cls(Run("command", arguments=tuple(arguments)))

    @classmethod
    def of_template(cls, name: str, parameters: Mapping[str, JSON] | None = None) -> Definition:
        """A named definition with values for its parameters: strings, integers and booleans."""
        return cls(Run("template", template=name, parameters=dict(parameters or {})))

    @classmethod
    def composite(cls) -> Definition:
        """Nothing of its own: it is what its sub-services are."""
        return cls(Run("composite"))
