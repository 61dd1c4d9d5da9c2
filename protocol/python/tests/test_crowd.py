"""Many clients at once: waiting for a place in the backlog, and being refused."""

from __future__ import annotations

import signal
import socket
import threading
from pathlib import Path
from typing import Any, Callable

import pytest

from concurrent.futures import Future
from fake_daemon import LIMIT, FakeDaemon, Peer
from xpmd import Client, DaemonUnavailable
from xpmd.connection import Connection

REFUSAL = {
    "code": -32038, "data": {"code": "too_many_connections", "limit": 4},
    "message": "cannot accept another connection: 4 are open and in use",
}  # fmt: skip


@pytest.fixture
def full(fake: FakeDaemon) -> FakeDaemon:
    """One whose backlog has room for one, who has taken it."""
    fake._listening.listen(0)
    return fake


def occupy(path: Path) -> socket.socket:
    waiting = socket.socket(socket.AF_UNIX)
    waiting.connect(str(path))
    return waiting


def test_a_full_backlog_is_waited_for_even_when_signals_come(full: FakeDaemon) -> None:
    first = occupy(full.path)
    signals = threading.Semaphore(0)

    def serve() -> None:
        for _ in range(3):
            signals.acquire(timeout=LIMIT)
        full._listening.accept()[0].close()
        full.accept()

    before = signal.signal(signal.SIGALRM, lambda *_: signals.release())
    signal.setitimer(signal.ITIMER_REAL, 0.01, 0.01)
    server = threading.Thread(target=serve)
    server.start()
    try:
        connection = Connection(str(full.path), "test")
        assert connection.greeting.instance == "one"
        connection.close()
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
        server.join(LIMIT)
        first.close()


def test_a_backlog_that_stays_full_is_told(full: FakeDaemon, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("xpmd.connection.GREETING_LIMIT", 0.05)
    first = occupy(full.path)
    with pytest.raises(DaemonUnavailable, match="too many clients are waiting for it to accept their connections"):
        Connection(str(full.path), "test")
    first.close()


def test_a_refusal_comes_as_the_answer_to_hello(fake: FakeDaemon, background: Callable[..., Future[Any]]) -> None:
    call = background(Connection, str(fake.path), "test")
    peer = Peer(fake._listening.accept()[0])
    peer.send({"id": peer.expect("hello")["id"], "error": REFUSAL})
    peer.close()
    with pytest.raises(DaemonUnavailable, match="^cannot accept another connection: 4 are open") as caught:
        call.result(LIMIT)
    assert caught.value.code == "too_many_connections" and caught.value.data == {"limit": 4}
    assert caught.value.exit_code == 9


@pytest.mark.parametrize("attempt", range(20))
def test_a_refusal_that_comes_unasked_is_told(
    fake: FakeDaemon, background: Callable[..., Future[Any]], attempt: int
) -> None:
    """Whether or not there was still somebody to say hello to."""
    call = background(Connection, str(fake.path), "test")
    peer = Peer(fake._listening.accept()[0])
    peer.send({"id": None, "error": REFUSAL})
    peer.close()
    with pytest.raises(DaemonUnavailable) as caught:
        call.result(LIMIT)
    assert caught.value.code == "too_many_connections"


def test_a_call_after_a_loss_waits_for_a_place(
    fake: FakeDaemon, fake_client: Client, background: Callable[..., Future[Any]]
) -> None:
    call = background(fake_client.daemon_status)
    peer = fake.accept()
    peer.expect("daemon.status")
    peer.close()
    refused = Peer(fake._listening.accept()[0])
    refused.send({"id": refused.expect("hello")["id"], "error": REFUSAL})
    refused.close()
    served = fake.accept()
    status = {
        "version": "0", "pid": 1, "started_at": "2026-11-22T10:15:00.000Z", "instance": "one", "socket": "/s",
        "state_folder": "/s", "services": {}, "last_event": 1, "connections": 1,
    }  # fmt: skip
    served.reply(served.expect("daemon.status"), **status)
    assert call.result(LIMIT).connections == 1
