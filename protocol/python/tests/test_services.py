"""What a service object keeps of replies and events, which come over different connections."""

from __future__ import annotations

from typing import Any, cast

from fake_daemon import RECORD
from xpmd import Service, State
from xpmd.json import JSON
from xpmd.types.events import Event
from xpmd.types.services import ServiceRecord

# The clock was set back by an hour between these.
BEFORE, AFTER = "2026-11-22T10:15:00.000Z", "2026-11-22T09:15:00.000Z"


def record(state: str, since: str, **fields: JSON) -> ServiceRecord:
    return ServiceRecord.from_json({**RECORD, "state": state, "since": since, **fields})


def change(state: str, at: str, **fields: JSON) -> Event:
    return Event.from_json({"seq": 1, "kind": "service.changed", "state": state, "at": at, **fields})


def service() -> Service:
    return Service(cast(Any, None), "s")


def test_of_a_reply_and_an_event_the_later_one_counts_whatever_the_clock_says() -> None:
    one = service()
    one._take(record("STARTING", BEFORE, revision=7))
    one._hear(change("RUNNING", AFTER, revision=8, url="http://127.0.0.1:1/"))
    assert (one.state, one.url) == (State.RUNNING, "http://127.0.0.1:1/")
    # The reply to what came before it is late.
    one._take(record("STARTING", BEFORE, revision=7))
    assert one.state is State.RUNNING
    one._take(record("STOPPED", AFTER, revision=9))
    one._hear(change("RUNNING", BEFORE, revision=8))
    assert (one.state, one.url) == (State.STOPPED, None)


def test_where_there_are_no_revisions_the_time_tells() -> None:
    one = service()
    one._hear(change("RUNNING", BEFORE))
    one._take(record("STARTING", AFTER))
    assert one.state is State.RUNNING
    one._take(record("STOPPED", BEFORE))
    assert one.state is State.STOPPED
