"""Where the socket and the folders of one xpmd instance are."""

from __future__ import annotations

import os
import stat
from typing import Mapping

from .errors import XPMError
from .json import read

_OVERRIDES = ("XPMD_RUNTIME_DIR", "XPMD_STATE_DIR", "XPMD_CONFIG_DIR", "XPMD_CACHE_DIR", "XPMD_SOCKET")
# A sockaddr_un has room for so many bytes and a zero behind them.
SOCKET_PATH_LIMIT = 107
# What the daemon notes in its state folder of where it serves.
_NOTE = "daemon.json"
# What a daemon or its starter cannot do without.
_STATE_FILES = ("xpmd.sqlite", "xpmd.sqlite-wal", "xpmd.lock", "xpmd.log")


class Places:
    """The places of a user's instance, told by an environment: nothing is looked at but that.

    ``runtime_folder`` is the folder of ``socket``; ``is_shared`` that it lies in ``/tmp``, where anybody could have made it;
    ``is_overridden`` that a variable ``XPMD_…`` points away from the user's ordinary instance.
    """

    def __init__(self, environment: Mapping[str, str] | None = None, user: int | None = None) -> None:
        """``invalid_parameters`` for a variable ``XPMD_…`` that is no absolute path. Without arguments: this process's places.

        For those an ``XDG_RUNTIME_DIR`` that is not there, another user's or not to be written to is as good as none, as it is
        below cron, Slurm, ``docker exec`` and ``su``; ``warning`` says so.
        """
        is_looked_at = environment is None
        self.warning: str | None = None
        self._environment = dict(os.environ if environment is None else environment)
        self._user = os.getuid() if user is None else user
        overrides = {name: path for name in _OVERRIDES if (path := self._environment.get(name))}
        for name, path in overrides.items():
            if not path.startswith("/"):
                raise XPMError(
                    "invalid_parameters", f"cannot use {name}={path!r}: it is not an absolute path", {"variable": name}
                )
        self.is_overridden = bool(overrides)
        self.is_shared = False
        if folder := overrides.get("XPMD_RUNTIME_DIR"):
            self.runtime_folder = folder
        else:
            base = _absolute(self._environment.get("XDG_RUNTIME_DIR"))
            fault = self._base_fault(base) if base and is_looked_at else None
            if base and not fault:
                self.runtime_folder = base + "/xpmd"
            else:
                self.runtime_folder = f"/tmp/xpmd-{self._user}"
                self.is_shared = "XPMD_SOCKET" not in overrides
            if fault:
                self.warning = f"XDG_RUNTIME_DIR={base} is not used: {fault}; using {self.runtime_folder}"
        self._is_socket_chosen = "XPMD_SOCKET" in overrides
        self.socket = overrides.get("XPMD_SOCKET") or self.runtime_folder + "/xpmd.sock"

    @property
    def state_folder(self) -> str:
        """Definitions, events and logs; ``folder_not_found`` where nothing says where homes are."""
        if path := self._environment.get("XPMD_STATE_DIR"):
            return path
        if path := _absolute(self._environment.get("XDG_STATE_HOME")):
            return path + "/xpmd"
        if home := _absolute(self._environment.get("HOME")):
            return home + "/.local/state/xpmd"
        raise XPMError(
            "folder_not_found", "cannot tell where xpmd's state is: neither XPMD_STATE_DIR nor XDG_STATE_HOME nor HOME is set"
        )

    def check(self) -> None:
        """Refuses a socket path that is too long, and as ``untrusted`` a folder in ``/tmp`` that others made or may enter.

        A folder that does not exist is no fault: nothing listens in it either.
        """
        length = len(os.fsencode(self.socket))
        if length > SOCKET_PATH_LIMIT:
            raise XPMError(
                "unreachable",
                f"cannot use the socket {self.socket}: its path has {length} bytes, a socket's path has at most {SOCKET_PATH_LIMIT}",
                {"path": self.socket, "length": length, "limit": SOCKET_PATH_LIMIT},
            )
        if not self.is_shared:
            return
        try:
            status = os.lstat(self.runtime_folder)
        except OSError:
            return
        if fault := self._fault(status):
            raise XPMError("untrusted", f"cannot trust {self.runtime_folder}: {fault}", {"path": self.runtime_folder})

    def noted(self) -> tuple[str, int] | None:
        """The socket, if that is not ``socket``, and the process that the daemon of the state folder notes; None where a socket was named."""
        if self._is_socket_chosen:
            return None
        try:
            descriptor = os.open(
                f"{self.state_folder}/{_NOTE}", os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY
            )
        except (OSError, XPMError):
            return None
        try:
            status = os.fstat(descriptor)
            if status.st_uid != os.geteuid() or status.st_mode & 0o022:
                return None
            note = read(os.read(descriptor, 1 << 16))
        except (OSError, XPMError):
            return None
        finally:
            os.close(descriptor)
        socket, pid = (note.get("socket"), note.get("pid")) if isinstance(note, dict) else (None, None)
        if not isinstance(socket, str) or not socket.startswith("/") or socket == self.socket or not isinstance(pid, int):
            return None
        return socket, pid

    def _base_fault(self, base: str) -> str | None:
        try:
            status = os.stat(base)
        except OSError:
            return "it does not exist"
        if not stat.S_ISDIR(status.st_mode):
            return "it is not a folder"
        if status.st_uid != self._user:
            return f"it belongs to user {_name(status.st_uid)}"
        return None if os.access(base, os.W_OK) else "it is not writable"

    def check_state(self) -> None:
        """Refuses, as ``unreachable``, a state folder of another user, or one that root would make in another user's home."""
        folder = self.state_folder
        if (owner := _owner(folder)) is not None:
            for path in [folder] + [f"{folder}/{name}" for name in _STATE_FILES]:
                owner = _owner(path)
                if owner is not None and owner != os.geteuid():
                    raise _foreign(path, owner, "use")
            return
        above = os.path.dirname(folder)
        while (owner := _owner(above)) is None and above != "/":
            above = os.path.dirname(above)
        if owner is None:
            return
        if os.geteuid() == 0:
            is_refused = owner != 0 and not self._environment.get("XPMD_STATE_DIR")
        else:
            is_refused = owner != os.geteuid() and not os.access(above, os.W_OK)
        if is_refused:
            raise _foreign(above, owner, f"make {folder!r} in")

    def _fault(self, status: os.stat_result) -> str | None:
        if not stat.S_ISDIR(status.st_mode):
            return "it is not a folder"
        if status.st_uid != self._user:
            return f"it belongs to user {status.st_uid}"
        if status.st_mode & 0o077:
            return f"others may enter it, its mode is {stat.S_IMODE(status.st_mode):o}"
        return None


def _owner(path: str) -> int | None:
    try:
        return os.stat(path).st_uid
    except OSError:
        return None


def _name(user: int) -> str:
    return "root" if user == 0 else str(user)


def _foreign(path: str, owner: int, verb: str) -> XPMError:
    return XPMError(
        "unreachable", f"cannot {verb} {path!r}: it belongs to user {_name(owner)}", {"path": path, "owner": owner}
    )


def _absolute(path: str | None) -> str | None:
    # The XDG specification: relative paths are invalid and to be ignored.
    if not path or not path.startswith("/"):
        return None
    return path[:-1] if len(path) > 1 and path.endswith("/") else path
