"""The table of what experimaestro's services do alone and under xpmd names tests that there are."""

import re
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]


def test_each_row_of_the_table_names_a_test() -> None:
    page = (TESTS.parent / "EXPERIMAESTRO.md").read_text()
    rows = [line for line in page.splitlines() if line.startswith("| ") and not line.startswith(("| what", "| ---"))]
    written = "".join(file.read_text() for file in TESTS.rglob("test_*.py"))
    there = set(re.findall(r"^def (test_\w+)\(", written, re.MULTILINE))
    assert len(rows) > 20
    for row in rows:
        named = re.findall(r"`(test_\w+)`", row)
        assert named and set(named) <= there, row
