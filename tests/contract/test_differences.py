"""The table of differences is read, and only what is in it."""

from __future__ import annotations

import re
from pathlib import Path

from tests.contract.differences import ROWS, expected

STAND_INS = {"vivid", "vicodec"}


def test_every_row_is_asked_for_and_nothing_else_is() -> None:
    asked: set[str] = set()
    for path in Path(__file__).parent.glob("test_*.py"):
        asked |= set(re.findall(r'manner\("([^"]+)"\)', path.read_text()))
    assert asked == set(ROWS)


def test_every_row_says_what_and_where_and_is_a_difference() -> None:
    for name, row in ROWS.items():
        assert set(row) - STAND_INS == {"what", "board", "source"}, name
        assert re.search(r"\w\.c\b", row["source"]), f"{name}: a source is a file of the kernel's"
        stand_ins = STAND_INS & set(row)
        assert stand_ins, name
        assert all(row[driver] != row["board"] for driver in stand_ins), f"{name} is no difference"


def test_a_driver_without_a_value_of_its_own_does_as_the_board() -> None:
    assert expected("fewest-buffers", "board") == expected("fewest-buffers", "another") == 3
