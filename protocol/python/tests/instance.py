"""An instance of xpmd with folders of its own."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

import pytest

from xpmd import Autostart, Client, Places, XPMError

LIMIT = 60
PROGRAMS = os.environ.get("XPM_TEST_BIN")


class Instance:
    """Folders, and the programs of ``XPM_TEST_BIN``; the daemon is started by whoever asks for it first."""

    def __init__(self, root: Path, programs: str) -> None:
        self.root, self.programs = root, programs
        self.workspace = root / "ws"
        self.workspace.mkdir()
        names = {"RUNTIME": "r", "STATE": "s", "CONFIG": "c", "CACHE": "k"}
        own = {f"XPMD_{name}_DIR": str(root / folder) for name, folder in names.items()}
        outer = {name: value for name, value in os.environ.items() if not name.startswith(("XPM", "XDG_"))}
        self.environment = {**outer, **own, "XPMD_CGROUP": "none"}
        self.places = Places(self.environment)

    @classmethod
    def make(cls) -> Instance:
        """Not below pytest's own folder, whose path is too long for a socket. Skips the test where there are no programs."""
        if PROGRAMS is None or not os.access(f"{PROGRAMS}/xpmd", os.X_OK):
            pytest.skip("XPM_TEST_BIN names no folder with xpmd, xpmctl and xpm-keeper")
        return cls(Path(tempfile.mkdtemp(prefix="xpmd-py.")), os.path.abspath(PROGRAMS))

    def client(self, autostart: bool = True, **options: float) -> Client:
        starter = Autostart(self.places, self.environment, self.programs)
        return Client(self.places, autostart=starter if autostart else False, **options)  # type: ignore[arg-type]

    def ctl(self, *arguments: str) -> str:
        """What xpmctl prints."""
        done = subprocess.run(
            [f"{self.programs}/xpmctl", *arguments], env=self.environment, cwd=self.workspace, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=LIMIT,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def kill(self, pid: int) -> None:
        """Kills the daemon; returns when it is gone, its lock with it."""
        ended = os.pidfd_open(pid)
        try:
            signal.pidfd_send_signal(ended, signal.SIGKILL)
            await_end(ended)
        finally:
            os.close(ended)

    def stop(self, client: Client) -> None:
        """Ends the daemon with its services; returns when it is gone."""
        ended = os.pidfd_open(client.daemon_status().pid)
        try:
            client.stop_daemon()
            await_end(ended)
        finally:
            os.close(ended)

    def end(self) -> None:
        """Ends services and daemon, and removes the folders."""
        with self.client(autostart=False) as client:
            try:
                pid = client.daemon_status().pid
            except XPMError:
                pid = None
            # One that was killed may have left services under the keeper: a new one ends them.
            if pid is None and self.places.socket and os.path.exists(self.places.state_folder):
                with self.client() as starting:
                    pid = starting.daemon_status().pid
            if pid is not None:
                self.stop(client)
        shutil.rmtree(self.root)


def await_end(descriptor: int) -> None:
    """Waits until the process of a pidfd has ended."""
    import select

    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    assert poll.poll(LIMIT * 1000), "a process has not ended"
