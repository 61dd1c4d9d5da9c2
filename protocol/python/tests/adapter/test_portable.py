"""State dictionaries as JSON."""

from __future__ import annotations

import json
from typing import Any

import pytest

from xpmd.experimaestro.portable import NotPortable, portable


class Size(int):
    """As the member of an IntEnum, but it says so where it would be compared with one number after another."""

    __hash__ = int.__hash__

    def __eq__(self, other: object) -> bool:
        raise AssertionError("it is compared with others")


def test_an_integer_of_a_class_of_its_own_is_that_integer() -> None:
    told = portable({"size": Size(3)})
    assert type(told["size"]) is int and told == {"size": 3}


@pytest.mark.parametrize("value", [2**63, Size(-(2**63) - 1), 10**30, 1.0, -0.0, 5e-324])
def test_numbers_are_what_the_experiment_writes(value: Any) -> None:
    told = portable([value])[0]
    assert json.dumps(told) == json.dumps(value)


@pytest.mark.parametrize("value", [pytest.param(10**5000, id="huge"), float("nan"), float("-inf"), {1}, {1: 2}])
def test_what_json_has_not_is_said_with_its_place(value: Any) -> None:
    with pytest.raises(NotPortable, match=r"^state_dict\['many'\]\[1\] "):
        portable({"many": [0, value]})
