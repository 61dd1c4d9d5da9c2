"""What can go wrong: one exception, told apart by its code, and subclasses where programs want to catch one kind."""

from __future__ import annotations

from typing import Mapping, Type

# The protocol's table of errors: the number on the wire and the exit code of xpmctl.
CODES: dict[str, tuple[int, int]] = {
    "parse_error": (-32700, 1),
    "invalid_request": (-32600, 1),
    "unknown_method": (-32601, 1),
    "invalid_parameters": (-32602, 10),
    "internal_error": (-32603, 1),
    "frame_too_large": (-32001, 1),
    "version_mismatch": (-32002, 1),
    "hello_required": (-32003, 1),
    "hello_timeout": (-32004, 6),
    "shutting_down": (-32005, 7),
    "not_found": (-32010, 3),
    "ambiguous": (-32011, 4),
    "conflict": (-32012, 8),
    "invalid_name": (-32013, 10),
    "not_normal_run": (-32014, 10),
    "unknown_template": (-32015, 3),
    "invalid_template": (-32016, 10),
    "template_parameter": (-32017, 10),
    "dependency_cycle": (-32018, 10),
    "not_a_workspace": (-32019, 10),
    "start_failed": (-32020, 5),
    "command_not_found": (-32021, 5),
    "command_not_executable": (-32022, 5),
    "folder_not_found": (-32023, 5),
    "unsupported": (-32024, 5),
    "timed_out": (-32025, 6),
    "not_stopped": (-32026, 8),
    "dependency_failed": (-32027, 5),
    "host_gone": (-32028, 5),
    "overtaken": (-32029, 8),
    "storage_full": (-32030, 9),
    "storage_failed": (-32031, 9),
    "keeper_unavailable": (-32032, 9),
    "limit_exceeded": (-32034, 10),
    "file_system_unresponsive": (-32035, 5),
    "not_running": (-32036, 8),
    "too_many_requests": (-32037, 9),
    "too_many_connections": (-32038, 9),
    "invalid_cursor": (-32039, 10),
    "unreachable": (-32040, 7),
    "connection_lost": (-32041, 7),
    "untrusted": (-32042, 7),
}


class XPMError(Exception):
    """A refusal: what could not be done, to what, and why.

    ``code`` is the name by which programs decide, ``message`` a sentence for people, ``data`` has details for programs:
    ``candidates`` of an ambiguous name, the ``service`` that failed, the ``limit`` that was passed.
    """

    def __new__(cls, code: str, message: str = "", data: Mapping[str, object] | None = None) -> XPMError:
        return super().__new__(KINDS.get(code, cls) if cls is XPMError else cls, code, message, data)

    def __init__(self, code: str, message: str, data: Mapping[str, object] | None = None) -> None:
        # All three, so that the error can be pickled on its way out of a worker process.
        super().__init__(code, message, data)
        self.code = code
        self.message = message
        self.data: dict[str, object] = dict(data or {})

    def __str__(self) -> str:
        return self.message

    @property
    def number(self) -> int:
        """The code's number, for JSON-RPC."""
        return CODES.get(self.code, CODES["internal_error"])[0]

    @property
    def exit_code(self) -> int:
        """What xpmctl ends with after this error."""
        return CODES.get(self.code, CODES["internal_error"])[1]

    @classmethod
    def from_json(cls, value: object) -> XPMError:
        """The error of a reply. A name that this version does not know is told by its number, else ``internal_error``."""
        error = value if isinstance(value, dict) else {}
        message, number, details = error.get("message"), error.get("code"), error.get("data")
        data = dict(details) if isinstance(details, dict) else {}
        name = data.pop("code", None)
        if not isinstance(name, str) or name not in CODES:
            name = next((code for code, row in CODES.items() if row[0] == number), "internal_error")
        return cls(name, message if isinstance(message, str) else "", data)

    def to_json(self) -> dict[str, object]:
        """The ``error`` member of a reply."""
        return {"code": self.number, "data": {**self.data, "code": self.code}, "message": self.message}


class DaemonUnavailable(XPMError):
    """No daemon answers, and none could be started (``unreachable``), or it has too many connections (``too_many_connections``)."""


class Untrusted(DaemonUnavailable):
    """The socket or its folder belongs to another user, to whom nothing was said (``untrusted``)."""


class ConnectionLost(XPMError):
    """The connection ended before the reply came: what was asked for may have been done or not (``connection_lost``)."""


class NotFound(XPMError):
    """There is no such service or run (``not_found``)."""


class Ambiguous(XPMError):
    """The reference fits several services, which ``data["candidates"]`` has (``ambiguous``)."""


class Conflict(XPMError):
    """It contradicts what there is (``conflict``)."""


class StartFailed(XPMError):
    """The service did not start, or came to ERROR or STOPPED in place of RUNNING; ``code`` says which: ``start_failed``, with the
    record in ``data["service"]``, ``command_not_found``, ``command_not_executable``, ``folder_not_found``,
    ``file_system_unresponsive``, ``dependency_failed``, ``host_gone``, and from a start ``unsupported``."""


class TimedOut(XPMError):
    """The time given is over (``timed_out``)."""


KINDS: dict[str, Type[XPMError]] = {
    "unreachable": DaemonUnavailable,
    "untrusted": Untrusted,
    "too_many_connections": DaemonUnavailable,
    "connection_lost": ConnectionLost,
    "not_found": NotFound,
    "ambiguous": Ambiguous,
    "conflict": Conflict,
    "start_failed": StartFailed,
    "command_not_found": StartFailed,
    "command_not_executable": StartFailed,
    "folder_not_found": StartFailed,
    "file_system_unresponsive": StartFailed,
    "dependency_failed": StartFailed,
    "host_gone": StartFailed,
    "timed_out": TimedOut,
}
