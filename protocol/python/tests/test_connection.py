"""One client and a daemon that the test plays: order, timeouts, loss, requests of the daemon's."""

from __future__ import annotations

import threading
from concurrent.futures import Future
from queue import SimpleQueue
from typing import Any, Callable

import pytest

from fake_daemon import LIMIT, RECORD, FakeDaemon
from xpmd import Client, ConnectionLost, DaemonUnavailable, NotFound, Reconnection, TimedOut, XPMError
from xpmd import threads
from xpmd.json import JSON

Background = Callable[..., "Future[Any]"]
STATUS = {
    "version": "0", "pid": 1, "started_at": "2026-11-22T10:15:00.000Z", "instance": "one", "socket": "/s",
    "state_folder": "/s", "services": {}, "last_event": 1, "connections": 1,
}  # fmt: skip


# Replies


def test_replies_find_their_requests_in_any_order(fake: FakeDaemon, fake_client: Client, background: Background) -> None:
    calls = {name: background(fake_client.start, name) for name in "abc"}
    peer = fake.accept()
    requests = [peer.expect("service.start") for _ in calls]
    for request in reversed(requests):
        peer.reply(request, **{**RECORD, "id": request["params"]["service"]["id"]})
    assert {name: call.result(LIMIT).id for name, call in calls.items()} == {name: name for name in "abc"}
    assert len({request["id"] for request in requests}) == 3


def test_a_refusal_is_raised(fake: FakeDaemon, fake_client: Client, background: Background) -> None:
    call = background(fake_client.status, "x")
    peer = fake.accept()
    error = {"code": -32010, "data": {"code": "not_found", "name": "x"}, "message": "cannot find the service 'x'"}
    peer.send({"id": peer.expect("service.get")["id"], "error": error})
    with pytest.raises(NotFound, match="^cannot find the service 'x'$") as caught:
        call.result(LIMIT)
    assert caught.value.data == {"name": "x"} and caught.value.exit_code == 3


def test_unknown_fields_messages_and_late_replies_are_passed_over(
    fake: FakeDaemon, fake_client: Client, background: Background
) -> None:
    call = background(fake_client.start, "s")
    peer = fake.accept()
    request = peer.expect("service.start")
    peer.send({"method": "weather", "params": {"rain": True}})
    peer.send({"id": 4711, "result": {}})
    peer.send({"id": request["id"], "result": {**RECORD, "later": [1]}, "later": 1})
    assert call.result(LIMIT).state == "STARTING"


def test_a_timeout_gives_up_one_call_and_not_the_connection(
    fake: FakeDaemon, fake_client: Client, background: Background
) -> None:
    fake_client.timeout = 0.05
    call = background(fake_client.daemon_status)
    peer = fake.accept()
    late = peer.expect("daemon.status")
    with pytest.raises(TimedOut, match="^cannot wait any longer for xpmd's answer to daemon.status"):
        call.result(LIMIT)
    fake_client.timeout = LIMIT
    call = background(fake_client.daemon_status)
    request = peer.expect("daemon.status")
    peer.reply(late, **{**STATUS, "last_event": 1})
    peer.reply(request, **{**STATUS, "last_event": 2})
    assert call.result(LIMIT).last_event == 2


def test_a_request_over_the_limit_of_the_greeting_is_not_sent(
    fake: FakeDaemon, fake_client: Client, background: Background
) -> None:
    call = background(fake_client.start, "x" * 128)
    fake.accept(request_limit=150)
    with pytest.raises(XPMError) as caught:
        call.result(LIMIT)
    assert caught.value.code == "frame_too_large"


def test_a_daemon_that_stops_reading_is_given_up(fake: FakeDaemon, fake_client: Client, background: Background) -> None:
    from xpmd import Definition

    large = Definition.of_command(["x" * 900_000])
    fake_client.timeout = 0.2
    call = background(fake_client.add, "/ws", "e", "r", "s", large)
    fake.accept()
    with pytest.raises(TimedOut, match="does not read"):
        call.result(LIMIT)


@pytest.mark.parametrize("garbage", [b"\0\0\0\0", b"\xff\xff\xff\xff", b"\0\0\0\x02{]", b"\0\0\0\x011"])
def test_garbage_ends_the_connection(
    garbage: bytes, fake: FakeDaemon, fake_client: Client, background: Background
) -> None:
    call = background(fake_client.signal, "s", "HUP")
    peer = fake.accept()
    peer.expect("service.signal")
    peer.socket.sendall(garbage)
    with pytest.raises(ConnectionLost, match="^cannot finish service.signal: cannot "):
        call.result(LIMIT)
    assert peer.receive() is None


def test_an_error_for_no_request_ends_the_connection(fake: FakeDaemon, fake_client: Client, background: Background) -> None:
    call = background(fake_client.signal, "s", "HUP")
    peer = fake.accept()
    peer.expect("service.signal")
    peer.send({"id": None, "error": {"code": -32001, "data": {"code": "frame_too_large"}, "message": "cannot read that much"}})
    with pytest.raises(ConnectionLost, match="cannot read that much"):
        call.result(LIMIT)


# Loss


def test_nobody_there_is_said_at_once(fake: FakeDaemon, fake_client: Client) -> None:
    fake.stop_listening()
    with pytest.raises(DaemonUnavailable, match="^cannot reach xpmd at "):
        fake_client.daemon_status()


def test_a_request_whose_reply_was_lost_is_asked_again(
    fake: FakeDaemon, fake_client: Client, background: Background
) -> None:
    call = background(fake_client.start, "s")
    peer = fake.accept()
    peer.expect("service.start")
    peer.close()
    again = fake.accept()
    again.reply(again.expect("service.start"), **RECORD)
    assert call.result(LIMIT).id == "s"


def test_a_connection_that_is_lost_while_it_is_greeted_is_made_again(
    fake: FakeDaemon, fake_client: Client, background: Background
) -> None:
    call = background(fake_client.start, "s")
    for _ in range(3):
        fake.drop()
    peer = fake.accept()
    peer.reply(peer.expect("service.start"), **RECORD)
    assert call.result(LIMIT).id == "s"


def test_a_daemon_that_greets_nobody_is_given_up(fake: FakeDaemon, fake_client: Client, background: Background) -> None:
    call = background(fake_client.start, "s")
    for _ in range(4):
        fake.drop()
    with pytest.raises(ConnectionLost):
        call.result(LIMIT)


def test_a_request_that_fails_each_time_is_given_up(fake: FakeDaemon, fake_client: Client, background: Background) -> None:
    call = background(fake_client.start, "s")
    for _ in range(4):
        peer = fake.accept()
        peer.expect("service.start")
        peer.close()
    with pytest.raises(ConnectionLost, match="^cannot finish service.start: xpmd closed the connection"):
        call.result(LIMIT)


def test_a_long_wait_outlives_any_number_of_daemons(
    fake: FakeDaemon, fake_client: Client, background: Background, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("xpmd.session._SOON", 0.0)  # As if each connection had lasted long.
    call = background(fake_client.wait, "s", "running", None, 1.0)
    for _ in range(6):
        peer = fake.accept()
        assert peer.expect("service.wait")["params"]["steady_s"] == 1
        peer.close()
    peer = fake.accept()
    peer.reply(peer.expect("service.wait"), **RECORD)
    assert call.result(LIMIT).id == "s"


@pytest.mark.parametrize(
    "verb, method, words", [("signal", "service.signal", ["s", "HUP"]), ("stop_daemon", "daemon.stop", [])]
)
def test_what_may_not_be_done_twice_is_not_asked_again(
    verb: str, method: str, words: list[str], fake: FakeDaemon, fake_client: Client, background: Background
) -> None:
    call = background(getattr(fake_client, verb), *words)
    peer = fake.accept()
    peer.expect(method)
    peer.close()
    with pytest.raises(ConnectionLost):
        call.result(LIMIT)


BEFORE = {**RECORD, "state": "RUNNING", "attempt": 1, "revision": 5}


def looked_at(peer: Any, record: JSON) -> None:
    """Answers a look at the service."""
    request = peer.expect("service.get")
    peer.reply(request, service=record, definition={"run": {"kind": "command", "arguments": ["x"]}})


@pytest.mark.parametrize(
    "now, is_done",
    [
        ({**BEFORE, "attempt": 2, "revision": 7}, True),
        ({**BEFORE, "state": "STOPPING", "revision": 6}, True),
        ({**BEFORE, "state": "STOPPING", "wanted": False, "revision": 6}, False),
        ({**BEFORE, "revision": 6}, False),
        (BEFORE, False),
    ],
)
def test_a_restart_whose_reply_was_lost_is_asked_again_only_if_it_was_not_done(
    now: JSON, is_done: bool, fake: FakeDaemon, fake_client: Client, background: Background
) -> None:
    call = background(fake_client.restart, "s", force=True)
    peer = fake.accept()
    looked_at(peer, BEFORE)
    peer.expect("service.restart")
    peer.close()
    peer = fake.accept()
    looked_at(peer, now)
    if not is_done:
        again = peer.expect("service.restart")
        # The very service that was looked at, whatever its name means by now.
        assert again["params"] == {
            "service": {"experiment": "e", "id": "s", "run": "r", "workspace": "/ws"}, "force": True
        }
        peer.reply(again, **{**BEFORE, "attempt": 2, "revision": 7})
    assert call.result(LIMIT).state == (now["state"] if is_done else "RUNNING")


def test_a_restart_that_brings_the_daemon_down_is_given_up(
    fake: FakeDaemon, fake_client: Client, background: Background
) -> None:
    call = background(fake_client.restart, "s")
    for _ in range(4):
        peer = fake.accept()
        looked_at(peer, BEFORE)
        peer.expect("service.restart")
        peer.close()
    with pytest.raises(ConnectionLost):
        call.result(LIMIT)


def test_a_wait_goes_on_with_the_time_that_is_left(fake: FakeDaemon, fake_client: Client, background: Background) -> None:
    call = background(fake_client.wait, "s", "running", LIMIT)
    peer = fake.accept()
    first = peer.expect("service.wait")["params"]["timeout_s"]
    peer.close()
    again = fake.accept()
    request = again.expect("service.wait")
    assert 0 < request["params"]["timeout_s"] < first <= LIMIT
    again.reply(request, **{**RECORD, "state": "RUNNING"})
    assert call.result(LIMIT).state == "RUNNING"


def test_who_listens_is_connected_again_and_told(fake: FakeDaemon, fake_client: Client, background: Background) -> None:
    news: SimpleQueue[Reconnection] = SimpleQueue()
    undo = fake_client.on_reconnect(news.put)
    call = background(fake_client.daemon_status)
    peer = fake.accept("one")
    peer.reply(peer.expect("daemon.status"), **STATUS)
    call.result(LIMIT)
    peer.close()
    again = fake.accept("one")
    first = news.get(timeout=LIMIT)
    assert (first.instance, first.previous, first.is_fresh) == ("one", "one", False)
    again.close()
    last = fake.accept("two")
    second = news.get(timeout=LIMIT)
    assert (second.instance, second.is_fresh) == ("two", True)
    undo()
    last.close()
    call = background(fake_client.daemon_status)
    peer = fake.accept("three")
    peer.reply(peer.expect("daemon.status"), **STATUS)
    call.result(LIMIT)
    assert news.empty()


def test_a_closed_client_says_so_and_leaves_no_thread(fake: FakeDaemon, fake_client: Client, background: Background) -> None:
    before = set(threading.enumerate())
    call = background(fake_client.signal, "s", "HUP")
    fake.accept().expect("service.signal")
    fake_client.close()
    with pytest.raises(ConnectionLost):
        call.result(LIMIT)
    with pytest.raises(ConnectionLost, match="closed"):
        fake_client.daemon_status()
    assert not {thread for thread in set(threading.enumerate()) - before if thread.name.startswith("xpmd")}


# Requests of the daemon's


def test_an_unknown_request_of_the_daemon_is_answered_so(
    fake: FakeDaemon, fake_client: Client, background: Background
) -> None:
    call = background(fake_client.start, "s")
    peer = fake.accept()
    request = peer.expect("service.start")
    peer.send({"id": "d1", "method": "hosted.start", "params": {}})
    answer = peer.receive()
    assert (answer["id"], answer["error"]["code"], answer["error"]["data"]["code"]) == ("d1", -32601, "unknown_method")
    peer.reply(request, **RECORD)
    call.result(LIMIT)


def test_handlers_answer_on_a_thread_that_does_not_read(
    fake: FakeDaemon, fake_client: Client, background: Background
) -> None:
    def start(params: JSON) -> JSON:
        # It may call the client itself, whose reply has to be read meanwhile.
        return {"state": fake_client.start(params["service"]).state.value, "thread": threading.current_thread().name}

    fake_client.handle("hosted.start", start)
    call = background(fake_client.start, "s")
    peer = fake.accept()
    first = peer.expect("service.start")
    peer.send({"id": 7, "method": "hosted.start", "params": {"service": "s"}})
    peer.reply(peer.expect("service.start"), **RECORD)
    answer = peer.receive()
    assert (answer["id"], answer["result"]) == (7, {"state": "STARTING", "thread": "xpmd requests"})
    peer.reply(first, **RECORD)
    call.result(LIMIT)


def test_what_a_handler_raises_is_the_answer(
    fake: FakeDaemon, fake_client: Client, background: Background, monkeypatch: pytest.MonkeyPatch
) -> None:
    reported: SimpleQueue[threading.ExceptHookArgs] = SimpleQueue()
    monkeypatch.setattr(threading, "excepthook", reported.put)

    def refuse(params: JSON) -> JSON:
        if params:
            raise XPMError("unsupported", "cannot host it")
        raise KeyError("x")

    fake_client.handle("hosted.start", refuse)
    call = background(fake_client.start, "s")
    peer = fake.accept()
    request = peer.expect("service.start")
    peer.send({"id": 1, "method": "hosted.start", "params": {"a": 1}})
    assert peer.receive()["error"] == {"code": -32024, "data": {"code": "unsupported"}, "message": "cannot host it"}
    peer.send({"id": 2, "method": "hosted.start"})
    error = peer.receive()["error"]
    assert (error["data"]["code"], error["message"]) == ("internal_error", "cannot do hosted.start: KeyError: 'x'")
    assert reported.get(timeout=LIMIT).exc_type is KeyError
    peer.reply(request, **RECORD)
    call.result(LIMIT)


# What they are made of


def test_delays_double_up_to_two_seconds() -> None:
    backoff = threads.Backoff()
    assert [backoff.next() for _ in range(8)] == [0.05, 0.1, 0.2, 0.4, 0.8, 1.6, 2.0, 2.0]


def test_a_worker_survives_what_fails_and_ends_when_it_is_closed() -> None:
    worker, done = threads.Worker("test"), SimpleQueue[int]()
    worker.submit(lambda: done.put(1))
    assert done.get(timeout=LIMIT) == 1
    worker.close()
    worker.submit(lambda: done.put(2))
    assert done.empty()
