"""The image as a file, made by the compressor that the build uses."""

from __future__ import annotations

from pathlib import Path

import pytest

from image.flash.archive import CHUNK, Archive, unpacked_size
from image.flash.errors import BadImage
from tests.image.flash import images


@pytest.mark.parametrize("size", [1, 255, 256, 65_791, 65_792, CHUNK, 2 * CHUNK + 512])
@pytest.mark.parametrize("suffix", ["", ".zst"])
def test_what_was_packed_comes_out(tmp_path: Path, size: int, suffix: str) -> None:
    path, held = images.image(tmp_path, size)
    archive = Archive(path if suffix else path.with_suffix(""))
    assert archive.size == size
    chunks = list(archive.chunks())
    assert b"".join(chunks) == held
    assert {len(chunk) for chunk in chunks[:-1]} <= {CHUNK}


@pytest.mark.parametrize(
    ("header", "size"),
    [
        ("28b52ffd 20 ff", 255),  # one segment, one byte
        ("28b52ffd 60 0001", 256 + 256),  # two bytes count from 256
        ("28b52ffd a0 00000080", 2**31),
        ("28b52ffd 80 58 00000080", 2**31),  # a window of its own
        ("28b52ffd 83 58 aabbccdd 00000080", 2**31),  # and a dictionary
        ("28b52ffd c1 58 aa 0000000001000000", 2**32),
    ],
)
def test_sizes_that_frames_declare(header: str, size: int) -> None:
    """RFC 8878, 3.1.1.1, by hand."""
    assert unpacked_size(bytes.fromhex(header)) == size


@pytest.mark.parametrize(
    ("header", "words"),
    [
        ("", "it is not compressed with zstd"),
        ("1f8b0800 00", "it is not compressed with zstd"),
        ("28b52ffd 00 58", "it does not say how large it is unpacked"),
        ("28b52ffd a0 0000", "it ends in its own header"),
    ],
)
def test_headers_that_do_not_say(header: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        unpacked_size(bytes.fromhex(header))


def test_a_missing_image(tmp_path: Path) -> None:
    with pytest.raises(BadImage, match="none.img.zst' is missing: make image first, or name another with IMAGE=FILE"):
        Archive(tmp_path / "none.img.zst")


def test_an_empty_image(tmp_path: Path) -> None:
    (tmp_path / "card.img").write_bytes(b"")
    with pytest.raises(BadImage, match="is empty"):
        Archive(tmp_path / "card.img")


def test_a_checksum_that_fits(tmp_path: Path) -> None:
    path, _ = images.image(tmp_path, 1000)
    beside = Path(f"{path}.sha256")
    beside.write_text(f"{'0' * 64}  another.img.zst\n" + beside.read_text())
    Archive(path).check()


def test_a_damaged_image(tmp_path: Path) -> None:
    path, _ = images.image(tmp_path, 1000)
    path.write_bytes(path.read_bytes()[:-1] + b"!")
    with pytest.raises(BadImage, match="expected what card.img.zst.sha256 says"):
        Archive(path).check()


def test_a_checksum_of_another_file(tmp_path: Path) -> None:
    path, _ = images.image(tmp_path, 1000)
    beside = Path(f"{path}.sha256")
    beside.write_text(beside.read_text().replace("card", "curd"))
    with pytest.raises(BadImage, match="expected what card.img.zst.sha256 says"):
        Archive(path).check()


@pytest.mark.parametrize("beside", [None, b"\xff"])
def test_a_checksum_that_cannot_be_read(tmp_path: Path, beside: bytes | None) -> None:
    path, _ = images.image(tmp_path, 1000)
    file = Path(f"{path}.sha256")
    file.unlink()
    if beside is not None:
        file.write_bytes(beside)
    with pytest.raises(BadImage, match="cannot be checked"):
        Archive(path).check()


def test_a_stream_that_breaks_off(tmp_path: Path) -> None:
    path, held = images.image(tmp_path, 3 * CHUNK)
    path.write_bytes(path.read_bytes()[: 2 * CHUNK])
    chunks = Archive(path).chunks()
    assert next(chunks) == held[:CHUNK]
    with pytest.raises(BadImage, match=r"cannot be unpacked: .*premature end"):
        list(chunks)


def test_a_frame_whose_own_checksum_fails(tmp_path: Path) -> None:
    """Right to the last byte of a whole chunk, and still not what was packed."""
    path, _ = images.image(tmp_path, CHUNK)
    path.write_bytes(path.read_bytes()[:-1] + bytes([path.read_bytes()[-1] ^ 1]))
    with pytest.raises(BadImage, match="cannot be unpacked: .*checksum"):
        list(Archive(path).chunks())


def test_more_than_the_header_says(tmp_path: Path) -> None:
    """Two frames in one file: the first one's header does not speak for the second."""
    path, _ = images.image(tmp_path, 1000)
    path.write_bytes(path.read_bytes() * 2)
    with pytest.raises(BadImage, match="is larger than the 1000 bytes that it says"):
        list(Archive(path).chunks())


def test_a_file_that_shrinks(tmp_path: Path) -> None:
    path = tmp_path / "card.img"
    path.write_bytes(bytes(1000))
    archive = Archive(path)
    path.write_bytes(bytes(900))
    with pytest.raises(BadImage, match="ends 100 bytes early"):
        list(archive.chunks())


def test_who_stops_early_leaves_no_process(tmp_path: Path) -> None:
    path, _ = images.image(tmp_path, 3 * CHUNK)
    chunks = Archive(path).chunks()
    before = children()
    next(chunks)
    assert len(children() - before) == 1
    chunks.close()
    assert children() - before == set()


def children() -> set[str]:
    """The processes of this one."""
    return {pid for file in Path("/proc/self/task").glob("*/children") for pid in file.read_text().split()}
