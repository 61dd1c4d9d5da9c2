"""Which part of this process's environment others may have."""

from __future__ import annotations

import os
import sys
import warnings
from typing import Mapping

from .errors import XPMError

_OWN = {"INVOCATION_ID", "JOURNAL_STREAM", "MANAGERPID", "MANAGERPIDFDID", "NOTIFY_SOCKET", "SYSTEMD_EXEC_PID"}
_SHELL = {"_", "SHLVL", "OLDPWD", "PWD"}


def inheritable(environment: Mapping[str, str]) -> dict[str, str]:
    """What a child may have: without what a supervisor told this process alone (sockets, watchdog, invocation)."""
    return {
        name: value for name, value in environment.items()
        if name not in _OWN and not name.startswith(("LISTEN_", "WATCHDOG_"))
    }


def for_services(environment: Mapping[str, str] | None = None) -> dict[str, str]:
    """What a service may have: also without what belongs to one shell alone or points at one xpmd.

    Variables that are no UTF-8, which JSON cannot hold, and such without a name are left out, with a warning that names them.
    """
    variables = {
        name: value for name, value in inheritable(own() if environment is None else environment).items()
        if name not in _SHELL and not name.startswith("XPMD_")
    }
    if left := sorted(name for name, value in variables.items() if not name or not is_text(name + value)):
        shown = ", ".join(ascii(name) for name in left)
        warnings.warn(f"services do not get the environment variables {shown}: they are not UTF-8 or have no name", stacklevel=2)
    return {name: value for name, value in variables.items() if name not in left}


def current_folder() -> str:
    """The folder that this process is in; ``folder_not_found``, with the path that it had, where it was removed."""
    try:
        return as_utf8(os.getcwd())
    except OSError as error:
        try:
            former = as_utf8(os.readlink("/proc/self/cwd")).removesuffix(" (deleted)")
        except OSError:
            raise XPMError("folder_not_found", f"cannot tell the current folder: {error.strerror}") from None
        raise XPMError(
            "folder_not_found", f"cannot use the current folder {former!r}: it was removed", {"folder": former}
        ) from None


def nearest_folder() -> str:
    """What names of services are told apart by: the current folder, ``/`` where that was removed.

    Above a name that is not UTF-8, which no request can hold, it is the folder that this is in.
    """
    try:
        folder = as_utf8(os.getcwd())
    except OSError:
        return "/"
    while not is_text(folder):
        folder = os.path.dirname(folder)
    return folder


def own() -> dict[str, str]:
    """This process's environment, each variable as the UTF-8 that its bytes are; what they are not is escaped by surrogates."""
    return {as_utf8(name): as_utf8(value) for name, value in os.environ.items()}


def as_utf8(word: str) -> str:
    """What Python calls ``word`` in a locale that is not UTF-8 is other text to everybody else: that of the same bytes in UTF-8."""
    if sys.getfilesystemencoding() == "utf-8":
        return word
    try:
        return os.fsencode(word).decode("utf-8", "surrogateescape")
    except UnicodeEncodeError:  # It was never bytes of the system's.
        return word


def written(environment: Mapping[str, str]) -> tuple[str, ...]:
    """The names of those variables that are not just this process's own."""
    mine = own()
    return tuple(sorted(name for name, value in environment.items() if mine.get(name) != value))


def is_text(value: str) -> bool:
    """Whether it is UTF-8 outside of Python, too."""
    try:
        value.encode()
        return True
    except UnicodeEncodeError:
        return False
