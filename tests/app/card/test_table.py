"""The table after growth, as sfdisk reads it; and after a power cut between any two of its writes."""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from app.card.table import DATA, SECTOR, Growth, TableError, growth
from tests.conftest import EFFORT

LAYOUT = Path(__file__).resolve().parents[3] / "image/export/02-image/layout.sfdisk"
SHIPPED = 1 << 22
"""Sectors of the image."""
CARDS = st.integers(min_value=SHIPPED, max_value=(2 << 40) // SECTOR + 5)

pytestmark = pytest.mark.skipif(shutil.which("sfdisk") is None, reason="sfdisk is not installed")


class Card:
    """A sparse file with the image's table on it."""

    def __init__(self, path: Path, sectors: int) -> None:
        self.path = path
        with path.open("wb") as file:
            file.truncate(SHIPPED * SECTOR)
        subprocess.run(["sfdisk", "--quiet", path], input=LAYOUT.read_bytes(), check=True)
        with path.open("r+b") as file:
            file.truncate(sectors * SECTOR)
        self.sectors = sectors

    def read(self, sector: int) -> bytes:
        with self.path.open("rb") as file:
            file.seek(sector * SECTOR)
            return file.read(SECTOR)

    def grow(self, writes: int | None = None) -> Growth:
        """Growth that is cut after so many writes."""
        found = growth(self.read, self.sectors)
        with self.path.open("r+b") as file:
            for write in found.writes[:writes]:
                file.seek(write.sector * SECTOR)
                file.write(write.content)
        return found

    def partitions(self) -> dict[int, tuple[int, int, str]]:
        """As sfdisk sees them: number -> start, size, type."""
        command = ["sfdisk", "--json", self.path]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        table = json.loads(done.stdout)["partitiontable"]
        assert table["id"] == "0x494b564d"
        return {
            int(row["node"].removeprefix(str(self.path))): (row["start"], row["size"], row["type"])
            for row in table["partitions"]
        }


def verified(card: Card) -> None:
    """No overlap, nothing outside, as sfdisk judges."""
    done = subprocess.run(["sfdisk", "--verify", card.path], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, ""), done.stdout + done.stderr


@settings(max_examples=20 * EFFORT)
@example((1 << 32) + 4096)
@given(CARDS)
def test_the_data_partition_reaches_the_end_and_nothing_else_changes(sectors: int) -> None:
    with tempfile.TemporaryDirectory() as name:
        card = Card(Path(name) / "card", sectors)
        before = card.partitions()
        found = card.grow()
        after = card.partitions()
        end = min(sectors, 1 << 32) // 2048 * 2048
        assert after.pop(DATA) == (before[DATA][0], end - before[DATA][0], "83")
        assert after.pop(4) == (before[4][0], end - before[4][0], "5")
        assert {number: before[number] for number in after} == after
        assert (found.start, found.size) == (before[DATA][0], end - before[DATA][0])
        assert growth(card.read, sectors) == Growth((), found.start, found.size)


@pytest.mark.parametrize("writes", [0, 1, 2])
def test_a_cut_leaves_a_valid_table_that_grows_at_the_next_start(tmp_path: Path, writes: int) -> None:
    card = Card(tmp_path / "card", SHIPPED * 4)
    whole = card.grow(writes)
    assert len(whole.writes) == 3
    verified(card)
    assert card.partitions()[DATA][1] == 360448
    assert len(card.grow().writes) == 3 - writes
    verified(card)
    assert card.partitions()[DATA][1] == SHIPPED * 4 - 3833856


def test_a_larger_card_lets_it_grow_again(tmp_path: Path) -> None:
    card = Card(tmp_path / "card", SHIPPED * 2)
    card.grow()
    card.sectors = SHIPPED * 8
    with card.path.open("r+b") as file:
        file.truncate(card.sectors * SECTOR)
    assert len(card.grow().writes) == 3
    verified(card)
    assert card.partitions()[DATA][1] == SHIPPED * 8 - 3833856


def test_a_smaller_card_is_left_as_it_is(tmp_path: Path) -> None:
    card = Card(tmp_path / "card", SHIPPED)
    assert growth(card.read, SHIPPED // 2) == Growth((), 3833856, 360448)


def damaged(card: Card, offset: int, content: bytes) -> None:
    with card.path.open("r+b") as file:
        file.seek(offset)
        file.write(content)


@pytest.mark.parametrize(("offset", "content", "words"), [
    (440, b"\x01\x02\x03\x04", "the disk's id is 04030201, expected 494b564d"),
    (510, b"\0\0", "sector 0 holds no partition table"),
    (446 + 48 + 4, b"\x83", "partition 4 has type 83, expected an extended one"),
    (663552 * SECTOR + 510, b"\0\0", "sector 663552 holds no logical partition"),
    (663552 * SECTOR + 462 + 12, b"\0\0\0\0", "there are 1 logical partitions, expected 3"),
    (663552 * SECTOR + 462 + 8, b"\0\0\0\0", "the partition after sector 663552 lies before it"),
])  # fmt: skip
def test_another_table_is_refused_in_words(tmp_path: Path, offset: int, content: bytes, words: str) -> None:
    card = Card(tmp_path / "card", SHIPPED * 2)
    damaged(card, offset, content)
    with pytest.raises(TableError, match=f"^{words}$"):
        growth(card.read, card.sectors)
