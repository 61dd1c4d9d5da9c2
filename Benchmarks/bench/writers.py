"""Where a writer's lines can go: into a file, to a program that reads a pipe, to the log of a service."""

import contextlib
import os
import select
import subprocess
import tempfile
import time
from dataclasses import dataclass

from . import logger, numbered
from .daemon import Daemon
from .starting import SLEEP

PATIENCE = 600


@dataclass
class Load:
    """So many lines, and the bytes of each system call."""

    lines: int
    size: int

    @property
    def bytes(self):
        """All of them."""
        return self.lines * numbered.LINE


@dataclass
class Outcome:
    """The writer's nanoseconds, the processor's of writer and reader, and what is wrong with the log."""

    took: int
    worked: int
    files: int = 1
    wrong: int = 0


def direct(floors, scratch, load):
    """The floor: a bare file."""
    with tempfile.TemporaryDirectory(prefix="log-", dir=scratch) as folder, open(os.path.join(folder, "log"), "ab") as file:
        return Outcome(*write(floors, load, file))


def piped(floors, scratch, load, reader):
    """Through whoever reads the pipe; `reader` makes the command for a folder."""
    with tempfile.TemporaryDirectory(prefix="log-", dir=scratch) as folder:
        reading = subprocess.Popen(reader(folder), stdin=subprocess.PIPE, stderr=subprocess.DEVNULL, start_new_session=True)
        try:
            took, worked = write(floors, load, reading.stdin)
        finally:
            reading.stdin.close()
            _, status, usage = os.wait4(reading.pid, 0)
            reading.returncode = os.waitstatus_to_exitcode(status)
        if reading.returncode:
            raise SystemExit(f"cannot go on: {reading.args} ended with {reading.returncode}")
        return Outcome(took, worked + int((usage.ru_utime + usage.ru_stime) * 1e9))


def write(floors, load, output):
    """Runs a writer; what it has said. It has a session of its own, as a service has: on a busy machine the kernel shares by sessions."""
    command = [floors.path("writer"), str(load.lines), str(load.size)]
    done = subprocess.run(command, stdout=output, stderr=subprocess.PIPE, check=True, timeout=PATIENCE, start_new_session=True)
    return map(int, done.stderr.split())


def supervised(floors, programs, scratch, load, log):
    """As a service of an xpmd of its own."""
    with Daemon(programs, scratch) as daemon:
        wake(floors, daemon)
        return service(floors, daemon, "writer", load, log)


def wake(floors, daemon):
    """Starts a service that writes nothing, and returns the logger's pid: it is there once there is something to read."""
    daemon.add(floors, ["quiet"], SLEEP)
    daemon.each(floors, "start", ["quiet"], "RUNNING")
    return logger.find(daemon)


def service(floors, daemon, name, load, log):
    """As one more service, until its log has all, and is seen to have it."""
    reader = logger.find(daemon)
    before = logger.worked(reader)
    with fifo() as (path, said):
        command = [floors.path("writer"), str(load.lines), str(load.size), path]
        daemon.add(floors, [name], command, log=log)
        daemon.call("service.start", service=daemon.reference(name))
        took, worked = map(int, said())
    file = daemon.call("service.get", service=daemon.reference(name))["service"]["stdout"]
    settle(file, load)
    worked += logger.worked(reader) - before
    daemon.each(floors, "stop", [name], "STOPPED")
    return Outcome(took, worked, *numbered.check(file, load.lines))


def settle(path, load):
    """Waits until the last line is in the log."""
    last, deadline = b"%010d" % (load.lines - 1), time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        # It is not there yet, or too short.
        with contextlib.suppress(OSError), open(path, "rb") as file:
            file.seek(-numbered.LINE, os.SEEK_END)
            if file.read(10) == last:
                return
        time.sleep(0.005)
    raise SystemExit(f"cannot go on: {path} does not get its last line")


@contextlib.contextmanager
def fifo():
    """A path for a program to say something at, and what waits for its words."""
    with tempfile.TemporaryDirectory(prefix="writer-") as folder:
        path = os.path.join(folder, "took")
        os.mkfifo(path)
        # Read and write: opening a FIFO only to read waits for whoever writes, and it may never come.
        with os.fdopen(os.open(path, os.O_RDWR), "rb", buffering=0) as reading:

            def said():
                if not select.select([reading], [], [], PATIENCE)[0]:
                    raise SystemExit("cannot go on: a writer does not end")
                return reading.read(100).split()

            yield path, said
