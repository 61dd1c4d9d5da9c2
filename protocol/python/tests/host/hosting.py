"""A host as xpmd starts it, without xpmd: its file, its log files, and a notify socket that the test listens on."""

from __future__ import annotations

import contextlib
import json
import os
import queue
import select
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

PACKAGE = Path(__file__).resolve().parents[2]
KINDS = Path(__file__).resolve().parent / "kinds"
#: No test waits so long; it only keeps one that fails from hanging.
GUARD_S = 120


class Host:
    """A running host: what it says, what it writes, how it ends."""

    def __init__(self, folder: Path, process: subprocess.Popen[bytes], listening: socket.socket) -> None:
        self.folder, self.process = folder, process
        self._words: queue.Queue[dict[str, str]] = queue.Queue()
        self.said: dict[str, str] = {}
        self._socket = listening
        threading.Thread(target=self._listen, daemon=True).start()

    @property
    def out(self) -> str:
        return (self.folder / "logs.out").read_text()

    @property
    def err(self) -> str:
        return (self.folder / "logs.err").read_text()

    def wait_for(self, name: str) -> str:
        """The value of the next word `name`, which must come before the host ends."""
        while True:
            words = self._words.get(timeout=GUARD_S)
            if not words:
                raise AssertionError(f"the host ended without {name}: {self.said}\n{self.out}\n{self.err}")
            if name in words:
                return words[name]

    def wait_for_output(self, name: str, text: str) -> None:
        """Returns when a line of the log file `name` has `text`."""
        with subprocess.Popen(["tail", "-n", "+1", "-f", self.folder / name], stdout=subprocess.PIPE, text=True) as tail:
            assert tail.stdout is not None
            for line in tail.stdout:
                if text in line:
                    tail.terminate()
                    return

    def end(self) -> int:
        """Waits for its end; the return code as of Popen."""
        code = self.process.wait(timeout=GUARD_S)
        while self._words.get(timeout=GUARD_S):
            pass
        return code

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.end()

    def _listen(self) -> None:
        exited = os.pidfd_open(self.process.pid)
        with contextlib.closing(self._socket), contextlib.ExitStack() as stack:
            stack.callback(os.close, exited)
            while True:
                readable, _, _ = select.select([self._socket, exited], [], [])
                if self._socket not in readable:
                    break
                text, descriptors, _, _ = socket.recv_fds(self._socket, 8192, 1)
                for descriptor in descriptors:
                    os.close(descriptor)
                words = dict(line.split("=", 1) for line in text.decode().splitlines())
                self.said.update(words)
                self._words.put(words)
        self._words.put({})


@contextlib.contextmanager
def host(
    folder: Path,
    service_class: str,
    state_dict: dict[str, Any] | None = None,
    *,
    path: list[str] | None = None,
    **keys: Any,
) -> Iterator[Host]:
    """Starts a host for a class; it is gone at the end of the block."""
    content = {
        "class": service_class,
        "state_dict": state_dict or {},
        "part": None,
        "main": None,
        "path": path if path is not None else [str(KINDS), *sys.path],
        "id": "service",
        "workspace": str(folder),
        "experiment": "exp",
        "run": "run",
        "log_directory": str(folder),
        "pythonpath": None,
    } | keys
    file = folder / "host.json"
    file.write_text(json.dumps(content))
    listening = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    listening.bind(str(folder / "notify"))
    environment = os.environ | {
        "XPM_HOST": str(file),
        "NOTIFY_SOCKET": str(folder / "notify"),
        "PYTHONPATH": str(PACKAGE),
        "XPMD_SOCKET": "/nowhere/xpmd.sock",
    }
    environment.pop("PYTHONUNBUFFERED", None)  # Not everybody's has it.
    with open(folder / "logs.out", "ab") as out, open(folder / "logs.err", "ab") as err:
        process = subprocess.Popen(
            [sys.executable, "-m", "xpmd.host"],
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=err,
            start_new_session=True,
        )
    try:
        yield Host(folder, process, listening)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
