"""Frames: the length of a payload as 4 big-endian bytes, then the payload. Lengths are checked before anything is allocated."""

from __future__ import annotations

from .errors import XPMError

REQUEST_LIMIT = 1 << 20
REPLY_LIMIT = 16 << 20
_HEADER = 4


def encode(payload: bytes, limit: int = REQUEST_LIMIT) -> bytes:
    """The frame of a payload; ``frame_too_large`` where it has more than ``limit`` bytes."""
    if len(payload) > limit:
        raise XPMError(
            "frame_too_large", f"cannot send {len(payload)} bytes in one frame: {limit} are accepted",
            {"length": len(payload), "limit": limit},
        )
    return len(payload).to_bytes(_HEADER, "big") + payload


class Splitter:
    """Cuts a stream, which may come in any pieces, into payloads of at most ``limit`` bytes."""

    def __init__(self, limit: int = REPLY_LIMIT) -> None:
        self.limit = limit
        self._buffer = bytearray()

    def feed(self, data: bytes) -> list[bytes]:
        """The payloads that ``data`` completes.

        ``frame_too_large`` or, for an empty frame, ``parse_error``: the stream has no position to go on from then.
        """
        self._buffer += data
        payloads: list[bytes] = []
        start = 0
        while len(self._buffer) - start >= _HEADER:
            length = int.from_bytes(self._buffer[start : start + _HEADER], "big")
            self._check(length)
            end = start + _HEADER + length
            if len(self._buffer) < end:
                break
            payloads.append(bytes(self._buffer[start + _HEADER : end]))
            start = end
        del self._buffer[:start]
        return payloads

    @property
    def is_between_frames(self) -> bool:
        """Whether nothing of a frame is held back."""
        return not self._buffer

    def _check(self, length: int) -> None:
        if length == 0:
            raise XPMError("parse_error", "cannot read an empty frame: a frame holds one JSON text")
        if length > self.limit:
            raise XPMError(
                "frame_too_large", f"cannot read a frame of {length} bytes: {self.limit} are accepted",
                {"length": length, "limit": self.limit},
            )
