"""What objects say of themselves: short, clickable, escaped, and without secrets."""

from __future__ import annotations

import re
from typing import Any

import pytest

from fake_daemon import FakeDaemon
from instance import Instance
from xpmd import Client, Definition, Event, Experiment, RunMode, RunRecord, ServiceRecord, State
from xpmd.shown import html, link, public, text
from xpmd.types import Run, WorkspaceRecord

RECORD: dict[str, Any] = {
    "workspace": "/ws", "experiment": "exp", "run": "r1", "id": "board", "run_mode": "NORMAL", "description": "", "sub_services": [],
    "state": "RUNNING", "wanted": True, "since": "2026-11-22T10:15:00.000Z", "url": "http://127.0.0.1:6006/x?token=s3cret&tab=1",
}


def test_a_service_shows_name_state_and_a_link(fake_client: Client) -> None:
    record = ServiceRecord.from_json(RECORD)
    assert repr(record) == "<ServiceRecord exp@r1:board RUNNING http://127.0.0.1:6006/x?tab=1>"
    assert '<b>exp@r1:board</b> RUNNING <a href="http://127.0.0.1:6006/x?tab=1"' in record._repr_html_()
    xp = Experiment(fake_client, "/ws", "exp", "r1", RunMode.DRY_RUN)
    service = xp.add("board", command=["true"])
    assert repr(service) == "<Service exp@r1:board STOPPED>" and "STOPPED" in service._repr_html_()
    service._take(record)
    assert repr(service) == "<Service exp@r1:board RUNNING http://127.0.0.1:6006/x?tab=1>"
    assert repr(xp) == "<Experiment exp@r1 in /ws (board RUNNING)>"
    assert xp._repr_html_().count("<a href=") == 1 and "/ws" in xp._repr_html_()


def test_a_client_says_where_its_daemon_is_and_asks_nothing(fake: FakeDaemon, fake_client: Client) -> None:
    assert repr(fake_client) == f"<Client {fake.path}>" and str(fake.path) in fake_client._repr_html_()


def test_what_failed_says_why() -> None:
    record = ServiceRecord.from_json(RECORD | {"state": "ERROR", "url": None, "error": "exited with code 3"})
    assert repr(record) == "<ServiceRecord exp@r1:board ERROR (exited with code 3)>"
    assert "<i>exited with code 3</i>" in record._repr_html_()


def test_other_records_are_short_too() -> None:
    run = {
        "workspace": "/ws", "experiment": "exp", "run": "r1", "run_mode": "NORMAL", "status": "open",
        "opened_at": "2026-11-22T10:15:00.000Z", "services": 1,
    }
    assert repr(RunRecord.from_json(run)) == "<RunRecord exp@r1 open (1 service)>"
    assert "<b>exp@r1</b> open" in RunRecord.from_json(run)._repr_html_()
    workspace = {"workspace": "/ws", "state": "watching", "watched_since": "2026-11-22T10:15:00.000Z", "runs": 1, "services": 2}
    assert repr(WorkspaceRecord.from_json(workspace)) == "<WorkspaceRecord /ws watching>"
    event = {
        "seq": 7, "at": "2026-11-22T10:15:00.000Z", "kind": "service.changed", "workspace": "/ws", "experiment": "exp", "run": "r1",
        "id": "board", "previous": "STARTING", "state": "RUNNING", "cause": "its page answered", "url": "http://h/?token=s3cret",
    }
    assert repr(Event.from_json(event)) == "<Event 7 service.changed exp@r1:board RUNNING http://h/ (its page answered)>"


def test_a_definition_keeps_its_secrets() -> None:
    definition = Definition(
        Run("command", arguments=("serve", "--token=s3cret")), class_name="m.C", state_dict={"token": "s3cret"},
        environment={"API_KEY": "s3cret"},
    )
    assert repr(definition) == "<Definition command m.C>"
    for shown in (repr(definition), repr(definition.run), repr(definition.state_dict), repr(definition.replace(class_name=None))):
        assert "s3cret" not in shown


@pytest.mark.parametrize(
    "url, shown",
    [
        ("http://u:p@h:1/a", "http://h:1/a"), ("http://h/?access_token=x&b=2", "http://h/?b=2"), ("http://h/#token=x", "http://h/"),
        ("http://h/#scalars", "http://h/#scalars"), ("http://[::1]:8/", "http://[::1]:8/"), ("http://[", "(an address that cannot be read)"),
        ("http://h/\x1b[31m\nx", "http://h/ [31m x"), ("http://h/?api_key=1&password=2&sig=3", "http://h/"),
    ],
)
def test_an_address_is_shown_without_what_opens_it(url: str, shown: str) -> None:
    assert public(url) == shown


def test_html_is_escaped_and_links_are_of_pages_only() -> None:
    nasty = '<script>"\'&'
    for page in (html(nasty, nasty, f"http://h/{nasty}", nasty), html("x", State.ERROR, f"javascript:{nasty}", None)):
        assert re.sub(r"</?(?:div|b|i|a)\b[^<>]*>", "", page).count("<") == 0 and "script>" not in page
    assert "href" not in link("javascript:alert(1)") and "href" not in link(" http://h/")
    assert "s3cret" not in text("x", cause="cannot open http://h/?token=s3cret") and len(text("x" * 10_000)) < 300
    assert "\x1b" not in text("a\x1b[31mb", cause="\u202e") and "\u202e" not in text("x", cause="\u202e")


def test_services_of_experimaestro_do_once_xpmd_has_them(instance: Instance, client: Client) -> None:
    kinds = pytest.importorskip("experimaestro.scheduler.services")
    from xpmd.experimaestro.link import Link
    from xpmd.experimaestro.owned import give_back, take_over

    class Board(kinds.WebService):  # type: ignore[misc, name-defined]
        id = "board"

        def _serve(self, running: object) -> None: ...

    service, xp = Board(), Experiment(client, "/ws", "exp", "r1", RunMode.DRY_RUN)
    take_over(service, Link(xp.add("board", command=["true"])))
    assert re.fullmatch(r"<\S*Board exp@r1:board STOPPED>", repr(service))
    assert "<b>exp@r1:board</b> STOPPED" in service._repr_html_()
    give_back(service)
    assert "object at" in repr(service)
