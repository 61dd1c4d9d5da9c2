"""Logs in one order: pages, and how they are followed."""

from __future__ import annotations

from concurrent.futures import Future
from typing import Any, Callable, Iterator

import pytest

from fake_daemon import LIMIT, FakeDaemon
from xpmd import Client, ConnectionLost, XPMError
from xpmd.json import JSON
from xpmd.times import Time

Background = Callable[..., "Future[Any]"]
NAME = "e@r:s"


def page(*texts: str, cursor: str = "c", more: bool = False, **fields: JSON) -> dict[str, JSON]:
    entries = [{"stream": "stdout", "attempt": 3, "at_us": 1_500_999, "text": text} for text in texts]
    return {"entries": entries, "attempts": [{"attempt": 3}], "cursor": cursor, "more": more, "paths": {}, **fields}


def test_a_page_is_asked_for_with_its_conditions(fake: FakeDaemon, fake_client: Client, background: Background) -> None:
    call = background(
        fake_client.log_page, NAME, ["stderr"], lines=3, since=Time(250), attempt=7, grep="x+", partial=True
    )
    peer = fake.accept()
    request = peer.expect("service.logs")
    assert {key: value for key, value in request["params"].items() if key != "service"} == {
        "streams": ["stderr"], "lines": 3, "since": "1970-01-01T00:00:00.250Z", "attempt": 7, "grep": "x+", "partial": True,
    }
    lost = [{"stream": "stderr", "bytes": 9}, {"stream": "stdout"}]
    peer.reply(request, **page("a", lost=lost, faults=["the times are damaged"]))
    read = call.result(LIMIT)
    assert [(entry.text, entry.at, entry.open) for entry in read.entries] == [("a", Time(1500), None)]
    assert read.lost is not None and [(loss.stream, loss.bytes) for loss in read.lost] == [("stderr", 9), ("stdout", None)]
    assert read.faults == ("the times are damaged",) and read.attempts[0].began is None


def test_what_there_is_has_an_end(fake: FakeDaemon, fake_client: Client, background: Background) -> None:
    call = background(lambda: [entry.text for entry in fake_client.log_entries(NAME, follow=False, lines=5)])
    peer = fake.accept()
    answers = {None: page(cursor="a", more=True), "a": page("one", "two", cursor="b", more=True), "b": page("three")}
    for cursor, answer in answers.items():
        request = peer.expect("service.logs")
        params = request["params"]
        assert (params.get("cursor"), params.get("lines"), "wait_s" in params) == (cursor, None if cursor else 5, False)
        peer.reply(request, **answer)
    assert call.result(LIMIT) == ["one", "two", "three"]


def test_a_follower_goes_on_at_its_cursor(fake: FakeDaemon, fake_client: Client, background: Background) -> None:
    entries: Iterator[Any] = fake_client.log_entries(NAME)
    first = background(next, entries)
    peer = fake.accept()
    peer.reply(peer.expect("service.logs"), **page("one", cursor="a"))
    assert first.result(LIMIT).text == "one"
    second = background(next, entries)
    waiting = peer.expect("service.logs")
    assert waiting["params"]["cursor"] == "a" and 0 < waiting["params"]["wait_s"] <= 60
    # More often than a call is repeated by itself.
    for _ in range(5):
        peer.close()
        peer = fake.accept()
        again = peer.expect("service.logs")
        assert again["params"] == waiting["params"]
    peer.reply(again, **page(cursor="b"))
    request = peer.expect("service.logs")
    assert request["params"]["cursor"] == "b"
    peer.reply(request, **page("two", cursor="c"))
    assert second.result(LIMIT).text == "two"


def test_an_older_daemon_refuses_pages(fake: FakeDaemon, fake_client: Client, background: Background) -> None:
    call = background(next, fake_client.log_pages(NAME))
    peer = fake.accept()
    request = peer.expect("service.logs")
    message = "cannot read the request at params: 'stream' is missing"
    peer.send({"id": request["id"], "error": {"code": -32602, "data": {"code": "invalid_parameters"}, "message": message}})
    with pytest.raises(XPMError) as caught:
        call.result(LIMIT)
    assert caught.value.code == "invalid_parameters"


def test_logs_are_cleared_once(fake: FakeDaemon, fake_client: Client, background: Background) -> None:
    call = background(fake_client.clear_logs, NAME)
    peer = fake.accept()
    peer.reply(peer.expect("service.clear_logs"), paths=["/l/out", "/l/err"])
    assert call.result(LIMIT) == ["/l/out", "/l/err"]
    lost = background(fake_client.clear_logs, NAME)
    peer.expect("service.clear_logs")
    peer.close()
    with pytest.raises(ConnectionLost):
        lost.result(LIMIT)
