"""Which attempt of a service in this process xpmd means, and what it hears of the others."""

from __future__ import annotations

import os
import queue
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from experimaestro.scheduler.services import ProcessWebService

from xpmd.experimaestro.hosted import Hosted
from xpmd.methods import EndHosted, NotifyHosted

LIMIT = 60
URL = "http://127.0.0.1:1/"


class Heard:
    """Takes what is said, as the client would."""

    def __init__(self) -> None:
        self._words: queue.Queue[Any] = queue.Queue()

    def call(self, words: Any) -> None:
        self._words.put(words)

    def next(self) -> Any:
        return self._words.get(timeout=LIMIT)


class Stubborn(ProcessWebService):
    """Its process does not mind SIGTERM."""

    id = "stubborn"

    def _build_command(self) -> list[str]:
        self._ready = self.log_directory / "ready"
        self._ready.unlink(missing_ok=True)
        os.mkfifo(self._ready)
        # What a shell ignores is ignored by what takes its place, too.
        return ["sh", "-c", f"trap '' TERM; echo {URL} > ready; exec sleep 1000"]

    def _wait_for_ready(self) -> str:
        return self._ready.read_text().strip()


@pytest.fixture
def heard() -> Heard:
    return Heard()


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Stubborn]:
    service = Stubborn(log_directory=tmp_path)
    yield service
    if isinstance(service.process, subprocess.Popen):
        service.process.kill()
        service.process.wait()


@pytest.fixture
def hosted(heard: Heard, service: Stubborn) -> Hosted:
    return Hosted(heard, service, Stubborn)  # type: ignore[arg-type]


def test_an_attempt_that_never_came_has_ended(heard: Heard, hosted: Hosted) -> None:
    hosted.stop(7, force=False)
    assert heard.next() == EndHosted(7)


def test_the_stop_of_an_earlier_attempt_leaves_the_next_one_alone(
    heard: Heard, hosted: Hosted, service: Stubborn
) -> None:
    hosted.start(2)
    assert heard.next() == NotifyHosted(2, f"X_XPM_URL={URL}\nREADY=1")
    hosted.stop(1, force=True)
    assert heard.next() == EndHosted(1)
    assert hosted.is_live and service.process.poll() is None


def test_one_that_xpmd_has_given_up_does_not_hold_the_next_one_up(
    heard: Heard, hosted: Hosted, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("xpmd.experimaestro.hosted._PATIENCE_S", 0.01, raising=False)
    hosted.start(1)
    assert heard.next() == NotifyHosted(1, f"X_XPM_URL={URL}\nREADY=1")
    hosted.start(2)
    words = [heard.next(), heard.next()]
    assert EndHosted(1) in words and NotifyHosted(2, f"X_XPM_URL={URL}\nREADY=1") in words
