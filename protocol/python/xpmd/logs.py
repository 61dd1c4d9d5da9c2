"""Reads the logs of a service page by page, and follows them."""

from __future__ import annotations

import time
from typing import Callable, Iterator

from .errors import XPMError
from .events import TRANSIENT
from .threads import Backoff
from .types.logs import LogPage

# Seconds for which the daemon may hold one request.
_WAIT = 30.0


def pages(read: Callable[[str | None, float | None], LogPage], cursor: str | None, follow: bool) -> Iterator[LogPage]:
    """What ``read`` gives for a cursor and a time to wait: what there is, and with ``follow`` what comes.

    Pages without entries are left out unless they tell of a loss. Where the daemon is gone for a while it goes on at its cursor.
    """
    backoff, more, was_answered = Backoff(), True, False
    while more or follow:
        try:
            page = read(cursor, None if more else _WAIT)
        except XPMError as error:
            if not was_answered or error.code not in TRANSIENT:
                raise
            time.sleep(backoff.next())
            continue
        backoff, cursor, more, was_answered = Backoff(), page.cursor, page.more, True
        if page.entries or page.lost:
            yield page
