"""Attaching an experiment to xpmd: from then on its services are taken over as they are added."""

from __future__ import annotations

import logging
import os
import threading
from datetime import timedelta
from typing import Any, Literal

from ..client import Client
from ..errors import XPMError
from ..json import JSON
from ..places import Places
from .attachment import Attachment
from .hosted import Hosting

logger = logging.getLogger("xpmd")

#: What becomes of services after their experiment: they go on, are stopped, or are stopped after so long (or seconds).
Lifetime = Literal["keep", "stop"] | timedelta | float

_ATTACHMENT = "_xpmd_attachment"
_lock = threading.Lock()
_shared: dict[tuple[int, str], tuple[Client, Hosting]] = {}
_warned = False


def attach(xp: Any, lifetime: Lifetime | None = None) -> None:
    """Has xpmd run the services of an experiment that has begun, those that it has already included.

    Without a ``lifetime`` they are kept. One that is attached already, by the import hook say, takes another lifetime on.

    Where no daemon can be reached or started, a warning says so, once, and the services stay as they are. Nothing is
    registered for experiments that are not run (dry runs and the like).
    """
    from experimaestro.scheduler.workspace import RunMode

    policy = lifetime_policy("keep" if lifetime is None else lifetime)
    if getattr(xp, "workdir", None) is None:
        raise RuntimeError("cannot attach an experiment to xpmd before it has begun: attach it within its with block")
    if xp.workspace.run_mode != RunMode.NORMAL:
        return
    attachment: Attachment | None = vars(xp).get(_ATTACHMENT)
    if attachment is not None and attachment.run.run == xp.run_id:
        if lifetime is not None:
            attachment.change_lifetime(policy)
        return
    try:
        vars(xp)[_ATTACHMENT] = Attachment(xp, *shared_client(), policy)
    except XPMError as error:
        warn_once(f"{error}; services of '{xp.name}' are not supervised by xpmd and end with this process")


def lifetime_policy(lifetime: Lifetime) -> JSON:
    """The policy as definitions have it."""
    if lifetime in ("keep", "stop"):
        return {"after_experiment": lifetime}
    if isinstance(lifetime, timedelta):
        lifetime = lifetime.total_seconds()
    if isinstance(lifetime, (int, float)) and lifetime >= 0:
        return {"after_experiment": "stop", "delay_s": lifetime}
    raise ValueError(f"cannot use {lifetime!r} as a lifetime: it is 'keep', 'stop', a timedelta or seconds")


def shared_client() -> tuple[Client, Hosting]:
    """This process's client of the daemon that its environment points at now, and what that hosts."""
    places = Places()
    # A forked child has handlers of its own: those of its parent's client stay the parent's.
    key = os.getpid(), places.socket
    with _lock:
        if key not in _shared:
            client = Client(places, name="experimaestro")
            _shared[key] = client, Hosting(client)
        return _shared[key]


def warn_once(message: str) -> None:
    """A warning for people, the first time only."""
    global _warned
    if not _warned:
        _warned = True
        logger.warning("%s", message)
