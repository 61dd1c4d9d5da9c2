"""The tables of what experimaestro's services do alone and under xpmd name tests that there are."""

import re
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parents[1]


@pytest.mark.parametrize(("page", "least"), [("EXPERIMAESTRO.md", 20), ("../../README.md", 8)])
def test_each_row_of_the_table_names_a_test(page: str, least: int) -> None:
    table = (TESTS.parent / page).read_text().partition("| what happens |")[2].partition("\n\n")[0]
    rows = [line for line in table.splitlines() if line.startswith("| ") and not line.startswith("| ---")]
    written = "".join(file.read_text() for file in TESTS.rglob("test_*.py"))
    there = set(re.findall(r"^def (test_\w+)\(", written, re.MULTILINE))
    assert len(rows) >= least
    for row in rows:
        named = re.findall(r"`(test_\w+)`", row)
        assert named and set(named) <= there, row
