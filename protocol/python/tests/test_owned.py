"""Services whose class was swapped, in the hands of programs that copy them, make others of their class, or fork."""

from __future__ import annotations

import copy
import os
import pickle
import subprocess
import sys
from pathlib import Path
from typing import Any, cast

import pytest

from xpmd import Places
from xpmd.experimaestro.account import account
from xpmd.experimaestro.attaching import shared_client
from xpmd.experimaestro.link import Link
from xpmd.experimaestro.owned import link_of, take_over
from xpmd.services import Service


PACKAGE = Path(__file__).parents[1]


class Board:
    """As much of a service as the swap looks at."""

    id = "board"
    state = "the class's own"

    def __init__(self, path: str, *, deep: bool = False) -> None:
        self.path, self.deep = path, deep

    def get_url(self) -> None: ...

    def state_dict(self) -> dict[str, str]:
        return {"path": self.path}

    def description(self) -> str:
        return ""

    def subservices(self) -> list[Any]:
        return cast(Any, None).parts  # type: ignore[no-any-return]


class Slotted(Board):
    __slots__ = ("extra",)


def taken(service: Any) -> Any:
    take_over(service, Link(Service(cast(Any, None), "board")))
    return service


@pytest.mark.parametrize("kind", [Board, Slotted])
def test_copies_and_what_is_unpickled_are_the_users_own(kind: type[Board]) -> None:
    service = taken(kind("/runs", deep=True))
    if kind is Slotted:
        service.extra = 1
    made = [copy.copy(service), copy.deepcopy(service)]
    made += [pickle.loads(pickle.dumps(service, protocol)) for protocol in range(2, pickle.HIGHEST_PROTOCOL + 1)]
    for one in made:
        assert type(one) is kind and vars(one) == {"path": "/runs", "deep": True}
        assert one.state == "the class's own" and getattr(one, "extra", 1) == 1
    assert link_of(service) is not None


def test_another_one_made_by_its_type_is_the_users_own() -> None:
    other = type(taken(Board("/runs")))("/others", deep=True)
    assert type(other) is Board and (other.path, other.deep, other.state) == ("/others", True, "the class's own")


def test_an_attribute_error_of_the_class_is_a_fault_and_not_an_older_version() -> None:
    assert account(Board("/runs")).faults == [
        "has no parts: its subservices() raises AttributeError: 'NoneType' object has no attribute 'parts'"
    ]


@pytest.mark.parametrize("text", ["x" * 4096, "x" * 4097, "é" * 3000, "\ud800" * 5000, "短" * 2000])
def test_a_description_is_as_long_as_the_daemon_takes(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setattr(Board, "description", lambda _: text)
    description = account(Board("/runs")).description
    assert len(description.encode("utf-8", "replace")) <= 4096
    assert description == text or description.endswith("…") and len(description) > 1000


def test_a_forked_child_has_a_client_and_handlers_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XPMD_SOCKET", "/none")
    assert Places().socket == "/none"
    parents, _ = shared_client()
    child = os.fork()
    if child == 0:
        mine, _ = shared_client()
        os._exit(0 if mine is not parents and "hosted.start" in mine._session._handlers else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


AT_EXIT = """
import atexit, sys, threading
getattr({module}, "{register}")(lambda: link.told(board))
from concurrent.futures import ThreadPoolExecutor
from xpmd.experimaestro.link import Link
from xpmd.services import Service

class Board:
    _listeners_lock = threading.Lock()

class Listener:
    def service_state_changed(self, service):
        pool.submit(int).result()

pool, link, board = ThreadPoolExecutor(1), Link(Service(None, "board")), Board()
Board._listeners = [Listener()]
link.told(board)
if {closed}:
    pool.shutdown()
    link.told(board)
"""


@pytest.mark.parametrize(("module", "register"), [("atexit", "register"), ("threading", "_register_atexit")])
def test_nothing_is_said_of_listeners_that_python_itself_keeps_from_working(module: str, register: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", AT_EXIT.format(module=module, register=register, closed=False)],
        cwd=PACKAGE, text=True, capture_output=True,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")


def test_what_listeners_raise_is_said_as_long_as_python_goes_on() -> None:
    done = subprocess.run(
        [sys.executable, "-c", AT_EXIT.format(module="atexit", register="register", closed=True)],
        cwd=PACKAGE, text=True, capture_output=True,
    )  # fmt: skip
    assert done.stderr.count("cannot notify <__main__.Listener object") == 1
