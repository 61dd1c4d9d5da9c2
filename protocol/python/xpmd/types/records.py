"""Typed records: dataclasses whose annotations say how they are read from JSON and written to it."""

from __future__ import annotations

import dataclasses
import types
import typing
from collections.abc import Mapping
from enum import Enum
from typing import Any, Callable, ClassVar, TypeVar, Union

from ..carried import StateDict
from ..errors import XPMError
from ..json import JSON
from ..references import Reference
from ..times import Time

Self = TypeVar("Self", bound="Record")
Reader = Callable[[JSON], Any]


class _Member(typing.NamedTuple):
    """A field, and how it crosses the wire."""

    field: str
    key: str
    read: Reader
    is_required: bool


class Mismatch(ValueError):
    """A value of another shape than its type has; ``path`` leads to it."""

    def __init__(self, expected: str, path: tuple[str, ...] = ()) -> None:
        super().__init__(expected, path)
        self.expected, self.path = expected, path

    def inside(self, name: str) -> Mismatch:
        """The same, seen from one level further out."""
        return Mismatch(self.expected, (name, *self.path))


@dataclasses.dataclass(frozen=True)
class Record:
    """A JSON object with typed fields. Keys that it does not know are ignored, and null is the same as absent.

    ``_keys`` has the names on the wire of fields that are called otherwise; ``_nullable`` the keys that are always written,
    with null for what does not apply. All others that are None are left out.
    """

    _keys: ClassVar[Mapping[str, str]] = {}
    _nullable: ClassVar[frozenset[str]] = frozenset()
    _members: ClassVar[tuple[_Member, ...]]

    @classmethod
    def from_json(cls: type[Self], value: JSON) -> Self:
        """Reads an object; ``parse_error`` that names the place for a value of another shape."""
        try:
            return cls._read(value)
        except Mismatch as error:
            place = ".".join(error.path) or "it"
            raise XPMError("parse_error", f"cannot read a {cls.__name__}: {place} is not {error.expected}") from None

    def to_json(self) -> dict[str, JSON]:
        """The object that is read as this record."""
        written: dict[str, JSON] = {}
        for member in self.members():
            value = getattr(self, member.field)
            if value is not None or member.key in self._nullable:
                written[member.key] = to_json(value)
        return written

    def replace(self: Self, **changes: Any) -> Self:
        """A copy with other values for some fields."""
        return dataclasses.replace(self, **changes)

    @classmethod
    def members(cls) -> tuple[_Member, ...]:
        """The fields that cross the wire. Looked at when the first record is read: importing a type costs nothing of it."""
        if "_members" not in cls.__dict__:
            hints = typing.get_type_hints(cls)
            cls._members = tuple(
                _Member(field.name, cls._keys.get(field.name, field.name), reader(hints[field.name]), _is_required(field))
                for field in dataclasses.fields(cls)
                if field.name != "others"
            )
        return cls._members

    @classmethod
    def _read(cls: type[Self], value: JSON) -> Self:
        if not isinstance(value, dict):
            raise Mismatch("an object")
        fields: dict[str, Any] = {}
        for member in cls.members():
            if (part := value.get(member.key)) is not None or member.is_required:
                fields[member.field] = _at(member.key, member.read, part)
        return cls(**fields)


@dataclasses.dataclass(frozen=True)
class Open(Record):
    """A record that carries keys it does not know along, in ``others``: what is read, changed and written loses nothing.

    Definitions are so, because a newer client's may come through the hands of an older one.
    """

    others: Mapping[str, JSON] = dataclasses.field(default_factory=dict, kw_only=True)

    @classmethod
    def _read(cls: type[Self], value: JSON) -> Self:
        record = super()._read(value)
        known = {member.key for member in cls.members()}
        return record.replace(others={key: part for key, part in value.items() if key not in known and part is not None})

    def to_json(self) -> dict[str, JSON]:
        return {**self.others, **super().to_json()}

    def known(self: Self) -> Self:
        """A copy without unknown keys, at any depth."""
        changes: dict[str, Any] = {"others": {}}
        for field in dataclasses.fields(self):
            if isinstance(value := getattr(self, field.name), Open):
                changes[field.name] = value.known()
        return self.replace(**changes)


def to_json(value: Any) -> JSON:
    """A field's value as JSON has it."""
    if isinstance(value, (Record, Reference)):
        return value.to_json()
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Time):
        return str(value)
    if isinstance(value, (tuple, list)):
        return [to_json(element) for element in value]
    if isinstance(value, Mapping) and not isinstance(value, StateDict):
        return {name: to_json(member) for name, member in value.items()}
    return value


def reader(hint: Any) -> Reader:
    """What reads a value of the annotated type; raises `Mismatch` for others."""
    if hint is Any:
        return lambda value: value
    if origin := typing.get_origin(hint):
        return _parametrised(origin, typing.get_args(hint))
    if issubclass(hint, Record):
        read: Reader = hint._read
        return read
    if issubclass(hint, Reference):
        return Reference.from_json
    if issubclass(hint, Time):
        return _converted(str, Time.parse, "a time")
    if issubclass(hint, Enum):
        return _converted(str, hint, f"one of {', '.join(repr(member.value) for member in hint)}")
    return _plain(hint)


def _parametrised(origin: Any, arguments: tuple[Any, ...]) -> Reader:
    if origin in (Union, types.UnionType):
        # `X | None`, or more than that, of which only one can take a value's shape.
        choices = [reader(choice) for choice in arguments if choice is not type(None)]
        inner = choices[0] if len(choices) == 1 else _any_of(choices)
        return lambda value: None if value is None else inner(value)
    inner = reader(arguments[-1] if origin is not tuple else arguments[0])
    return _array(inner) if origin is tuple else _mapping(inner)


def _any_of(choices: list[Reader]) -> Reader:
    def read(value: JSON) -> Any:
        expected = []
        for choice in choices:
            try:
                return choice(value)
            except Mismatch as error:
                if error.path:
                    raise  # It has the right shape, and a fault within.
                expected.append(error.expected)
        raise Mismatch(" or ".join(expected))

    return read


def _array(inner: Reader) -> Reader:
    def read(value: JSON) -> tuple[Any, ...]:
        if not isinstance(value, (list, tuple)):
            raise Mismatch("an array")
        return tuple(_at(str(place), inner, element) for place, element in enumerate(value))

    return read


def _mapping(inner: Reader) -> Reader:
    def read(value: JSON) -> Mapping[str, Any]:
        if not isinstance(value, Mapping):
            raise Mismatch("an object")
        if isinstance(value, StateDict):
            return value
        return {name: _at(name, inner, member) for name, member in value.items()}

    return read


def _at(name: str, inner: Reader, value: JSON) -> Any:
    try:
        return inner(value)
    except Mismatch as error:
        raise error.inside(name) from None


def _converted(kind: type, convert: Callable[[Any], Any], expected: str) -> Reader:
    def read(value: JSON) -> Any:
        if not isinstance(value, kind):
            raise Mismatch(expected)
        try:
            return convert(value)
        except ValueError:
            raise Mismatch(expected) from None

    return read


_EXPECTED = {str: "a string", int: "an integer", float: "a number", bool: "a boolean"}


def _plain(kind: type) -> Reader:
    # A boolean is an int to Python, and 1.0 and 1 are one number in the protocol.
    accepted = (int, float) if kind is float else kind

    def read(value: JSON) -> Any:
        if not isinstance(value, accepted) or (isinstance(value, bool) and kind is not bool):
            raise Mismatch(_EXPECTED[kind])
        return value

    return read


def _is_required(field: dataclasses.Field[Any]) -> bool:
    return field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING
