"""Events as a client has them from a daemon that the test plays: streams and subscriptions, over any number of connections."""

from __future__ import annotations

import threading
from concurrent.futures import Future
from concurrent.futures import TimeoutError as NotDone
from queue import SimpleQueue
from typing import Any, Callable

import pytest

from fake_daemon import LIMIT, RECORD, FakeDaemon
from xpmd import Client

Background = Callable[..., "Future[Any]"]


def test_a_listener_hears_each_event_once_over_several_connections(
    fake: FakeDaemon, fake_client: Client, background: Background
) -> None:
    heard: SimpleQueue[int] = SimpleQueue()
    subscribing = background(fake_client.subscribe, lambda event: heard.put(event.seq), 3)
    peer = fake.accept()
    request = peer.expect("events.subscribe")
    assert request["params"] == {"since": 3}
    peer.reply(request, last=5)
    for seq in (4, 5, 6):
        peer.event(seq)
    assert [heard.get(timeout=LIMIT) for _ in range(3)] == [4, 5, 6]
    peer.close()
    peer = fake.accept()
    request = peer.expect("events.subscribe")
    assert request["params"] == {"since": 6}
    peer.reply(request, last=9)
    peer.event(9, kind="gap", **{"from": 7, "to": 9})
    peer.event(8)
    peer.event(10)
    # The log may have holes anywhere.
    peer.event(12, kind="gap", **{"from": 11, "to": 12})
    peer.event(13)
    peer.event(14, kind="gap", **{"from": 14, "to": 14})
    peer.event(15)
    assert [heard.get(timeout=LIMIT) for _ in range(6)] == [9, 10, 12, 13, 14, 15]
    with subscribing.result(LIMIT) as subscription:
        assert subscription.since == 15


def test_no_more_than_the_last_events_are_read(fake: FakeDaemon, fake_client: Client, background: Background) -> None:
    def event(seq: int, **fields: Any) -> dict[str, Any]:
        return {"seq": seq, "at": "2026-11-22T10:15:00.000Z", "kind": "daemon.started", **fields}

    asking = background(fake_client.last_events, 1002)
    peer = fake.accept()
    request = peer.expect("events.list")
    assert request["params"] == {"limit": 1000}
    # A page may have fewer than were asked for.
    peer.reply(request, events=[event(1500)], last=1500, before=1500)
    request = peer.expect("events.list")
    assert request["params"] == {"before": 1500, "limit": 1000}
    peer.reply(request, events=[event(seq) for seq in range(500, 1500)], last=1501, before=500)
    request = peer.expect("events.list")
    assert request["params"] == {"before": 500, "limit": 1}
    peer.reply(request, events=[event(499, kind="gap", **{"from": 400, "to": 499})], last=1501)
    assert [found.seq for found in asking.result(LIMIT)] == list(range(499, 1501))
    asking = background(fake_client.last_events, 3, "e@r:board")
    request = peer.expect("events.list")
    assert request["params"]["limit"] == 3 and request["params"]["service"]["id"] == "board"
    peer.reply(request, events=[event(7)], last=1501)
    assert [found.seq for found in asking.result(LIMIT)] == [7]


def test_another_log_is_read_from_its_beginning(fake: FakeDaemon, fake_client: Client, background: Background) -> None:
    opening = background(fake_client.events)
    peer = fake.accept("one")
    request = peer.expect("events.subscribe")
    assert request["params"] == {}
    peer.reply(request, last=40)
    with opening.result(LIMIT) as stream:
        assert (stream.since, stream.instance) == (40, "one")
        peer.close()
        following = background(stream.next)
        peer = fake.accept("two")
        request = peer.expect("events.subscribe")
        assert request["params"] == {"since": 0}
        peer.reply(request, last=1)
        peer.event(1)
        assert following.result(LIMIT).seq == 1 and stream.instance == "two"


def test_a_slow_listener_holds_up_neither_replies_nor_other_listeners(
    fake: FakeDaemon, fake_client: Client, background: Background
) -> None:
    release, slow, quick = threading.Event(), SimpleQueue[int](), SimpleQueue[int]()

    def wait(seq: int) -> None:
        release.wait(LIMIT)
        slow.put(seq)

    subscriptions = []
    peers = []
    for listener in (wait, quick.put):
        subscribing = background(fake_client.subscribe, lambda event, listener=listener: listener(event.seq))
        peers.append(fake.accept())
        peers[-1].reply(peers[-1].expect("events.subscribe"), last=0)
        subscriptions.append(subscribing.result(LIMIT))
    for seq in range(1, 101):
        for peer in peers:
            peer.event(seq)
    assert [quick.get(timeout=LIMIT) for _ in range(100)] == list(range(1, 101))
    call = background(fake_client.start, "s")
    peer = fake.accept()
    peer.reply(peer.expect("service.start"), **RECORD)
    call.result(LIMIT)
    assert slow.empty()
    release.set()
    assert [slow.get(timeout=LIMIT) for _ in range(100)] == list(range(1, 101))
    for subscription in subscriptions:
        subscription.close()


def test_events_that_nobody_takes_make_the_daemon_wait(
    fake: FakeDaemon, fake_client: Client, background: Background
) -> None:
    opening = background(fake_client.events)
    peer = fake.accept()
    peer.reply(peer.expect("events.subscribe"), last=0)
    count = 20_000

    def send() -> None:
        for seq in range(1, count + 1):
            peer.event(seq, url="x" * 200)

    with opening.result(LIMIT) as stream:
        sending = background(send)
        with pytest.raises(NotDone):
            sending.result(0.2)
        assert [next(stream).seq for _ in range(count)] == list(range(1, count + 1))
        sending.result(LIMIT)


def test_a_listener_that_raises_is_reported_and_called_again(
    fake: FakeDaemon, fake_client: Client, background: Background, monkeypatch: pytest.MonkeyPatch
) -> None:
    reported: SimpleQueue[threading.ExceptHookArgs] = SimpleQueue()
    monkeypatch.setattr(threading, "excepthook", reported.put)
    subscribing = background(fake_client.subscribe, lambda event: 1 // 0)
    peer = fake.accept()
    peer.reply(peer.expect("events.subscribe"), last=0)
    peer.event(1)
    peer.event(2)
    assert [reported.get(timeout=LIMIT).exc_type for _ in range(2)] == [ZeroDivisionError] * 2
    subscribing.result(LIMIT).close()


def test_closing_wakes_who_waits_for_an_event(fake: FakeDaemon, fake_client: Client, background: Background) -> None:
    opening = background(fake_client.events)
    peer = fake.accept()
    peer.reply(peer.expect("events.subscribe"), last=0)
    stream = opening.result(LIMIT)
    assert stream.next(timeout=0) is None
    following = background(list, stream)
    fake_client.close()
    assert following.result(LIMIT) == []
    assert peer.receive() is None


def test_events_that_nobody_takes_do_not_hold_up_the_end(
    fake: FakeDaemon, fake_client: Client, background: Background
) -> None:
    opening = background(fake_client.events)
    peer = fake.accept()
    peer.reply(peer.expect("events.subscribe"), last=0)
    stream = opening.result(LIMIT)
    # More than is read ahead: the thread that reads waits for room.
    for seq in range(1, 301):
        peer.event(seq)
    assert next(stream).seq == 1
    closing = threading.Thread(target=fake_client.close, daemon=True)
    closing.start()
    closing.join(LIMIT)
    assert not closing.is_alive()
    stream.close()
