"""State dictionaries, carried as they were written."""

from __future__ import annotations

import json
import pickle
from typing import Any

import pytest

from xpmd import Client, Definition, XPMError
from xpmd.carried import StateDict
from xpmd.json import DEPTH_LIMIT, read, write
from xpmd.types import Run

TEXTS = [
    "{}", "{ }", '{"b":1,"a":2}', '{"x":1.0}', '{"x":-0.0}', '{"x":1.10}', '{"x":1e400,"y":-1E+999}', '{"x":[1.50 , {"y" : 0.10}]}',
    '{"x":1000000000000000000000000000000}', '{"x":' + "9" * 5000 + "}", '{"x":"\\u00e9\\/}\\"{"}', '{\n  "x": 1\n}', '{"state_dict":{"x":1.0}}',
    '{"text":"\\"state_dict\\":{"}',
]  # fmt: skip


@pytest.mark.parametrize("text", TEXTS)
def test_it_is_read_and_written_as_it_was_written(text: str) -> None:
    payload = f'{{"class":"m.C","others":[{{"state_dict":{text}}}],"run":{{"kind":"composite"}},"state_dict":{text}}}'.encode()
    value = read(payload)
    assert write(value) == payload
    definition = Definition.from_json(value)
    assert isinstance(definition.state_dict, StateDict) and definition.state_dict.text == text
    assert write(definition.to_json()) == payload
    assert write(definition.replace(class_name="m.D").to_json()) == payload.replace(b"m.C", b"m.D")
    assert pickle.loads(pickle.dumps(definition.state_dict)).text == text


@pytest.mark.parametrize(
    "text", ['{"x":NaN}', '{"x":1,"x":2}', '{"x":01}', '{"x":"\\ud800"}', "{", '{"x":1,}', '{"x":"\n"}', '{"\u00e9":1,"e\u0301":2}']
)  # fmt: skip
def test_what_is_no_json_is_refused_as_everywhere(text: str) -> None:
    with pytest.raises(XPMError) as caught:
        read(f'{{"state_dict":{text}}}'.encode())
    assert caught.value.code == "parse_error"


@pytest.mark.parametrize("text", ["", "[]", "1", '{"x":NaN}', '{"x":1}x'])
def test_it_is_made_of_a_json_object_only(text: str) -> None:
    with pytest.raises(ValueError):
        StateDict(text)


def test_other_values_of_that_name_are_what_they_are() -> None:
    assert read(b'{"state_dict":1.0,"x":"\\"state_dict\\":{"}') == {"state_dict": 1, "x": '"state_dict":{'}
    with pytest.raises(XPMError, match="64 bits"):
        read(b'{"state_dict":{"x":1},"y":9223372036854775808}')


def test_a_dict_is_written_as_python_writes_it() -> None:
    values: dict[str, Any] = {"z": 1.0, "a": [-0.0, 10**30, 1e21, True, None], "e": "\u00e9", "p": {"__path__": "/x"}}
    definition = Definition(Run("composite"), state_dict=values)
    assert definition.state_dict == values
    written = json.loads(write(definition.to_json()))["state_dict"]
    assert json.dumps(written) == json.dumps(values)
    for value in (float("nan"), float("inf"), {1}, "\ud800"):
        with pytest.raises(XPMError) as caught:
            Definition(Run("composite"), state_dict={"x": value})
        assert caught.value.code == "invalid_parameters"


def test_it_is_the_same_where_a_class_would_get_the_same() -> None:
    assert StateDict('{"a":1,"b":2}') == StateDict('{ "b":2,"a":1 }') == {"a": 1, "b": 2}
    assert StateDict('{"a":1.0}') != StateDict('{"a":1}') and StateDict('{"a":-0.0}') != StateDict('{"a":0.0}')


def test_its_depth_counts_where_it_stands() -> None:
    def nested(levels: int) -> str:
        return '{"a":' + "[" * (levels - 1) + "]" * (levels - 1) + "}"

    assert write({"state_dict": StateDict(nested(DEPTH_LIMIT - 1))})
    with pytest.raises(XPMError):
        write({"state_dict": StateDict(nested(DEPTH_LIMIT))})
    with pytest.raises(XPMError):
        read(f'{{"state_dict":{nested(DEPTH_LIMIT)}}}'.encode())


def test_what_it_says_of_itself_has_no_values() -> None:
    assert repr(StateDict('{"token":"s3cret","a":1}')) == "<StateDict of token, a>"


@pytest.mark.parametrize("text", [text for text in TEXTS if len(text) < 5000])
def test_the_daemon_gives_it_back_as_it_came(client: Client, text: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    definition = Definition.from_json(read(f'{{"class":"m.C","run":{{"kind":"recreate"}},"state_dict":{text}}}'.encode()))
    run = client.open_experiment("/tmp", "carried")
    assert client.add("/tmp", "carried", run.run, "one", definition).added
    given = client.status("carried:one").definition
    assert isinstance(given.state_dict, StateDict) and given.state_dict.text == text
    # The same again is the same, and so it is in another order.
    assert not client.add("/tmp", "carried", run.run, "one", given).added
    again = " , ".join(f"{json.dumps(name)}:{part}" for name, part in reversed(members(text)))
    assert not client.add("/tmp", "carried", run.run, "one", given.replace(state_dict=StateDict(f"{{{again}}}"))).added


def members(text: str) -> list[tuple[str, str]]:
    """The members of an object as texts: numbers are left as they are."""
    decoder = json.JSONDecoder(parse_float=lambda digits: Digits(digits), parse_int=lambda digits: Digits(digits))
    return [(name, as_text(value)) for name, value in decoder.decode(text).items()]


class Digits(str):
    """A number as it is written."""


def as_text(value: Any) -> str:
    if isinstance(value, Digits):
        return str(value)
    if isinstance(value, list):
        return f"[{','.join(map(as_text, value))}]"
    if isinstance(value, dict):
        return "{" + ",".join(f"{json.dumps(name)}:{as_text(part)}" for name, part in value.items()) + "}"
    return json.dumps(value)
