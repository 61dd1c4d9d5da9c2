from __future__ import annotations

import random

import pytest

from xpmd import XPMError, frames
from xpmd.json import DEPTH_LIMIT, JSON, read, write

SEED = random.SystemRandom().randrange(1 << 32)


def refusal(payload: bytes) -> XPMError:
    with pytest.raises(XPMError) as caught:
        read(payload)
    assert caught.value.code == "parse_error"
    return caught.value


@pytest.mark.parametrize(
    "payload",
    [
        b"", b" ", b"{", b'{"a":1,}', b"[1,]", b"{'a':1}", b"NaN", b"-Infinity", b"01", b"+1", b".5", b"1.", b"1e", b'"\t"',
        b'"\\x41"', b'"\\u12g4"', b"{}{}", b"1 2", b"\xef\xbb\xbf{}", '{"a":1}'.encode("utf-16"), b'"\xff"', b'"\xc0\xaf"',
        b'"\xed\xa0\x80"', b'"\xf0\x9f"',
    ],
)  # fmt: skip
def test_what_is_not_json_in_utf8_is_refused(payload: bytes) -> None:
    assert refusal(payload).message.startswith("cannot read the JSON text")


@pytest.mark.parametrize(
    "payload", [b'{"a":1,"a":1}', '{"\u00e9":1,"e\u0301":2}'.encode(), b'[{"x":{"\\u0061":1,"a":2}}]']
)
def test_doubled_names_are_refused_at_any_depth(payload: bytes) -> None:
    assert "name" in refusal(payload).message


@pytest.mark.parametrize(
    "payload", [b'"\\ud83d"', b'"\\ude00\\ud83d"', b'"\\uD83D\\u0041"', b'{"\\udfff":1}', b'[[{"a":["\\ud83d\\ud83d\\ude00"]}]]']
)
def test_lone_surrogates_are_refused(payload: bytes) -> None:
    assert "surrogate" in refusal(payload).message


@pytest.mark.parametrize(
    "value, place",
    [
        ({"params": {"definition": {"environment": {"A": "b", "B": "\udcff"}}}}, "definition.environment.B"),
        ({"params": {"definition": {"run": {"path": ["/a", "/\udcff"]}}}}, "definition.run.path.1"),
        ({"params": {"e": {"\udcffX": "a"}}}, "e.\\udcffX"),
        ("\udcff", "a text"),
    ],
)
def test_what_is_no_text_is_refused_by_its_place(value: Any, place: str) -> None:
    with pytest.raises(XPMError) as refused:
        write(value)
    assert refused.value.message == f"cannot write {place} as JSON: it is not UTF-8"


def test_pairs_of_surrogates_are_characters() -> None:
    assert read(b'"\\ud83d\\ude00 \\\\ud83d"') == "\U0001f600 \\ud83d"


def test_integers_have_64_bits() -> None:
    assert read(b"[9223372036854775807,-9223372036854775808]") == [2**63 - 1, -(2**63)]
    for payload in (b"9223372036854775808", b"-9223372036854775809", b"1" * 5000):
        assert "64 bits" in refusal(payload).message


def test_numbers_are_those_that_a_double_holds() -> None:
    assert read(b"[1.5,1e-400,1E2]") == [1.5, 0, 100]
    for payload in (b"1e999", b"-1e999"):
        assert "double" in refusal(payload).message


def test_whole_numbers_are_integers() -> None:
    found = read(b"[1.0,-0.0,1e3,9.3e18]")
    assert found == [1, 0, 1000, 9.3e18] and [type(number) for number in found] == [int, int, int, float]


@pytest.mark.parametrize("opening, closing", [(b"[", b"]"), (b'{"a":', b"}"), (b'[{"]}":', b"}]")])
def test_depth_is_bounded(opening: bytes, closing: bytes) -> None:
    times = DEPTH_LIMIT // (opening.count(b"[") + opening.count(b"{"))
    assert read(opening * times + b"1" + closing * times)
    assert "128 levels" in refusal(b"[" + opening * times + b"1" + closing * times + b"]").message
    refusal(opening * 100_000)
    refusal(opening * 100_000 + b"1" + closing * 100_000)


def test_many_brackets_in_strings_and_side_by_side_are_not_deep() -> None:
    assert read(b'["' + b"[" * 1000 + b'\\"[","]"]') and read(b"[" + b",".join([b"[]"] * 1000) + b"]")


def test_a_fault_tells_its_byte() -> None:
    assert refusal('{"\u00e9":x}'.encode()).data == {"offset": 6}


def test_the_canonical_form() -> None:
    value = {"b": [1.0, 1.5, 1e-05, 1e300, 2.0**63, True, None], "a/\u00fc": "\x00\x1f\b\t\n\f\r\"\\/\x7f\u2028", "\U0001f600": (), "\uffff": {}}
    assert write(value) == (
        '{"a/\u00fc":"\\u0000\\u001f\\b\\t\\n\\f\\r\\"\\\\/\x7f\u2028",'
        '"b":[1,1.5,1e-05,1e+300,9.223372036854775808e+18,true,null],"\uffff":{},"\U0001f600":[]}'
    ).encode().replace(b"9.223372036854775808e+18", repr(2.0**63).encode())


@pytest.mark.parametrize(
    "value", [float("nan"), float("inf"), 2**63, -(2**63) - 1, "\ud800", {"\udc00": 1}, {1: 2}, {1, 2}, b"x", object()]
)
def test_what_json_cannot_express_is_refused(value: JSON) -> None:
    with pytest.raises(XPMError) as caught:
        write([value])
    assert caught.value.code == "invalid_parameters" and caught.value.message.startswith("cannot write ")


def test_what_is_written_too_deep_is_refused() -> None:
    value: JSON = 1
    for _ in range(DEPTH_LIMIT):
        value = [value]
    assert read(write(value)) == value
    with pytest.raises(XPMError):
        write([value])


def random_value(source: random.Random, depth: int = 0) -> JSON:
    kind = source.randrange(8 if depth < 5 else 6)
    if kind == 0:
        return source.choice([None, True, False])
    if kind == 1:
        return source.choice([0, 2**63 - 1, -(2**63), source.getrandbits(40) - 2**39])
    if kind == 2:
        return source.choice([1.5, 1e21, 1e-7, source.random(), source.uniform(-1e300, 1e300)])
    if kind < 6:
        return random_text(source)
    if kind == 6:
        return [random_value(source, depth + 1) for _ in range(source.randrange(5))]
    return {f"{place}{random_text(source)}": random_value(source, depth + 1) for place in range(source.randrange(5))}


def random_text(source: random.Random) -> str:
    alphabet = 'ab[]{}",:\\/\x00\n\u00e9\u2028\ufeff\uffff\U0001f600'
    return "".join(source.choice(alphabet) for _ in range(source.randrange(8)))


def test_random_values_come_back_and_their_form_is_stable() -> None:
    print(f"seed {SEED}")
    source = random.Random(SEED)
    for _ in range(2000):
        value = random_value(source)
        written = write(value)
        assert read(written) == value
        assert write(read(written)) == written


def test_random_mutations_are_read_or_refused_and_what_is_read_can_be_written() -> None:
    print(f"seed {SEED}")
    source = random.Random(SEED)
    refused = 0
    for _ in range(5000):
        payload = bytearray(write(random_value(source)))
        for _ in range(source.randrange(1, 4)):
            place = source.randrange(len(payload) + 1)
            what = source.choice([b"", bytes([source.randrange(256)]), b'"', b"\\u", b"[", b"}", b"\\ud83d", b"1e99"])
            payload[place : place + source.randrange(3)] = what
        try:
            value = read(bytes(payload))
        except XPMError as error:
            refused += error.code == "parse_error"
        else:
            assert read(write(value)) == value
    assert refused > 0


def test_random_streams_are_cut_into_frames_or_refused() -> None:
    print(f"seed {SEED}")
    source = random.Random(SEED)
    for _ in range(500):
        splitter = frames.Splitter(limit=64)
        found: list[bytes] = []
        stream = b"".join(frames.encode(source.randbytes(source.randrange(80))) for _ in range(4))
        try:
            while stream:
                length = source.randrange(1, 40)
                found += splitter.feed(stream[:length])
                stream = stream[length:]
        except XPMError as error:
            assert error.code in ("frame_too_large", "parse_error")
        assert all(0 < len(payload) <= 64 for payload in found)


def test_an_integer_of_a_class_of_its_own_is_written_as_that_integer() -> None:
    class Size(int):
        """As the member of an IntEnum, but it says so where it would be compared with one number after another."""

        def __eq__(self, other: object) -> bool:
            raise AssertionError("it is compared with others")

    assert write([Size(3)]) == b"[3]"
    with pytest.raises(XPMError, match="64 bits"):
        write(Size(2**63))
