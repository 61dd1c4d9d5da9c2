"""Running a ProcessWebService: its command as a child, whose exit is what counts."""

from __future__ import annotations

import itertools
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import Future
from functools import partial
from pathlib import Path
from typing import IO, Any

from .drive import Drive, exit_phrase
from .errors import described
from .happenings import Happenings

# A class whose process has died is let finish the sentence in which it says so.
_LAST_WORDS_S = 1.0


class ProcessDrive(Drive):
    """Waits for readiness as the class defines it, and for the process whatever the class says."""

    def __init__(self, service: Any, happenings: Happenings, kind: type[Any] | None = None) -> None:
        from experimaestro.scheduler.services import ProcessWebService

        super().__init__(service, happenings, kind)
        self._has_own_start = self.kind.get_url is not ProcessWebService.get_url
        self._waited = threading.Event()
        self._complaint: str | None = None
        self._is_ready = False
        service._start_process = self._start_process

    def _start(self) -> None:
        from experimaestro.scheduler.services import ServiceState

        service = self.service
        if self._has_own_start:
            super()._start()
            return
        service.state = ServiceState.STARTING
        service._running_event = threading.Event()
        self._start_process()

    def _started(self, url: str | None) -> None:
        if self.service.process is None:
            super()._started(url)
            return
        self._waited.wait()
        if self._is_ready:
            self.ready(url)

    def _cause(self) -> tuple[str, int] | None:
        return (self._complaint, self.service.process.poll() or 0) if self._complaint else None

    def resume(self) -> None:
        """Its process is watched from now on, ready or not."""
        if process := self.service.process:
            self._in_thread(lambda: self._watch_command(process, str(process.args[0])), "process")
        super().resume()

    def _resumed(self) -> None:
        if self.service.process is None:
            super()._resumed()
            return
        # Had experimaestro found that it cannot be ready, it would have said so before.
        self._is_ready = True
        self._waited.set()
        self.ready(self._url())

    def _start_process(self) -> None:
        service = self.service
        command = service._build_command()
        service.log_directory.mkdir(parents=True, exist_ok=True)
        sys.stdout.flush()
        sys.stderr.flush()
        begun: Future[subprocess.Popen[bytes]] = Future()
        self._in_thread(lambda: self._run(command, begun), "process")
        service.process = begun.result()
        self._in_thread(self._wait_for_ready, "ready")

    def _run(self, command: list[Any], begun: Future[subprocess.Popen[bytes]]) -> None:
        """Makes the process and waits for it, in one thread: to the kernel that thread is its parent."""
        try:
            process = self._make(command)
        except BaseException as error:
            begun.set_exception(error)
            return
        begun.set_result(process)
        self._watch_command(process, str(command[0]))

    def _make(self, command: list[Any]) -> subprocess.Popen[bytes]:
        service = self.service
        if self._is_alone:
            # It inherits the host's output: the log files, appended to. And what the host leaves behind is ended by xpmd.
            return subprocess.Popen(command, cwd=service.log_directory)
        with fresh(service.stdout) as stdout, fresh(service.stderr) as stderr:
            return subprocess.Popen(mortal(command), cwd=service.log_directory, stdout=stdout, stderr=stderr)

    def _wait_for_ready(self) -> None:
        service = self.service
        try:
            url = service._wait_for_ready()
        except Exception as error:
            self._complaint = described(error)
            if service.process.poll() is None:
                # It runs, but nobody knows where: no use to anybody.
                self.ended(self._complaint)
        else:
            service.url = url
            self._is_ready = True
            if not self._has_own_start:  # Else only what its get_url returns is the URL.
                self._now_running()
                self.ready(url)
        finally:
            self._waited.set()
            service._running_event.set()

    def _watch_command(self, process: subprocess.Popen[bytes], command: str) -> None:
        code = process.wait()
        if self._stopping:
            self.ended(by_itself=True)
            return
        if not self._is_ready:
            self._waited.wait(_LAST_WORDS_S)
        if self._complaint:
            self.ended(self._complaint, code, by_itself=True)
        elif self._is_ready and code == 0:
            self.ended(by_itself=True)
        else:
            when = "" if self._is_ready else " before it was ready"
            self.ended(f"{command} {exit_phrase(code)}{when}", code, by_itself=True)

    def stop(self, number: int) -> None:
        """Passes the signal on, unless the class has a way of its own."""
        self._stopping = True
        process, ending = self.service.process, self._own_stop()
        finishes = process is not None and ending is not None and self._is_ready
        if finishes:
            self._finishes()
        if process is None or (process.poll() is not None and not finishes):
            self.ended()
        elif ending is not None:
            self._in_thread(lambda: self._finish(ending), "stop")
        else:
            process.send_signal(number)

    def _own_stop(self) -> Callable[[], Any] | None:
        from experimaestro.scheduler.services import ProcessWebService

        own = self.kind.stop is not ProcessWebService.stop
        return partial(self.kind.stop, self.service) if own else None


def mortal(command: list[Any]) -> list[Any]:
    """The same command, which gets SIGTERM at its parent's end, whatever that is; unchanged where util-linux is not there.

    A command that cannot be found stays as it is, so that what is said of it stays, too.
    """
    setpriv = shutil.which("setpriv")
    if setpriv is None or not command or not shutil.which(command[0]):
        return command
    return [setpriv, "--pdeathsig", "TERM", "--", *command]


def fresh(log: Path) -> IO[bytes]:
    """An empty log file; what there was is kept as `log.1`, `log.2` and so on, the newest with the highest number."""
    if log.exists() and log.stat().st_size:
        number = next(number for number in itertools.count(1) if not Path(f"{log}.{number}").exists())
        log.rename(f"{log}.{number}")
    return open(log, "ab")
