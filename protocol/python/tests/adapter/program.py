"""A Python program that is run by a test, and takes turns with it."""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from instance import LIMIT, Instance
from xpmd import Event, EventStream

PACKAGE = Path(__file__).resolve().parents[2]
PROGRAMS = Path(__file__).resolve().parent / "programs"
#: The services of all kinds that the host is tested with.
KINDS = PACKAGE / "tests" / "host" / "kinds"


class Program:
    """Says lines of JSON, and waits for lines."""

    def __init__(self, process: subprocess.Popen[str], errors: Path) -> None:
        self.process, self._errors = process, errors
        self._heard = b""

    @property
    def log(self) -> str:
        return self._errors.read_text()

    def hear(self) -> dict[str, Any]:
        """The next thing that it says."""
        assert self.process.stdout is not None
        while line := self._line():
            if line.startswith("{"):
                return json.loads(line)  # type: ignore[no-any-return]
        raise AssertionError(f"the program has ended: {self.log}")

    def _line(self) -> str:
        """The next line. Read by hand: a file would keep lines that come together where select does not see them."""
        assert self.process.stdout is not None
        handle = self.process.stdout.fileno()
        while b"\n" not in self._heard:
            assert select.select([handle], [], [], 2 * LIMIT)[0], f"the program says nothing: {self.log}"
            piece = os.read(handle, 1 << 16)
            if not piece:
                return ""
            self._heard += piece
        line, _, self._heard = self._heard.partition(b"\n")
        return line.decode() + "\n"

    def go(self, word: str = "") -> None:
        """Lets it go on."""
        assert self.process.stdin is not None
        self.process.stdin.write(word + "\n")
        self.process.stdin.flush()

    def ask(self, expression: str) -> Any:
        """Has it evaluate an expression: the value, or `AssertionError` with what was raised."""
        self.go(expression)
        answer = self.hear()
        assert "result" in answer, answer["raised"]
        return answer["result"]

    def fails(self, expression: str) -> str:
        """Has it evaluate an expression that raises: what it raises."""
        self.go(expression)
        return str(self.hear()["raised"])

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def end(self) -> int:
        """Waits for its end."""
        return self.process.wait(2 * LIMIT)


def awaited(events: EventStream, kind: str, **members: object) -> Event:
    """The next event of a kind with such members."""
    while event := events.next(LIMIT):
        if event.kind == kind and all(getattr(event, name) == value for name, value in members.items()):
            return event
    raise AssertionError(f"no event {kind} came")


def environment(instance: Instance, *, hook: bool = False, path: list[Path] | None = None) -> dict[str, str]:
    """That of a user's shell, in which the instance is the user's xpmd."""
    folders = [PACKAGE, PROGRAMS, KINDS, *(path or [])]
    variables = instance.environment | {
        "PATH": os.pathsep.join([instance.programs, os.path.dirname(sys.executable), os.environ["PATH"]]),
        "PYTHONPATH": os.pathsep.join(str(folder) for folder in folders),
        "PYTHONUNBUFFERED": "1",
        "HOME": str(instance.root),
    }
    # What xpmd.pth does in the folder of installed packages.
    (instance.root / "hook").mkdir(exist_ok=True)
    (instance.root / "hook" / "sitecustomize.py").write_text("import xpmd._hook\n")
    variables["PYTHONPATH"] += f"{os.pathsep}{instance.root}/hook"
    if hook:
        variables["XPMD_SOCKET"] = instance.places.socket
    return variables


@contextlib.contextmanager
def program(instance: Instance, script: str | Path, *arguments: str, **options: Any) -> Iterator[Program]:
    """Runs a script of `programs/`, or another one; it is gone at the end of the block."""
    errors = instance.root / f"{Path(script).stem}.err"
    with open(errors, "a") as err:
        process = subprocess.Popen(
            [sys.executable, str(PROGRAMS / script), *arguments],
            env=environment(instance, **options),
            cwd=instance.workspace.parent,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=err,
            text=True,
            bufsize=1,
        )
    try:
        yield Program(process, errors)
    finally:
        process.kill()
        process.wait()
        for stream in (process.stdin, process.stdout):
            with contextlib.suppress(BrokenPipeError):
                if stream is not None:
                    stream.close()
