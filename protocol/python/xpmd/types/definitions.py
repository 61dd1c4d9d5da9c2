"""How to run a service."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import ClassVar, Mapping, Sequence

from .. import shown
from ..environments import as_utf8, is_text
from ..errors import XPMError
from ..json import JSON, write_exactly
from .policies import Caller, Health, Idle, Lifetime, Limits, Log, Readiness, Restart, Stop, Terminal, Web
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
class Explicit(Open):
    """What its user wrote of a definition's environment and folder: names of ``variables``, whether the ``folder``, and whether the
    environment is to be ``clean`` of all but the least of the caller's.

    The rest came along with the process that added it, and makes no difference between two definitions.
    """

    variables: tuple[str, ...] | None = None
    folder: bool | None = None
    clean: bool | None = None


@dataclass(frozen=True)
class Definition(Open):
    """A service's definition. What is None is the template's, or has the protocol's default.

    ``port`` is what ``{port}`` stands for, 0 for one of the daemon's choice; ``url`` is where the service can be opened.
    ``folder`` is an absolute path, ``environment`` the whole environment; ``watchdog_s`` is in seconds; ``after``,
    ``requires``, ``requires_completed`` and ``wants`` are ids of services of the same run; ``on_failure`` is a command that is
    run once for each failure; ``web`` is how a gateway reaches its page, ``idle`` after how long without traffic it is stopped, ``network`` is ``host`` or ``private``; with ``tty`` its output goes to a terminal of its own, in one log; ``caller`` is filled in by `Client.add`, `Caller()` stands for the settings of a login. ``state_dict`` is carried as it was written, a dict as Python would write it. Without
    ``explicit`` all of folder and environment is its user's.
    """

    run: Run
    class_name: str | None = None
    state_dict: Mapping[str, JSON] | None = None
    folder: str | None = None
    environment: Mapping[str, str] | None = None
    port: int | None = None
    url: str | None = None
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
    tty: bool | Terminal | None = None
    limits: Limits | None = None
    lifetime: Lifetime | None = None
    caller: Caller | None = None
    explicit: Explicit | None = None
    on_failure: tuple[str, ...] | None = None
    web: Web | None = None
    idle: Idle | None = None
    network: str | None = None

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
        return cls(Run("command", arguments=_arguments(arguments)))

    @classmethod
    def of_template(
        cls, name: str, parameters: Mapping[str, JSON] | None = None, arguments: Sequence[str] = ()
    ) -> Definition:
        """A named definition with values for its parameters: strings, integers and booleans; ``arguments`` follow its own."""
        return cls(
            Run("template", template=name, parameters=dict(parameters or {}), arguments=_arguments(arguments) or None)
        )

    @classmethod
    def composite(cls) -> Definition:
        """Nothing of its own: it is what its sub-services are."""
        return cls(Run("composite"))


def _arguments(given: Sequence[str]) -> tuple[str, ...]:
    """The words as they are; ``invalid_parameters`` that names one whose bytes are no UTF-8, which JSON cannot carry."""
    words = tuple(as_utf8(os.fsdecode(word)) for word in given)
    for word in words:
        if not is_text(word):
            raise XPMError("invalid_parameters", f"cannot use the argument {word!a}: it is not UTF-8")
    return words
