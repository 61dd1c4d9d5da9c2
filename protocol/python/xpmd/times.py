"""Moments of the wall clock, as the protocol has them: whole milliseconds, ``2026-11-22T10:15:00.250Z``."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone

_FORM = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d+))?(?:Z|([+-])([01]\d|2[0-3]):([0-5]\d))", re.ASCII
)
_EPOCH = datetime(1970, 1, 1)
_DAY = 86_400_000
# The Gregorian calendar repeats itself after 400 years. Python's begins with the year 1, the protocol's with 0.
_ERA_YEARS, _ERA = 400, 146_097 * _DAY
_FIRST, _LAST = -62_167_219_200_000, 253_402_300_799_999


class Time(int):
    """A moment: its milliseconds since 1970, UTC. For people; order is told by sequence numbers."""

    @classmethod
    def parse(cls, text: str) -> Time:
        """Reads RFC 3339 with any offset; what is finer than a millisecond is cut off. ``ValueError`` for anything else."""
        match = _FORM.fullmatch(text)
        if not match:
            raise ValueError(f"{text!r} is not a time like 2026-11-22T10:15:00.250Z")
        year, month, day, hour, minute, second = (int(field) for field in match.groups()[:6])
        fraction, sign, hours, minutes = match.groups()[6:]
        moved = _ERA_YEARS if year < _ERA_YEARS else 0
        try:
            moment = datetime(year + moved, month, day, hour, minute, second) - _EPOCH
        except ValueError as error:
            raise ValueError(f"{text!r} is not a time: {error}") from None
        milliseconds = moment // timedelta(milliseconds=1) - (_ERA if moved else 0)
        offset = (int(hours) * 60 + int(minutes)) * 60_000 if sign else 0
        return cls(milliseconds + int(((fraction or "") + "000")[:3]) - (-offset if sign == "-" else offset))

    @property
    def datetime(self) -> datetime:
        """The same moment in UTC; ``OverflowError`` in the year 0, which Python does not have."""
        return (_EPOCH + timedelta(milliseconds=int(self))).replace(tzinfo=timezone.utc)

    def __str__(self) -> str:
        moment = min(max(int(self), _FIRST), _LAST)
        moved = moment < _FIRST + _ERA
        text = (_EPOCH + timedelta(milliseconds=moment + (_ERA if moved else 0))).isoformat(timespec="milliseconds")
        return f"{int(text[:4]) - (_ERA_YEARS if moved else 0):04d}{text[4:]}Z"

    def __repr__(self) -> str:
        return f"Time({str(self)!r})"
