"""experimaestro's web page drives and shows what xpmd owns (EXPERIMAESTRO.md's P3, P14)."""

from __future__ import annotations

import json
import os
import signal
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from typing import Any

import pytest

from instance import LIMIT, Instance
from xpmd import Client, State

from .program import Program, awaited, program

pytest.importorskip("websockets")
from websockets.sync.client import ClientConnection, connect  # noqa: E402

SERVE = "print('http://127.0.0.1:%d/' % server.server_port, flush=True); server.serve_forever()"
PAGE = f"""exec {sys.executable} -c "
import http.server as h
server = h.HTTPServer(('127.0.0.1', 0), h.SimpleHTTPRequestHandler)
{SERVE}" """


@pytest.fixture
def experiment(instance: Instance, client: Client) -> Iterator[tuple[Program, int]]:
    with program(instance, "web.py", str(instance.root / "ws"), "exp", hook=True) as running:
        yield running, running.hear()["port"]


def say(page: ClientConnection, kind: str, id: str) -> None:
    page.send(json.dumps({"type": kind, "payload": {"id": id}}))


def heard(page: ClientConnection, id: str, state: str) -> dict[str, Any]:
    """What the page is told of the service in that state."""
    while True:
        message = json.loads(page.recv(timeout=2 * LIMIT))
        told = message.get("payload") or {}
        if message["type"] in ("service.add", "service.update") and (told["id"], told["state"]) == (id, state):
            return told  # type: ignore[no-any-return]


def test_the_web_page_starts_shows_and_stops_in_xpmd(client: Client, experiment: tuple[Program, int]) -> None:
    running, port = experiment
    running.ask(f"add(Process({PAGE!r}))")
    with connect(f"ws://127.0.0.1:{port}/ws?token=a-token", proxy=None) as page, client.events() as events:
        say(page, "service.start", "process")
        url = awaited(events, "service.changed", id="process", state=State.RUNNING).url
        assert heard(page, "process", "RUNNING")["url"] == url
        # Run by xpmd: the experiment has no process of it.
        assert running.ask("xp.services['process'].process is None")
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/services/process/", timeout=LIMIT) as shown:
            assert shown.status == 200 and b"Directory listing" in shown.read()
        say(page, "service.stop", "process")
        awaited(events, "service.changed", id="process", state=State.STOPPED)
        heard(page, "process", "STOPPED")
        # What others do is shown, too.
        client.start("exp:process")
        assert heard(page, "process", "RUNNING")["url"] == client.status("exp:process").service.url


def test_the_web_page_stops_what_is_starting(client: Client, experiment: tuple[Program, int]) -> None:
    running, port = experiment
    running.ask("add(NeverReady())")
    address = f"ws://127.0.0.1:{port}/ws?token=a-token"
    # The reference answers one request of a page after the other: a second page, as in another tab, stops it.
    with connect(address, proxy=None) as starting, connect(address, proxy=None) as page, client.events() as events:
        say(starting, "service.start", "never-ready")
        awaited(events, "service.changed", id="never-ready", state=State.STARTING)
        say(page, "service.stop", "never-ready")
        heard(page, "never-ready", "STOPPED")
    assert client.wait("exp:never-ready", "ended", LIMIT).state is State.STOPPED


def test_a_get_of_what_is_never_ready_ends_when_somebody_stops_it(
    client: Client, experiment: tuple[Program, int], background: Callable[..., Future[object]]
) -> None:
    running, port = experiment
    running.ask("add(NeverReady())")
    page = f"http://127.0.0.1:{port}"

    def get() -> int:
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(f"{page}/services/never-ready/", timeout=2 * LIMIT)
        refused.value.close()
        return refused.value.code

    with client.events() as events:
        shown = background(get)
        awaited(events, "service.changed", id="never-ready", state=State.STARTING)
        client.stop("exp:never-ready")
        assert shown.result(2 * LIMIT) == 500
    # The page goes on.
    with urllib.request.urlopen(f"{page}/login.html", timeout=LIMIT) as answer:
        assert answer.status == 200


def test_a_dead_service_is_shown_as_one_and_started_by_the_next_get(client: Client, experiment: tuple[Program, int]) -> None:
    running, port = experiment
    running.ask(f"add(Process({PAGE!r}))")
    client.start("exp:process")
    first = client.wait("exp:process", "running", LIMIT)
    assert first.pid is not None
    with connect(f"ws://127.0.0.1:{port}/ws?token=a-token", proxy=None) as page:
        say(page, "services", "")
        heard(page, "process", "RUNNING")
        os.kill(first.pid, signal.SIGKILL)
        heard(page, "process", "ERROR")
    assert "SIGKILL" in str(running.ask("facts(xp.services['process'])")["error"])
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/services/process/", timeout=LIMIT) as shown:
        assert shown.status == 200 and b"Directory listing" in shown.read()
    assert client.status("exp:process").service.attempt != first.attempt


def test_the_web_page_shows_and_stops_one_that_keeps_from_its_base_what_happens_to_it(
    client: Client, experiment: tuple[Program, int]
) -> None:
    running, port = experiment
    running.ask("add(Aloof())")
    with connect(f"ws://127.0.0.1:{port}/ws?token=a-token", proxy=None) as page, client.events() as events:
        client.start("exp:aloof")
        assert heard(page, "aloof", "RUNNING")["url"] == "http://127.0.0.1:1/"
        say(page, "service.start", "aloof")  # It runs already.
        say(page, "service.stop", "aloof")
        awaited(events, "service.changed", id="aloof", state=State.STOPPED)
        heard(page, "aloof", "STOPPED")
    assert [record.attempt for record in client.list()] == [1]
