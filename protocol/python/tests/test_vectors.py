"""The golden vectors of the protocol, read, written and compared byte by byte."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from xpmd import Event, XPMError, frames
from xpmd.json import read, write
from xpmd.methods import Method, ServiceLogPage
from xpmd.types.records import Open, Record
from xpmd.types.services import HostedAttempt

FOLDER = Path(__file__).parents[2] / "vectors"
METHODS = {method.name: method for method in Method.__subclasses__() if method is not ServiceLogPage}
FILES = {path.stem: json.loads(path.read_text())["vectors"] for path in sorted(FOLDER.glob("*.json"))}
VECTORS = [pytest.param(v, id=f"{name}-{v['name']}") for name in FILES if name != "refused" for v in FILES[name]]
REFUSED = [pytest.param(vector, id=vector["name"]) for vector in FILES["refused"]]


def rewritten(vector: dict[str, Any], message: dict[str, Any]) -> dict[str, Any]:
    """The message, read into its types and written by them."""
    rest = {"jsonrpc": "2.0"} | ({"id": message["id"]} if "id" in message else {})
    if vector["is"] == "request":
        params = method_of(message["method"], message.get("params") or {}, "streams").from_json(message.get("params") or {})
        return rest | {"method": message["method"], "params": without_unknown(params).to_json()}
    if vector["is"] == "response":
        method = method_of(vector["method"], message["result"], "entries")
        return rest | {"result": method.reply(message["result"]).to_json()}
    if vector["is"] == "error":
        return rest | {"error": XPMError.from_json(message["error"]).to_json()}
    if vector["is"] == "host_request":
        return rest | {"method": message["method"], "params": HostedAttempt.from_json(message["params"]).to_json()}
    return rest | {"method": "event", "params": Event.from_json(message["params"]).to_json()}


def method_of(name: str, message: dict[str, Any], key: str) -> type[Method[Any]]:
    """The type of a method: one has two forms, told apart by a key."""
    return ServiceLogPage if name == ServiceLogPage.name and key in message else METHODS[name]


def without_unknown(params: Record) -> Record:
    # Definitions carry along what they do not know; `canonical` is what is written by one who forgets it.
    open_fields = {name: value.known() for name, value in vars(params).items() if isinstance(value, Open)}
    return params.replace(**open_fields)


@pytest.mark.parametrize("vector", VECTORS)
def test_each_frame_is_read_into_types_and_written_as_it_was(vector: dict[str, Any]) -> None:
    frame = bytes.fromhex(vector["frame_hex"])
    message = read(frame[4:])
    assert message == vector["json"]
    expected = frame if "canonical" not in vector else frames.encode(write(vector["canonical"]), frames.REPLY_LIMIT)
    assert frames.encode(write(rewritten(vector, message)), frames.REPLY_LIMIT) == expected


@pytest.mark.parametrize("vector", VECTORS)
def test_each_frame_may_come_in_any_two_pieces(vector: dict[str, Any]) -> None:
    frame = bytes.fromhex(vector["frame_hex"])
    for cut in range(len(frame) + 1):
        splitter = frames.Splitter()
        payloads = splitter.feed(frame[:cut]) + splitter.feed(frame[cut:])
        assert payloads == [frame[4:]] and splitter.is_between_frames


def test_frames_may_come_byte_by_byte() -> None:
    wanted = [bytes.fromhex(vector["frame_hex"]) for name in FILES if name != "refused" for vector in FILES[name]]
    splitter = frames.Splitter()
    stream = b"".join(wanted)
    found = [payload for byte in range(len(stream)) for payload in splitter.feed(stream[byte : byte + 1])]
    assert found == [frame[4:] for frame in wanted]


@pytest.mark.parametrize("vector", REFUSED)
def test_the_reader_refuses_what_is_no_frame_or_no_json(vector: dict[str, Any]) -> None:
    splitter = frames.Splitter(frames.REQUEST_LIMIT)
    of_the_reader = {"parse_error", "frame_too_large"}
    try:
        for payload in splitter.feed(bytes.fromhex(vector["stream_hex"])):
            read(payload)
        error = None
    except XPMError as refusal:
        error = refusal.code
        assert refusal.message.startswith("cannot ")
    assert error == (vector["error"] if vector["error"] in of_the_reader else None)


@pytest.mark.parametrize("vector", [v for v in REFUSED if v.values[0]["error"] == "invalid_name"])  # type: ignore[index, call-overload]
def test_names_are_refused_before_they_are_sent(vector: dict[str, Any]) -> None:
    message = json.loads(bytes.fromhex(vector["stream_hex"])[4:])
    with pytest.raises(XPMError) as caught:
        METHODS[message["method"]].from_json(message["params"])
    assert caught.value.code == "invalid_name"


def test_every_method_of_the_vectors_is_one_of_the_clients() -> None:
    vectors = [vector for name in FILES for vector in FILES[name]]
    named = {vector["method"] for vector in vectors if "method" in vector and vector["is"] != "host_request"}
    assert named == set(METHODS)
