"""Starts xpmd where nothing answers: through its systemd user unit where that is installed, else detached."""

from __future__ import annotations

import errno
import fcntl
import os
import select
import shutil
import stat
import sys
from typing import TYPE_CHECKING, BinaryIO, Mapping

from . import threads
from .environments import inheritable
from .errors import XPMError
from .places import Places
from .threads import Deadline

if TYPE_CHECKING:
    import subprocess

# Seconds that a daemon may take until it says that it is ready.
LIMIT = 10
_UNIT = "xpmd.service"
# How many starts an xpmd is given that crashes.
_MOST_STARTS = 4


class Autostart:
    """Starts the daemon of ``places``. ``xpmd`` is looked for in the folder ``programs``, beside Python, then in ``PATH``."""

    def __init__(
        self, places: Places, environment: Mapping[str, str] | None = None, programs: str | None = None
    ) -> None:
        self._places = places
        self._environment = inheritable(os.environ if environment is None else environment)
        if places.warning:  # Another user's service manager is none.
            self._environment.pop("XDG_RUNTIME_DIR", None)
        self._programs = programs

    def start(self) -> None:
        """Returns when the daemon is ready; `DaemonUnavailable` with what it said, or that it was silent."""
        if not self._places.is_overridden and _is_unit_installed(self._environment):
            self._start_unit()
        else:
            self._start_detached()

    def _start_unit(self) -> None:
        import subprocess

        command = ["systemctl", "--user", "start", _UNIT]
        try:
            done = subprocess.run(
                command, env=self._environment, timeout=LIMIT, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
            )
        except FileNotFoundError:
            raise _failed("its user unit is installed, but systemctl is not in PATH") from None
        except subprocess.TimeoutExpired:
            raise _failed(f"{' '.join(command)} did not finish within {LIMIT} s") from None
        if done.returncode != 0:
            words = done.stderr.decode(errors="replace").strip().partition("\n")[0]
            raise _failed(f"{' '.join(command)} exited with code {done.returncode}: {words}")

    def _start_detached(self) -> None:
        # The start after two that crashed over the same does without that.
        for _ in range(_MOST_STARTS - 1):
            if self._start_once(may_crash=True):
                return
        self._start_once(may_crash=False)

    def _start_once(self, *, may_crash: bool) -> bool:
        """Starts it and waits for its word; False if it crashed, and that is not to be told."""
        import subprocess

        program = self._find()
        self._places.check_state()
        state = self._places.state_folder
        log = state + "/xpmd.log"
        # Started from within a service, a notebook's terminal say, it would count as a process of that service by these.
        environment = {name: value for name, value in self._environment.items() if not name.startswith("XPM_")}
        try:
            _make(state)
        except OSError as error:
            raise _failed(f"{error.filename or state}: {error.strerror}", log) from None
        with _open_log(log) as errors:
            reading, writing = map(_beside_standard, os.pipe())
            try:
                process = subprocess.Popen(
                    [program, "--ready-fd", str(writing)], env=environment, pass_fds=[writing], start_new_session=True,
                    stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=errors, cwd="/",
                )
            except OSError as error:
                os.close(reading)
                raise _failed(f"{error.filename or program}: {error.strerror}", log) from None
            finally:
                os.close(writing)
        try:
            word = _first_line(reading, Deadline(LIMIT))
        finally:
            os.close(reading)
            _reap(process)
        if may_crash and word == "" and process.wait() < 0:
            return False
        if word is None:
            raise _failed(f"it was not ready within {LIMIT} s; see {log}", log)
        if word != "ready":
            cause = word.removeprefix("error: ").removeprefix("cannot start: ")
            raise _failed(cause or f"it exited immediately; see {log}", log)
        return True

    def _find(self) -> str:
        beside = [self._programs, os.path.dirname(sys.executable or "")]
        path = os.pathsep.join([folder for folder in beside if folder] + [self._environment.get("PATH", os.defpath)])
        if program := shutil.which("xpmd", path=path):
            return program
        raise _failed("the program is neither next to Python nor in PATH")


def _beside_standard(descriptor: int) -> int:
    """A descriptor that is none of 0 to 2, which are given to the child as others, where this program has closed some of them."""
    if descriptor > 2:
        return descriptor
    other = fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, 3)
    os.close(descriptor)
    return other


def _open_log(path: str) -> BinaryIO:
    # A pipe or a device must neither hold it up nor become the log.
    flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_NOCTTY
    try:
        log = os.fdopen(os.open(path, flags, 0o600), "ab")
    except OSError as error:
        causes = {errno.ELOOP: "it is a symbolic link", errno.ENXIO: "it is not a regular file"}
        cause = causes.get(error.errno or 0) or error.strerror
        raise _failed(f"cannot open its log {path}: {cause}", path) from None
    if not stat.S_ISREG(os.fstat(log.fileno()).st_mode):
        log.close()
        raise _failed(f"cannot open its log {path}: it is not a regular file", path)
    os.set_blocking(log.fileno(), True)
    return log


def _make(folder: str) -> None:
    # All that did not exist is for the user alone, as the XDG specification asks; os.makedirs does so with the last one only.
    if not os.path.isdir(folder):
        _make(os.path.dirname(folder))
        try:
            os.mkdir(folder, mode=0o700)
        except FileExistsError:
            if not os.path.isdir(folder):
                raise


def _failed(cause: str, log: str | None = None) -> XPMError:
    return XPMError("unreachable", f"cannot start xpmd: {cause}", {} if log is None else {"path": log})


def _first_line(descriptor: int, deadline: Deadline) -> str | None:
    """What is said up to a line's end or the end of the pipe; None where that takes too long."""
    said = b""
    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    while b"\n" not in said:
        if not poll.poll((deadline.left or 0) * 1000):
            return None
        data = os.read(descriptor, 4096)
        if not data:
            break
        said += data
    return said.partition(b"\n")[0].decode(errors="replace")


def _reap(process: subprocess.Popen[bytes]) -> None:
    # It stays a child of this process: without a wait it would stay a zombie when it ends before us.
    def wait() -> None:
        process.wait()

    threads.start("xpmd reaper", wait)


def _is_unit_installed(environment: Mapping[str, str]) -> bool:
    """Whether a user manager runs that has the unit in one of the folders of systemd.unit(5)."""
    runtime, home = environment.get("XDG_RUNTIME_DIR"), environment.get("HOME")
    if not runtime or not os.path.exists(runtime + "/systemd/private"):
        return False
    config = environment.get("XDG_CONFIG_HOME") or (home and home + "/.config")
    data = environment.get("XDG_DATA_HOME") or (home and home + "/.local/share")
    folders = [folder + "/systemd/user" for folder in (config, data) if folder]
    folders += ["/etc/systemd/user", "/usr/local/lib/systemd/user", "/usr/lib/systemd/user"]
    return any(os.path.exists(f"{folder}/{_UNIT}") for folder in folders)
