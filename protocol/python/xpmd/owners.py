"""Whose a socket is: to another user's nothing is said, not even hello, for requests hold whole environments."""

from __future__ import annotations

import os
import socket
import stat
import struct

from .errors import XPMError

# The kernel's `struct ucred`: process, user, group.
_CREDENTIALS = struct.Struct("=iII")


def check_folder(path: str) -> None:
    """Refuses a socket in a folder of another user, who could put any other in its place.

    One that does not exist is no fault, nothing listens in it; nor is one as ``/tmp``, where only its owner can remove a file.
    """
    folder = os.path.dirname(path)
    try:
        status = os.stat(folder)
    except OSError:
        return
    if not status.st_mode & stat.S_ISVTX and status.st_uid not in (os.geteuid(), 0):
        raise _refusal(folder, f"it belongs to {_user(status.st_uid)}", status.st_uid)


def check_peer(connected: socket.socket, path: str) -> None:
    """Refuses a connection to what another user serves. The kernel tells who began to listen, whatever the path is called."""
    credentials = connected.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
    _, user, _ = _CREDENTIALS.unpack(credentials)
    if user != os.geteuid():
        raise _refusal(path, f"a process of {_user(user)} serves there", user)


def _refusal(path: str, cause: str, owner: int) -> XPMError:
    return XPMError("untrusted", f"cannot trust {path}: {cause}", {"path": path, "owner": owner})


def _user(number: int) -> str:
    return "root" if number == 0 else f"user {number}"
