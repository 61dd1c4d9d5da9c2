"""What the daemon reports about the web page."""

from __future__ import annotations

from dataclasses import dataclass

from ..references import Reference
from ..times import Time
from .records import Record
from .services import Retry, State


@dataclass(frozen=True)
class WebPage(Record):
    """The web page. ``url`` and ``port`` are known while it runs; ``listen`` is ``localhost`` or the path of a Unix socket.

    ``outdated`` is true where another program is installed than the one that runs.
    """

    state: State
    wanted: bool
    listen: str
    path_mode: bool
    service: Reference
    since: Time | None = None
    url: str | None = None
    port: int | None = None
    pid: int | None = None
    error: str | None = None
    retry: Retry | None = None
    outdated: bool | None = None
