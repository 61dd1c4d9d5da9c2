"""A stop returns in its time and raises nothing, as experimaestro's own, also where xpmd cannot do it."""

from __future__ import annotations

import os
import signal
from types import SimpleNamespace
from typing import Any, cast

import pytest

from instance import Instance
from xpmd import Client, Places
from xpmd.experimaestro.link import Link
from xpmd.services import Service

from .program import program


def test_one_that_xpmd_does_not_know_any_more_is_only_warned_of(instance: Instance, client: Client) -> None:
    with program(instance, "driver.py", str(instance.root / "ws"), "exp", "attach") as driver:
        driver.hear()
        driver.ask("add(Web())")
        client.remove("exp:web")
        assert driver.ask("get('web').stop()") is None
        assert "cannot stop the service 'web': " in driver.log


def test_an_xpmd_that_does_not_answer_takes_no_longer_than_was_said(instance: Instance, client: Client) -> None:
    with program(instance, "driver.py", str(instance.root / "ws"), "exp", "attach") as driver:
        driver.hear()
        driver.ask("add(Web())")
        assert driver.ask("get('web').get_url()") == "http://127.0.0.1:1/"
        pid = client.daemon_status().pid
        os.kill(pid, signal.SIGSTOP)
        try:
            took = "(lambda clock: (clock(), get('web').stop(0.1), clock()))(__import__('time').monotonic)"
            begun, _, over = driver.ask(took)
        finally:
            os.kill(pid, signal.SIGCONT)
        assert over - begun < 30
        assert "cannot stop the service 'web': cannot wait any longer for xpmd's answer to service.stop" in driver.log
        # It was asked for.
        assert client.wait("exp:web", "ended", 60).state.value == "STOPPED"


def test_a_stop_does_not_wait_longer_than_it_may(instance: Instance, client: Client) -> None:
    with program(instance, "driver.py", str(instance.root / "ws"), "exp", "attach") as driver:
        driver.hear()
        script = "trap '' TERM; echo http://127.0.0.1:5/; sleep 1000 & wait; wait"
        driver.ask(f"add(Process({script!r}))")
        assert driver.ask("get('process').get_url()") == "http://127.0.0.1:5/"
        assert driver.ask("get('process').stop(0)") is None
        assert driver.ask("facts(get('process'))")["state"] == "STOPPING" and "cannot stop" not in driver.log


def test_where_there_is_no_xpmd_a_warning_says_so(caplog: pytest.LogCaptureFixture) -> None:
    with Client(Places({"XPMD_SOCKET": "/nowhere/xpmd.sock"}), autostart=False) as client:
        run: Any = SimpleNamespace(client=client, workspace="/ws", name="exp", run="first")
        Link(Service(cast(Any, run), "web")).stop(2.0)
    assert [record.getMessage().startswith("cannot stop the service 'web': ") for record in caplog.records] == [True]
