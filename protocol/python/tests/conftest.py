"""What tests share: the golden vectors, an xpmd of their own, and a daemon that says what a test wants."""

from __future__ import annotations

from pathlib import Path
from typing import Callable, Iterator

import pytest

from fake_daemon import FakeDaemon
from instance import Instance
from xpmd import Client, Places


@pytest.fixture
def instance(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Instance]:
    """Folders of an xpmd of one's own, which nobody has started yet; ended with its services afterwards."""
    instance = Instance.make()
    yield instance
    instance.end()


@pytest.fixture
def client(instance: Instance) -> Iterator[Client]:
    """A client that starts the instance's daemon with its first call."""
    with instance.client() as client:
        yield client


@pytest.fixture
def fake(tmp_path: Path) -> Iterator[FakeDaemon]:
    """A socket at which the test itself plays the daemon."""
    with FakeDaemon(tmp_path / "xpmd.sock") as fake:
        yield fake


@pytest.fixture
def fake_client(fake: FakeDaemon) -> Iterator[Client]:
    """A client of the daemon that the test plays; starts none."""
    with Client(Places({"XPMD_SOCKET": str(fake.path)}), autostart=False) as client:
        yield client


@pytest.fixture
def background() -> Iterator[Callable[..., object]]:
    """Calls something on another thread: gives a future. All have to be done at the end of the test."""
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor() as pool:
        yield pool.submit
