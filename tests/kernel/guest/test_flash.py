"""Flashing a card, on the kernel's own SCSI disk: one that can be taken out, lies about its size, is locked, or is worn out."""

from __future__ import annotations

import hashlib
import io
import random
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from image.flash.__main__ import main
from image.flash.archive import CHUNK
from image.flash.kernel import Kernel
from tests.kernel.guest.target import wait_for

MEBIBYTES = 16
IMAGE = random.Random(7).randbytes(3 * CHUNK)


@contextmanager
def card(**given: object) -> Iterator[Path]:
    """A removable disk of 16 MiB; `given` are parameters of the driver, see its documentation."""
    parameters = [f"{name}={value}" for name, value in {"removable": 1, "dev_size_mb": MEBIBYTES, **given}.items()]
    subprocess.run(["modprobe", "-a", "sd_mod"], check=True)
    subprocess.run(["modprobe", "scsi_debug", *parameters], check=True)
    try:
        yield wait_for(_node, "disk")
    finally:
        subprocess.run(["rmmod", "scsi_debug"], check=True)


def _node() -> Path | None:
    """The disk, once it has its size and all its partitions."""
    found = [Path("/dev") / disk.name for disk in Kernel().removable_disks()]
    return found[0] if found and found[0].exists() else None


@pytest.fixture
def image(tmp_path: Path) -> Path:
    path = tmp_path / "card.img"
    path.write_bytes(IMAGE)
    path.with_name("card.img.sha256").write_text(f"{hashlib.sha256(IMAGE).hexdigest()}  card.img\n")
    return path


def flash(node: Path, image: Path) -> tuple[int, list[str]]:
    """Status and words; nobody is there to answer anything."""
    said = io.StringIO()
    status = main([str(node), "--image", str(image)], Kernel(), io.StringIO(), said)
    return status, said.getvalue().splitlines()


def test_a_removable_card_is_written_without_asking(image: Path) -> None:
    with card() as node:
        status, words = flash(node, image)
        assert (status, words[-1]) == (0, "flash: the card holds the image, as read back from it; it can be taken out")
        assert words[0] == f"{node}: Linux scsi_debug, 16 MiB, removable; everything on it is replaced by card.img"
        assert node.read_bytes()[: len(IMAGE)] == IMAGE


def test_a_counterfeit_card_is_found(image: Path) -> None:
    """It says 1 GiB and has 8 MiB: what is written last lies where the first was."""
    with card(dev_size_mb=8, virtual_gb=1) as node:
        status, words = flash(node, image)
    assert status == 1
    assert any(
        f"{node} does not hold what was written to it, from byte" in line and "smaller than it says" in line
        for line in words
    )
    assert words[-1] == "flash: the card is written, but not checked; flash it again"


def test_a_card_that_cannot_be_read_everywhere(image: Path) -> None:
    with card(opts=2, medium_error_start=CHUNK // 512 + 3, medium_error_count=1) as node:
        status, words = flash(node, image)
    assert status == 1
    assert any(f"{node} cannot be read at byte {CHUNK}: " in line for line in words)


def test_a_locked_card(image: Path) -> None:
    with card(wp=1) as node:
        status, words = flash(node, image)
    assert (status, words) == (
        1,
        [f"flash: {node} is read-only, expected a writable disk: is the card's switch on LOCK?; nothing was written"],
    )


def test_swap_on_a_card(image: Path) -> None:
    with card() as node:
        subprocess.run(["mkswap", node], check=True, capture_output=True)
        subprocess.run(["swapon", node], check=True)
        try:
            status, words = flash(node, image)
        finally:
            subprocess.run(["swapoff", node], check=True)
    assert status == 1
    assert f"{node} is in use: {node.name} is swap space; expected a disk that nobody uses" in words[0]


def test_a_partition_names_its_disk(image: Path) -> None:
    with card(num_parts=2) as node:
        part = wait_for(lambda: next(Path("/dev").glob(f"{node.name}[12]"), None), "partition")
        status, words = flash(part, image)
        assert (status, words) == (
            1,
            [f"flash: {part} is a partition, expected the whole disk: {node}; nothing was written"],
        )
        subprocess.run(["mkswap", part], check=True, capture_output=True)
        subprocess.run(["swapon", part], check=True)
        try:
            assert f"{node} is in use: {part.name} is swap space" in flash(node, image)[1][0]
        finally:
            subprocess.run(["swapoff", part], check=True)


def test_the_card_is_offered_when_none_is_named() -> None:
    with card() as node:
        said = io.StringIO()
        assert main([], Kernel(), io.StringIO(), said) == 1
    assert said.getvalue().splitlines()[1] == f"  {node}: Linux scsi_debug, 16 MiB, removable; nothing was written"
