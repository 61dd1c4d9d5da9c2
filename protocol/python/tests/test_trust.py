"""Whose a socket is: to another user's nothing is said."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from pathlib import Path
from typing import Iterator

import pytest

from fake_daemon import FakeDaemon
from xpmd import Client, Definition, Places, Untrusted, XPMError

NOBODY = 65534
pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")

# Listens, and tells what the first client has said to its end.
LISTENING = """
import socket, sys
listening = socket.socket(socket.AF_UNIX)
listening.bind(sys.argv[1])
listening.listen()
print("listening", flush=True)
client, _ = listening.accept()
said = b""
while data := client.recv(4096):
    said += data
print(len(said), flush=True)
"""


@pytest.fixture
def shared() -> Iterator[Path]:
    """A folder that everybody may write to."""
    folder = Path(tempfile.mkdtemp(prefix="xpmd-py.", dir="/tmp"))
    folder.chmod(0o777)
    yield folder
    shutil.rmtree(folder)


@pytest.mark.parametrize("named", ["XPMD_SOCKET", "XPMD_RUNTIME_DIR"])
def test_nothing_is_said_to_another_users_daemon(named: str, shared: Path) -> None:
    path = shared / "xpmd.sock"
    stranger = subprocess.Popen(
        ["/usr/bin/python3", "-c", LISTENING, path], user=NOBODY, group=NOBODY, extra_groups=[], cwd="/",
        stdout=subprocess.PIPE, text=True,
    )
    with stranger:
        assert stranger.stdout is not None and stranger.stdout.readline() == "listening\n"
        path.chmod(0o777)
        places = Places({named: str(path if named == "XPMD_SOCKET" else shared), "XPMD_STATE_DIR": str(shared / "state")})
        with Client(places, autostart=False) as client, pytest.raises(Untrusted) as refused:
            client.add("/ws", "e", "r", "s", Definition.of_command(["x"]).replace(environment={"SECRET": "x"}))
        assert str(refused.value) == f"cannot trust {path}: a process of user {NOBODY} serves there"
        assert (refused.value.code, refused.value.exit_code, refused.value.data["owner"]) == ("untrusted", 7, NOBODY)
        assert stranger.stdout.readline() == "0\n"


def test_a_folder_of_another_user_is_not_entered(shared: Path) -> None:
    os.chown(shared, NOBODY, NOBODY)
    with FakeDaemon(shared / "xpmd.sock") as fake:
        with Client(Places({"XPMD_SOCKET": str(fake.path)}), autostart=False) as client, pytest.raises(Untrusted) as refused:
            client.daemon_status()
        assert str(refused.value) == f"cannot trust {shared}: it belongs to user {NOBODY}"
        fake._listening.setblocking(False)
        with pytest.raises(BlockingIOError):
            fake._listening.accept()
        # In one like /tmp nobody but its owner can put another socket in its place.
        shared.chmod(0o1777)
        connected = socket.socket(socket.AF_UNIX)
        with connected:
            from xpmd import owners

            owners.check_folder(str(fake.path))
            connected.connect(str(fake.path))
            owners.check_peer(connected, str(fake.path))


def test_the_folder_of_tmp_that_others_made_has_the_same_code() -> None:
    places = Places({}, user=3_999_999_011)
    os.mkdir(places.runtime_folder, 0o700)
    try:
        with pytest.raises(XPMError) as refused:
            places.check()
        assert isinstance(refused.value, Untrusted)
    finally:
        os.rmdir(places.runtime_folder)
