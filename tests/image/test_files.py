"""Lists of files, and what differs between two of them."""

from __future__ import annotations

import dataclasses
import hashlib
from pathlib import Path

import pytest

from image.records.tree import Entry, differences, parse, walk


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A folder with a file, a link to nowhere, and a name with spaces."""
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc/hostname").write_text("inkvm\n")
    (tmp_path / "etc/a name").touch(mode=0o600)
    (tmp_path / "lib").symlink_to("usr/lib")
    (tmp_path / "etc").chmod(0o755)
    (tmp_path / "etc/hostname").chmod(0o644)
    return tmp_path


def test_every_path_is_listed_with_its_content(tree: Path) -> None:
    entries = list(walk(tree))
    assert [entry.path for entry in entries] == ["/etc", "/etc/a name", "/etc/hostname", "/lib"]
    folder, _, file, link = entries
    assert (folder.mode, folder.sha256, folder.size) == ("drwxr-xr-x", "-", 0)
    assert (file.mode, file.size, file.sha256) == ("-rw-r--r--", 6, hashlib.sha256(b"inkvm\n").hexdigest())
    assert (link.mode, link.sha256) == ("lrwxrwxrwx", hashlib.sha256(b"usr/lib").hexdigest())


def test_a_list_reads_back(tree: Path) -> None:
    entries = list(walk(tree))
    assert parse("".join(f"{entry}\n" for entry in entries)) == {entry.path: entry for entry in entries}


def test_a_line_of_another_form_is_shown() -> None:
    with pytest.raises(ValueError, match="'-rw-r--r-- 0:0 12 /etc/hostname' is no line of a file list"):
        parse("-rw-r--r-- 0:0 12 /etc/hostname\n")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"mode": "-rwxr-xr-x"}, "mode -rw-r--r-- and -rwxr-xr-x"),
        ({"owner": "7:7", "size": 3}, "owner 0:0 and 7:7, size 2 and 3"),
        ({"sha256": "b" * 64}, f"sha256 {'a' * 64} and {'b' * 64}"),
        ({}, None),
    ],
)
def test_a_difference_is_said_field_by_field(change: dict[str, str], words: str | None) -> None:
    entry = Entry("-rw-r--r--", "0:0", 2, "a" * 64, "/x")
    differ = differences({"/x": entry}, {"/x": dataclasses.replace(entry, **change)})
    assert differ == ({"/x": words} if words else {})


def test_a_path_in_one_list_alone_is_said() -> None:
    entry = Entry("-rw-r--r--", "0:0", 2, "a" * 64, "/x")
    assert differences({"/x": entry}, {}) == {"/x": "only in the first"}
    assert differences({}, {"/x": entry}) == {"/x": "only in the second"}
