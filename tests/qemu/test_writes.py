"""The log of writes, and what a replay makes of it, with a log of the test's own."""

from __future__ import annotations

import random
import struct
from pathlib import Path

import pytest

from tests.qemu.writes import SECTOR, Replay, Write, logged, shuffled


def log_of(path: Path, *entries: tuple[int, int, bytes]) -> Path:
    """Sector, flags, data of each, in the kernel's format."""
    content = struct.pack("<QQQI", 0x6A736677736872, 1, len(entries), SECTOR).ljust(SECTOR, b"\0")
    for sector, flags, data in entries:
        length = SECTOR if flags & 4 else len(data)
        content += struct.pack("<QQQQ", sector, length // SECTOR, flags, 0).ljust(SECTOR, b"\0") + data
    path.write_bytes(content)
    return path


def block(letter: str) -> bytes:
    return letter.encode() * SECTOR


@pytest.fixture
def replay(tmp_path: Path) -> Replay:
    card = tmp_path / "card"
    card.write_bytes(block(".") * 8)
    entries = [
        (0, 0, block("a")),
        (1, 0, block("b") * 2),
        (0, 1, b""),
        (5, 4, b""),
        (2, 0, block("c")),
        (0, 1, b""),
        (0, 0, block("d")),
    ]
    return Replay(card, log_of(tmp_path / "log", *entries))


def seen(path: Path) -> str:
    return path.read_bytes()[::SECTOR].decode()


def test_every_moment_is_the_writes_before_it(replay: Replay, tmp_path: Path) -> None:
    found = []
    for number in range(8):
        replay.settle(number)
        found.append(seen(tmp_path / "card"))
    replay.close()
    assert found == ["." * 8, "a.......", "abb.....", "abb.....", "abb.....", "abc.....", "abc.....", "dbc....."]


def test_a_window_lies_between_two_flushes(replay: Replay) -> None:
    assert list(replay.windows()) == [(0, 2), (2, 5), (5, 7)]
    replay.close()


def test_what_a_cache_did_is_some_of_the_window_in_some_order() -> None:
    window = [Write(flush=False, offset=number, log=0, length=0) for number in range(4)]
    seen = {tuple(write.offset for write in shuffled(window, random.Random(seed))) for seed in range(400)}
    assert () in seen
    assert any(sorted(each) != list(each) for each in seen)
    assert {number for each in seen for number in each} == {0, 1, 2, 3}
    assert all(len(set(each)) == len(each) for each in seen)


def test_something_else_is_no_log(tmp_path: Path) -> None:
    (tmp_path / "other").write_bytes(bytes(SECTOR))
    with pytest.raises(ValueError, match="is not a log of writes"):
        logged(tmp_path / "other")
