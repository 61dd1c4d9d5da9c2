"""What the host says of its service, on the notify socket (sd_notify(3), protocol "What a service can say")."""

from __future__ import annotations

import os
import select
import socket

# A datagram may have 8 KiB; the rest is left for other lines.
_LONGEST_TEXT = 4096
# Only a keeper that hangs does not close the barrier; the host ends without its answer then.
_BARRIER_S = 5.0


class Notify:
    """A notify socket; without an address everything is said to nobody."""

    def __init__(self, address: str | None) -> None:
        self._socket: socket.socket | None = None
        if address:
            self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC)
            self._socket.connect("\0" + address[1:] if address.startswith("@") else address)

    def say(self, **lines: str) -> None:
        """Says `READY="1"` and the like in one datagram; texts are cut to a line."""
        if self._socket is None:
            return
        text = "\n".join(f"{name}={_line(value)}" for name, value in lines.items())
        try:
            self._socket.send(text.encode())
        except OSError:
            pass  # The keeper is gone; it will find this process by itself.

    def barrier(self) -> None:
        """Returns once everything said before has been taken note of."""
        if self._socket is None:
            return
        reading, writing = os.pipe()
        try:
            socket.send_fds(self._socket, [b"BARRIER=1"], [writing])
        except OSError:
            return
        finally:
            os.close(writing)
        closed = select.poll()
        closed.register(reading, select.POLLHUP)
        closed.poll(_BARRIER_S * 1000)
        os.close(reading)


def _line(value: str) -> str:
    line = " ".join(value.split())
    encoded = line.encode(errors="replace")
    if len(encoded) <= _LONGEST_TEXT:
        return encoded.decode()
    return encoded[:_LONGEST_TEXT].decode(errors="ignore") + "…"
