"""The command as a person runs it, on disks that the kernel makes of files."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from image.flash.archive import CHUNK
from tests.image.flash import images, loop

pytestmark = loop.needed

REPOSITORY = Path(__file__).resolve().parents[3]
SIZE = 3 * CHUNK
OLD = b"\xa5" * CHUNK
# Ends after half of the image, without saying so.
STUCK = """#!/bin/sh
/usr/bin/env -i PATH={path} zstd "$@" | head -c {half}
exec sleep 1000
"""


@pytest.fixture
def image(tmp_path: Path) -> Path:
    return images.image(tmp_path, SIZE)[0]


def command(*arguments: object, path: str = os.environ["PATH"]) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "image.flash", *map(str, arguments)], cwd=REPOSITORY, text=True,
        stdin=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True, env={**os.environ, "PATH": path},
    )  # fmt: skip


def wait_for(running: subprocess.Popen[str], words: str) -> None:
    """Return when it has said so."""
    assert running.stderr is not None
    assert any(line.startswith(words) for line in running.stderr), f"it ended before it said {words!r}"


def flash(*arguments: object, answer: object = "") -> tuple[int, str]:
    with command(*arguments) as running:
        _, words = running.communicate(f"{answer}\n")
    return running.returncode, words


def test_from_the_archive_to_the_medium(node: Path, backing: Path, image: Path) -> None:
    status, words = flash(node, "--image", image, answer=node)
    assert (status, backing.read_bytes()) == (0, images.content(SIZE) + OLD)
    first, ask, *steps, last = words.splitlines()
    assert first == f"{node}: disk without a name, 16 MiB, NOT removable; everything on it is replaced by card.img.zst"
    assert ask == f"type {node} to overwrite this disk, which is not a removable one:"
    assert [line for line in steps if "100 %" in line] == [
        "writing: 100 %, 12 of 12 MiB",
        "reading back: 100 %, 12 of 12 MiB",
    ]
    assert last == "flash: the card holds the image, as read back from it; it can be taken out"


@pytest.mark.parametrize("answer", ["", "yes", "/dev/loop", "{node} "[:-2]])
def test_a_fixed_disk_takes_its_name(node: Path, backing: Path, image: Path, answer: str) -> None:
    status, words = flash(node, "--image", image, answer=answer)
    assert status == 1
    assert words.splitlines()[-1] == f"flash: the answer is {answer!r}, expected '{node}'; nothing was written"
    assert backing.read_bytes()[:CHUNK] == OLD


def test_a_mounted_disk_is_named_with_its_place(tmp_path: Path, node: Path, backing: Path, image: Path) -> None:
    place = tmp_path / "a card"
    place.mkdir()
    subprocess.run(["mke2fs", "-q", "-t", "ext4", node], check=True, capture_output=True)
    subprocess.run(["mount", node, place], check=True)
    try:
        status, words = flash(node, "--image", image, answer=node)
    finally:
        subprocess.run(["umount", place], check=True)
    assert status == 1
    assert f"{node} is in use: {node.name} is mounted on {place}; expected a disk that nobody uses" in words


def test_a_damaged_archive_is_not_written(node: Path, backing: Path, image: Path) -> None:
    image.write_bytes(image.read_bytes()[:-1] + b"!")
    status, words = flash(node, "--image", image, answer=node)
    assert status == 1
    assert "expected what card.img.zst.sha256 says" in words
    assert backing.read_bytes()[:CHUNK] == OLD


def test_a_disk_that_is_too_small(tmp_path: Path, image: Path) -> None:
    with loop.disk(tmp_path / "small", CHUNK) as node:
        assert flash(node, "--image", image) == (
            1,
            f"flash: {node} has 4 MiB, expected at least 12 MiB; nothing was written\n",
        )


def test_no_disk_at_all() -> None:
    status, words = flash()
    assert status == 1
    assert words.startswith("flash: no disk is named, expected DEV=/dev/NAME with a removable disk:\n  ")


def test_an_archive_that_breaks_off_leaves_no_card_that_starts(node: Path, backing: Path, image: Path) -> None:
    image.write_bytes(image.read_bytes()[: 2 * CHUNK])
    images.summed(image)
    status, words = flash(node, "--image", image, answer=node)
    assert status == 1
    assert "cannot be unpacked" in words
    assert words.splitlines()[-1] == (
        "flash: the card is blank at its start, so that nothing starts from it; flash it again"
    )
    assert backing.read_bytes()[:CHUNK] == bytes(CHUNK)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_card_does_not_start(
    tmp_path: Path, node: Path, backing: Path, image: Path, number: signal.Signals
) -> None:
    """In the middle for certain: the archive stops coming. Ctrl-C reaches whoever unpacks it as well."""
    tools = tmp_path / "tools"
    tools.mkdir()
    (tools / "zstd").write_text(STUCK.format(path=os.environ["PATH"], half=2 * CHUNK))
    (tools / "zstd").chmod(0o755)
    with command(node, "--image", image, path=f"{tools}:{os.environ['PATH']}") as running:
        assert running.stdin is not None
        running.stdin.write(f"{node}\n")
        running.stdin.flush()
        wait_for(running, "writing: 66 %")
        os.killpg(running.pid, number)
        _, words = running.communicate()
    assert running.returncode == 130
    assert words.splitlines()[-2:] == [
        "flash: interrupted",
        "flash: the card is blank at its start, so that nothing starts from it; flash it again",
    ]
    assert backing.read_bytes()[: 2 * CHUNK] == bytes(CHUNK) + images.content(SIZE)[CHUNK : 2 * CHUNK]


def test_interrupted_before_anything_was_written(node: Path, backing: Path, image: Path) -> None:
    with command(node, "--image", image) as running:
        wait_for(running, "type ")
        running.send_signal(signal.SIGINT)
        _, words = running.communicate()
    assert (running.returncode, words.splitlines()[-1]) == (130, "flash: interrupted; nothing was written")
    assert backing.read_bytes()[:CHUNK] == OLD
