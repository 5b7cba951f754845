"""Writing and reading back, on a disk of the kernel's."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from image.flash.archive import CHUNK
from image.flash.card import Card
from image.flash.errors import CardFailed, NotThisDisk
from image.flash.kernel import device_number
from tests.image.flash import images, loop

pytestmark = loop.needed

SIZE = 3 * CHUNK + 4096
HELD = images.content(SIZE)
CHUNKS = [HELD[at : at + CHUNK] for at in range(0, SIZE, CHUNK)]
BLANK, OLD = bytes(CHUNK), b"\xa5" * CHUNK


@pytest.fixture
def card(node: Path) -> Card:
    return Card(node, device_number(node))


def ignore(_done: int) -> None:
    """Nobody wants to know."""


def test_the_image_is_on_the_medium_and_nothing_behind_it_is_touched(card: Card, backing: Path) -> None:
    told: list[int] = []
    digests = card.write(CHUNKS, told.append)
    assert backing.read_bytes() == HELD + OLD
    assert told == [CHUNK, 2 * CHUNK, 3 * CHUNK, SIZE]
    read: list[int] = []
    card.compare(digests, SIZE, read.append)
    assert read == told


@pytest.mark.parametrize("at", [0, CHUNK + 1, SIZE - 1])
def test_one_bit_that_the_medium_changed_is_found(card: Card, node: Path, backing: Path, at: int) -> None:
    """Even though this machine's memory still holds what was written, as it does when something looked at the disk."""
    digests = card.write(CHUNKS, ignore)
    with node.open("rb") as cached:
        assert cached.read(SIZE) == HELD
        with backing.open("r+b") as medium:
            medium.seek(at)
            medium.write(bytes([HELD[at] ^ 1]))
        cached.seek(0)
        assert cached.read(SIZE) == HELD
        with pytest.raises(
            CardFailed, match=f"does not hold what was written to it, from byte {at // CHUNK * CHUNK} on"
        ):
            card.compare(digests, SIZE, ignore)


def test_the_start_is_blank_until_all_else_is_written(card: Card, backing: Path) -> None:
    """Whatever stops it, nothing starts from a card that is half new and half old."""

    def stopped() -> Iterator[bytes]:
        yield from CHUNKS[:2]
        assert backing.read_bytes()[: 3 * CHUNK] == BLANK + CHUNKS[1] + OLD
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        card.write(stopped(), ignore)
    assert backing.read_bytes()[: 3 * CHUNK] == BLANK + CHUNKS[1] + OLD


def test_a_disk_that_somebody_holds(card: Card, node: Path, backing: Path) -> None:
    words = "Device or resource busy; expected a disk that nobody uses"
    with os.fdopen(os.open(node, os.O_RDONLY | os.O_EXCL)), pytest.raises(NotThisDisk, match=words):
        card.write(CHUNKS, ignore)
    assert backing.read_bytes()[:CHUNK] == OLD


def test_a_mounted_disk(tmp_path: Path, card: Card, node: Path) -> None:
    """Even in a mount namespace that cannot be seen from here: the kernel itself refuses."""
    subprocess.run(["mke2fs", "-q", "-t", "ext4", node], check=True, capture_output=True)
    mounted = subprocess.Popen(
        ["unshare", "--mount", "sh", "-c", f"mount {node} {tmp_path} && echo mounted && read -r _"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    )  # fmt: skip
    with mounted:
        assert mounted.stdout is not None
        assert mounted.stdout.readline() == b"mounted\n"
        with pytest.raises(NotThisDisk, match=r"Device or resource busy"):
            card.write(CHUNKS, ignore)
        mounted.communicate(b"\n")


def test_another_disk_under_the_same_name(node: Path, backing: Path) -> None:
    with pytest.raises(NotThisDisk, match="is another disk than a moment ago"):
        Card(node, os.makedev(8, 0)).write(CHUNKS, ignore)
    assert backing.read_bytes()[:CHUNK] == OLD


def test_a_disk_that_ends_too_early(tmp_path: Path) -> None:
    with loop.disk(tmp_path / "small", 2 * CHUNK) as node:
        card = Card(node, device_number(node))
        with pytest.raises(CardFailed, match=f"cannot be written at byte {2 * CHUNK}: No space left on device"):
            card.write(CHUNKS, ignore)
        digests = card.write(CHUNKS[:2], ignore)
        with pytest.raises(CardFailed, match=f"ends at byte {2 * CHUNK}"):
            card.compare([*digests, b""], 3 * CHUNK, ignore)


def test_without_the_right_to(node: Path, backing: Path) -> None:
    number = device_number(node)
    child = os.fork()
    if child == 0:
        os.setgid(65534)
        os.setuid(65534)
        try:
            Card(node, number).write(CHUNKS, ignore)
        except NotThisDisk as error:
            os._exit(0 if "writing a disk takes root: sudo make flash" in str(error) else 2)
        finally:
            os._exit(1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert backing.read_bytes()[:CHUNK] == OLD
