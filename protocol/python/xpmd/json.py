"""JSON as the protocol has it: a reader that refuses what two readers could understand differently, and one form to write.

The syntax is left to Python's own parser, which is written in C; what it lets pass is refused by its hooks, and by two
searches of the whole text that cost little where there is nothing to find. State dictionaries are carried as they were written,
see `xpmd.carried`.
"""

from __future__ import annotations

import json
import re
from typing import Any, Mapping

from . import carried
from .errors import XPMError

# What JSON can express. Any, because a value's shape is known to those who read it into types, not here.
JSON = Any

DEPTH_LIMIT = 128
_INTEGERS = range(-(2**63), 2**63)
_STRING = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"', re.DOTALL)
_INNERMOST = re.compile(rb"\[\]|\{\}")
_NOT_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))
_ESCAPED_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")
_SURROGATE = re.compile("[\ud800-\udfff]")


class _Refused(ValueError):
    """What Python's parser would have let pass."""


def read(payload: bytes) -> JSON:
    """The value of one JSON text in UTF-8; ``parse_error`` with the byte's ``offset``, where it is known, for anything else."""
    try:
        text = payload.decode("utf-8")
    except UnicodeDecodeError as error:
        raise _fault("it is not UTF-8", error.start) from None
    if text.startswith("\ufeff"):
        raise _fault("it begins with a byte order mark", 0)
    if _is_too_deep(payload):
        raise _fault(f"it is nested deeper than {DEPTH_LIMIT} levels")
    try:
        value = _carrying(text) if f'"{carried.KEY}"' in text else _DECODER.decode(text)
        if _ESCAPED_SURROGATE.search(text):
            _refuse_lone_surrogates(value)
        return value
    except json.JSONDecodeError as error:
        raise _fault(error.msg, len(text[: error.pos].encode())) from None
    except RecursionError:
        raise _fault(f"it is nested deeper than {DEPTH_LIMIT} levels") from None
    except _Refused as error:
        raise _fault(str(error)) from None


def write(value: JSON) -> bytes:
    """The one form of a value: names sorted by code point, no white space, numbers that are whole as integers.

    ``invalid_parameters`` for what JSON cannot express: NaN, an integer beyond 64 bits, bytes that are no text, other objects.
    """
    texts = list[carried.StateDict]()
    try:
        text = json.dumps(_plain(value, 0, texts), ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
        return carried.paste(text, texts).encode("utf-8")
    except UnicodeEncodeError:
        raise _not_text(value) from None


def write_exactly(values: Mapping[str, object]) -> carried.StateDict:
    """A state dictionary of its values: in their order, every number as Python writes it.

    ``invalid_parameters`` for what JSON cannot express.
    """
    if isinstance(values, carried.StateDict):
        return values
    try:
        text = json.dumps(_plain(values, 0, None), ensure_ascii=False, separators=(",", ":"), allow_nan=False)
        text.encode("utf-8")
    except UnicodeEncodeError:
        raise _not_text(values) from None
    except ValueError as error:  # An integer with more digits than Python writes.
        raise XPMError("invalid_parameters", f"cannot write a number as JSON: {error}") from None
    return carried.StateDict(text)


def _carrying(text: str) -> JSON:
    """A value in which state dictionaries are carried."""
    _LENIENT.decode(text)  # All of it is checked, but for the size of numbers.
    rest, found = carried.cut(text)

    def members(pairs: list[tuple[str, JSON]]) -> dict[str, JSON]:
        named = _object(pairs)
        number = carried.marked(named.get(carried.KEY))
        return named if number is None else named | {carried.KEY: found[number]}

    decoder = json.JSONDecoder(object_pairs_hook=members, parse_int=_integer, parse_float=_number, parse_constant=_constant)
    return decoder.decode(rest)


def _fault(cause: str, offset: int | None = None) -> XPMError:
    place = "" if offset is None else f" at byte {offset}"
    return XPMError("parse_error", f"cannot read the JSON text{place}: {cause}", {} if offset is None else {"offset": offset})


def _is_too_deep(payload: bytes) -> bool:
    """Whether brackets are nested too deep. Found before the text is parsed, for the parser recurses."""
    if payload.count(b"[") + payload.count(b"{") <= DEPTH_LIMIT:
        return False
    brackets = _STRING.sub(b"", payload).translate(None, _NOT_BRACKETS)
    for _ in range(DEPTH_LIMIT):
        outer = _INNERMOST.sub(b"", brackets)
        if outer == brackets:  # None are left, or they do not match: the parser will say where.
            return False
        brackets = outer
    return bool(brackets)


def _integer(digits: str) -> int:
    # Rounding a seed or an id to a double in silence would be worse than refusing it. 20 characters are the longest that can fit.
    if len(digits) > 20 or int(digits) not in _INTEGERS:
        raise _Refused("an integer does not fit into 64 bits")
    return int(digits)


def _number(digits: str) -> int | float:
    value = float(digits)
    if value in (float("inf"), float("-inf")):
        raise _Refused("a number is too large for a double")
    return int(value) if value.is_integer() and int(value) in _INTEGERS else value


def _constant(word: str) -> JSON:
    raise _Refused(f"JSON has no {word}")


def _object(members: list[tuple[str, JSON]]) -> dict[str, JSON]:
    # Which of two equal names counts is nobody's to guess.
    named = dict(members)
    if len(named) != len(members):
        raise _Refused("a name occurs twice in an object")
    if not all(name.isascii() for name in named):
        from unicodedata import normalize

        if len({normalize("NFC", name) for name in named}) != len(named):
            raise _Refused("two names in an object differ only in their Unicode normalisation")
    return named


_DECODER = json.JSONDecoder(
    object_pairs_hook=_object, parse_int=_integer, parse_float=_number, parse_constant=_constant
)


_LENIENT = json.JSONDecoder(object_pairs_hook=_object, parse_int=carried.any_integer, parse_constant=_constant)


def _refuse_lone_surrogates(value: JSON) -> None:
    # Pairs have become characters by now: what is left stands alone.
    if isinstance(value, str):
        if _SURROGATE.search(value):
            raise _Refused("unpaired surrogate")
    elif isinstance(value, list):
        for element in value:
            _refuse_lone_surrogates(element)
    elif isinstance(value, Mapping):
        for name, member in value.items():
            _refuse_lone_surrogates(name)
            _refuse_lone_surrogates(member)


def _not_text(value: JSON) -> XPMError:
    """The refusal of what holds bytes that are no UTF-8, which Python escapes by lone surrogates: it names their place."""
    place = ".".join(_place(value) or ())
    return XPMError("invalid_parameters", f"cannot write {place or 'a text'} as JSON: it is not UTF-8", {"parameter": place})


def _place(value: JSON) -> tuple[str, ...] | None:
    if isinstance(value, str):
        return () if _SURROGATE.search(value) else None
    if isinstance(value, Mapping):
        members = [(name.encode("ascii", "backslashreplace").decode(), name, member) for name, member in value.items()]
    elif isinstance(value, (list, tuple)):
        members = [(str(number), "", member) for number, member in enumerate(value)]
    else:
        return None
    for shown, name, member in members:
        if _SURROGATE.search(name):
            return (shown,)
        if (inside := _place(member)) is not None:
            # The parameters of a request are known by their own names.
            return inside if shown == "params" and inside else (shown, *inside)
    return None


def _plain(value: object, depth: int, texts: list[carried.StateDict] | None) -> JSON:
    """The same value of Python's own types, and with one way of writing each number; marks for state dictionaries, put into `texts`.

    Without `texts` it is what a state dictionary is made of: numbers stay as they are.
    """
    if value is None or isinstance(value, (bool, str)):
        return value
    if isinstance(value, int):
        number = int(value)  # In a range, one of a subclass, of an IntEnum say, would be looked for number by number.
        if texts is not None and number not in _INTEGERS:
            raise XPMError("invalid_parameters", f"cannot write {number} as JSON: it does not fit into 64 bits")
        return number
    if isinstance(value, float):
        if value - value != 0:
            raise XPMError("invalid_parameters", f"cannot write {value} as JSON: there is no such number")
        value = float(value)
        return int(value) if texts is not None and value.is_integer() and int(value) in _INTEGERS else value
    if depth == DEPTH_LIMIT:
        raise _too_deep()
    if isinstance(value, (list, tuple)):
        return [_plain(element, depth + 1, texts) for element in value]
    if isinstance(value, carried.StateDict) and texts is not None:
        _refuse_too_deep(value, depth)
        texts.append(value)
        return carried.mark(len(texts) - 1)
    if isinstance(value, Mapping) and all(isinstance(name, str) for name in value):
        return {name: _plain(member, depth + 1, texts) for name, member in value.items()}
    raise XPMError("invalid_parameters", f"cannot write a {type(value).__name__} as JSON")


def _refuse_too_deep(value: JSON, depth: int) -> None:
    if not isinstance(value, (list, Mapping)):
        return
    if depth == DEPTH_LIMIT:
        raise _too_deep()
    for part in value.values() if isinstance(value, Mapping) else value:
        _refuse_too_deep(part, depth + 1)


def _too_deep() -> XPMError:
    return XPMError("invalid_parameters", f"cannot write a value as JSON: it is nested deeper than {DEPTH_LIMIT} levels")
