"""State dictionaries: the constructor's arguments by which a service can be made again."""

from __future__ import annotations

import os
from typing import Mapping

from .errors import XPMError
from .json import JSON
from .names import quoted

# Keys with a meaning of their own that a service may use: it cannot be made again, and why.
_MARKERS = {"__unserializable__", "__reason__"}


def encode(values: Mapping[str, object]) -> dict[str, JSON]:
    """The dictionary as it goes over the wire; a `pathlib.Path` in it is made absolute and marked as a path.

    ``invalid_parameters`` for a key that is reserved; what JSON cannot express is refused when it is sent.
    """
    encoded: dict[str, JSON] = {}
    for key, value in values.items():
        if key.startswith("__") and key not in _MARKERS:
            raise XPMError(
                "invalid_parameters",
                f"cannot keep {quoted(key)} in a state dictionary: keys that begin with __ are reserved", {"key": key},
            )
        encoded[key] = _value(value)
    return encoded


def _value(value: object) -> JSON:
    if isinstance(value, os.PathLike):
        return {"__path__": os.path.abspath(os.fsdecode(value))}
    if isinstance(value, Mapping):
        return encode(value)
    if isinstance(value, (list, tuple)):
        return [_value(element) for element in value]
    return value
