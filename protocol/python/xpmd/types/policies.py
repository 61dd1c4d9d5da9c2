"""The policies of a definition. Each takes the template's place as a whole; what is None in one has the protocol's default."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Mapping

from .records import Open


@dataclass(frozen=True)
class LogLine(Open):
    """A line of the log matches ``pattern``, a regular expression of PCRE2 (``(?P<url>…)`` works as in Python), whose group ``url``, else its
    first, is the URL. ``stream`` is ``stdout``, ``stderr`` or ``both``.
    """

    pattern: str
    stream: str | None = None


@dataclass(frozen=True)
class Page(Open):
    """A page answers with one of the codes ``status``. Without ``url`` it is the one that the service told."""

    url: str | None = None
    path: str | None = None
    status: tuple[int, ...] | None = None


@dataclass(frozen=True)
class Port(Open):
    """A TCP port accepts a connection: without ``port`` the one that the service is allotted, without ``host`` on either loopback address."""

    port: int | None = None
    host: str | None = None


@dataclass(frozen=True)
class UnixSocket(Open):
    """A Unix stream socket accepts a connection; a relative path is below the service's folder."""

    path: str


@dataclass(frozen=True)
class Command(Open):
    """A command ends with exit code 0; no shell."""

    arguments: tuple[str, ...]


@dataclass(frozen=True)
class Readiness(Open):
    """When a starting service counts as RUNNING: once all conditions given are met, within ``timeout_s`` seconds.

    Probes begin after ``initial_delay_s`` and must succeed ``successes`` times in a row; with ``any_listener`` a process that is
    not the service's may answer them.
    """

    log: LogLine | None = None
    notify: bool | None = None
    http: Page | None = None
    tcp: Port | None = None
    unix: UnixSocket | None = None
    command: Command | None = None
    delay_s: float | None = None
    timeout_s: float | None = None
    initial_delay_s: float | None = None
    successes: int | None = None
    any_listener: bool | None = None


@dataclass(frozen=True)
class Health(Open):
    """Checks of a RUNNING service, the first after ``initial_delay_s``. It is healthy again after ``successes`` good ones in a row;
    with ``any_listener`` a process that is not the service's may answer. ``action`` after ``threshold`` failures in a row is ``restart``, ``error`` or ``report``."""

    http: Page | None = None
    tcp: Port | None = None
    unix: UnixSocket | None = None
    command: Command | None = None
    interval_s: float | None = None
    timeout_s: float | None = None
    threshold: int | None = None
    action: str | None = None
    initial_delay_s: float | None = None
    successes: int | None = None
    any_listener: bool | None = None


@dataclass(frozen=True)
class Stop(Open):
    """How a service is ended: by ``command``, else by ``signal``; what is left after ``grace_s`` seconds is killed."""

    signal: str | None = None
    command: tuple[str, ...] | None = None
    grace_s: float | None = None


@dataclass(frozen=True)
class Restart(Open):
    """After which ends it is started again: ``policy`` is ``never``, ``on-failure`` or ``always``. ``limit`` 0 is any number."""

    policy: str | None = None
    delay_s: float | None = None
    max_delay_s: float | None = None
    reset_after_s: float | None = None
    limit: int | None = None
    after_reboot: bool | None = None


@dataclass(frozen=True)
class Log(Open):
    """What becomes of its output: ``to`` is ``files``, ``direct``, ``journal`` or ``null``; a file is rotated at ``max_bytes``, or ``max_age_s``
    after it was begun, and ``keep`` rotated ones are kept of each stream.

    ``stdout`` and ``stderr`` are absolute paths of the files; with ``fresh`` each attempt begins empty ones. With ``direct`` the service
    writes the files itself, which are never rotated.
    """

    to: str | None = None
    max_bytes: int | None = None
    max_age_s: float | None = None
    keep: int | None = None
    stdout: str | None = None
    stderr: str | None = None
    fresh: bool | None = None


@dataclass(frozen=True)
class Terminal(Open):
    """The size of a service's terminal, in characters: 120 × 40 where None."""

    columns: int | None = None
    rows: int | None = None


@dataclass(frozen=True)
class Lifetime(Open):
    """What becomes of it ``delay_s`` seconds after the end of its run: ``after_experiment`` is ``keep`` or ``stop``."""

    after_experiment: str | None = None
    delay_s: float | None = None


@dataclass(frozen=True)
class Web(Open):
    """How a gateway such as xpm-web reaches a service's page. ``prefix`` is ``keep``, ``strip`` or ``none``; ``host`` and ``origin`` are
    ``keep``, ``backend`` or a text, and an origin may be ``remove``.

    ``path`` is the page to open, below the prefix; ``ports`` are others with a page, 0 for one of the daemon's choice; ``socket`` is a
    Unix socket in place of a port.
    """

    prefix: str | None = None
    host: str | None = None
    origin: str | None = None
    rewrite: bool | None = None
    path: str | None = None
    ports: Mapping[str, int] | None = None
    socket: str | None = None


@dataclass(frozen=True)
class ActivityPage(Open):
    """A page of JSON: ``field`` leads to values, with dots between its names and ``*`` for all elements. A number above 0, true
    and ``busy`` mean busy, a time is that of its last activity.
    """

    path: str
    field: str


@dataclass(frozen=True)
class ActivityProbe(Open):
    """What tells whether a service is busy without traffic: a page, or a command that exits with 0 if it is and 1 if not."""

    http: ActivityPage | None = None
    command: tuple[str, ...] | None = None


@dataclass(frozen=True)
class Idle(Open):
    """It is stopped after ``after_s`` seconds without traffic (``None``: never), unless ``probe`` finds it busy."""

    after_s: float | None = None
    probe: ActivityProbe | None = None


@dataclass(frozen=True)
class Caller(Open):
    """What it gets of the process that added it; ``cpus`` are written ``0-3,8``, ``rlimits`` are soft and hard, -1 for none."""

    umask: int | None = None
    nice: int | None = None
    cpus: str | None = None
    oom_score: int | None = None
    rlimits: Mapping[str, tuple[int, ...]] | None = None


@dataclass(frozen=True)
class Limits(Open):
    """What it may use; ``rlimits`` are those of setrlimit(2) by their small names, -1 for none."""

    memory_bytes: int | None = None
    tasks: int | None = None
    cpu_weight: int | None = None
    nice: int | None = None
    oom_score: int | None = None
    rlimits: Mapping[str, int] | None = None
