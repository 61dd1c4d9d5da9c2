"""Attaching an experiment to xpmd: from then on its services are taken over as they are added."""

from __future__ import annotations

import logging
import os
import threading
from typing import Any

from ..client import Client
from ..errors import XPMError
from ..places import Places
from .attachment import Attachment
from .hosted import Hosting
from .wishes import USUAL, Lifetime, Span

logger = logging.getLogger("xpmd")

_ATTACHMENT = "_xpmd_attachment"
# Seconds that xpmd has for an answer; less for one that nobody has asked for: a monitor would stand still meanwhile.
_USUAL_TIMEOUT, _UNASKED_TIMEOUT = 60.0, 5.0

_lock = threading.Lock()
_shared: dict[tuple[int, str, bool], tuple[Client, Hosting]] = {}
_warned = False


def attach(xp: Any, lifetime: Lifetime | None = None, ready_timeout: Span | None = None) -> None:
    """Has xpmd run the services of an experiment that has begun, those that it has already included.

    Without a ``lifetime`` they go on after it, and without a ``ready_timeout`` they have as long to be ready as xpmd gives any.
    One that is attached already, by the import hook say, takes these on.

    Where no daemon can be reached or started, a warning says so, once, and the services stay as they are. Nothing is
    registered for experiments that are not run (dry runs and the like).
    """
    from experimaestro.scheduler.workspace import RunMode

    wishes = USUAL.but(lifetime, ready_timeout)
    if getattr(xp, "workdir", None) is None:
        raise RuntimeError("cannot attach an experiment to xpmd before it has begun: attach it within its with block")
    if xp.workspace.run_mode != RunMode.NORMAL:
        return
    attachment: Attachment | None = vars(xp).get(_ATTACHMENT)
    if attachment is not None and attachment.run.run == xp.run_id:
        attachment.change(attachment.wishes.but(lifetime, ready_timeout))
        return
    try:
        vars(xp)[_ATTACHMENT] = Attachment(xp, *shared_client(), wishes)
    except XPMError as error:
        warn_once(f"{error}; services of '{xp.name}' are not supervised by xpmd and end with this process")


def shared_client(autostart: bool = True) -> tuple[Client, Hosting]:
    """This process's client of the daemon that its environment points at now, and what that hosts.

    Without `autostart` it starts none.
    """
    places = Places()
    # A forked child has handlers of its own: those of its parent's client stay the parent's.
    key = os.getpid(), places.socket, autostart
    with _lock:
        if key not in _shared:
            timeout = _USUAL_TIMEOUT if autostart else _UNASKED_TIMEOUT
            client = Client(places, autostart=autostart, name="experimaestro", timeout=timeout)
            _shared[key] = client, Hosting(client)
        return _shared[key]


def warn_once(message: str) -> None:
    """A warning for people, the first time only."""
    global _warned
    if not _warned:
        _warned = True
        logger.warning("%s", message)
