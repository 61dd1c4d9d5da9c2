"""State dictionaries, which are carried as the texts that they were written as: they are the user's values, not the protocol's."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Mapping
from typing import Any

#: The name that a state dictionary has in a definition.
KEY = "state_dict"

_TOKEN = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"|[][{}]', re.DOTALL)
_VALUE = re.compile(r"[ \t\n\r]*:[ \t\n\r]*(?=\{)")
# Stands for a text in a tree. Made at random, so that no value can pass for one.
_MARK = os.urandom(16).hex()
# The longest integer that Python reads.
_MOST_DIGITS = 4300


class StateDict(Mapping[str, Any]):
    """The constructor's arguments of a service by name: ``text`` as they were written, and their values.

    It is not to be changed; to send others, make a dict of it. Its ``repr`` shows the names alone: values may be secrets.
    """

    __slots__ = ("_members", "text")

    def __init__(self, text: str) -> None:
        """Takes a text that is a JSON object; `ValueError` for anything else."""
        members = _DECODER.decode(text)
        if not isinstance(members, dict):
            raise ValueError("it is not a JSON object")
        self.text, self._members = text, members

    def __getitem__(self, name: str) -> Any:
        return self._members[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._members)

    def __len__(self) -> int:
        return len(self._members)

    def __eq__(self, other: object) -> bool:
        if isinstance(other, StateDict):
            # As xpmd has it: 1.0 is not 1, but the order of names makes no difference.
            return _sorted(self._members) == _sorted(other._members)
        return NotImplemented if not isinstance(other, Mapping) else self._members == dict(other)

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"<StateDict of {', '.join(self) or 'nothing'}>"


def any_integer(digits: str) -> int | float:
    """An integer of any size, as far as Python has it."""
    return int(digits) if len(digits) <= _MOST_DIGITS else float(digits)


def cut(text: str) -> tuple[str, list[StateDict]]:
    """A JSON text with a mark in the place of each state dictionary, and these."""
    pieces, found = list[str](), list[StateDict]()
    end, start, depth = 0, -1, 0
    for token in _TOKEN.finditer(text):
        if start < 0:
            if token[0] == f'"{KEY}"' and (value := _VALUE.match(text, token.end())):
                start, depth = value.end(), 0
        elif token[0] in "[{":
            depth += 1
        elif token[0] in "]}":
            depth -= 1
            if depth == 0:
                pieces += [text[end:start], f'"{mark(len(found))}"']
                found.append(StateDict(text[start : token.end()]))
                end, start = token.end(), -1
    return "".join([*pieces, text[end:]]), found


def paste(text: str, dictionaries: list[StateDict]) -> str:
    """A JSON text with state dictionaries in the place of their marks."""
    if not dictionaries:
        return text
    return re.sub(f'"{_MARK}([0-9]+)"', lambda found: dictionaries[int(found[1])].text, text)


def mark(number: int) -> str:
    """What stands for the state dictionary of that number."""
    return f"{_MARK}{number}"


def marked(value: object) -> int | None:
    """The number of the state dictionary that a value stands for."""
    return int(value[len(_MARK) :]) if isinstance(value, str) and value.startswith(_MARK) else None


def _sorted(members: dict[str, Any]) -> str:
    return json.dumps(members, sort_keys=True)


def _constant(word: str) -> Any:
    raise ValueError(f"JSON has no {word}")


_DECODER = json.JSONDecoder(parse_int=any_integer, parse_constant=_constant)
