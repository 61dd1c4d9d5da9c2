"""State dictionaries as JSON, and where one is not."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any


class NotPortable(Exception):
    """A value that JSON has not; the text says where and what."""


def portable(value: Any, where: str = "state_dict") -> Any:
    """The value as experimaestro writes it, with absolute paths; `NotPortable` where it could not be read back."""
    if value is None or isinstance(value, (bool, str)):
        return value
    if isinstance(value, Path):
        return {"__path__": os.path.abspath(value)}
    if isinstance(value, int) and _is_writable(value):
        return int(value)  # And not one of a subclass, of an IntEnum say.
    if isinstance(value, float) and math.isfinite(value):
        return float(value)
    if isinstance(value, (list, tuple)):
        return [portable(item, f"{where}[{index}]") for index, item in enumerate(value)]
    if isinstance(value, Mapping):
        if odd := [key for key in value if not isinstance(key, str)]:
            raise NotPortable(f"{where} has the key {odd[0]!r}, which is no string")
        return {key: portable(item, f"{where}[{key!r}]") for key, item in value.items()}
    if isinstance(value, (int, float)):
        raise NotPortable(f"{where} is {_told(value)}, which JSON has not")
    raise NotPortable(f"{where} is a {type(value).__name__}, which JSON has not")


def _is_writable(value: int) -> bool:
    try:
        return bool(int.__repr__(value))
    except ValueError:  # More digits than Python writes, or reads.
        return False


def _told(value: float) -> str:
    return f"{value}" if isinstance(value, float) else "an integer of too many digits"
