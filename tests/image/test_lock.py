"""The lock holds or says what moved: this machine's own APT against repositories in folders."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from image.records.__main__ import main
from image.records.lock import BadLock, differences, packages, parse
from tests.image.repository import Deb, publish

pytestmark = pytest.mark.skipif(
    not (shutil.which("apt-get") and shutil.which("dpkg-deb")), reason="this machine has no APT"
)
SAVED = [
    Deb("base", "1", essential=True),
    Deb("shell", "2.1", depends="library"),
    Deb("library", "0.9"),
    Deb("editor", "7"),
]
"""`editor` is wanted by nobody."""
SNAPSHOT = 'Acquire::Snapshots::URI::{} "file://{}/@SNAPSHOTID@/";\n'


class Builder:
    """A machine that builds: its mirror, its snapshot service, and its lock."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.mirror = folder / "mirror"
        self.lock = folder / "lock"
        self.choice = folder / "choice"
        (folder / "options").touch()

    def serve(self, debs: list[Deb]) -> None:
        """The mirror has these packages now."""
        shutil.rmtree(self.mirror, ignore_errors=True)
        (self.folder / "sources.list").write_text(publish(self.mirror, debs))

    def records(self, command: str, *names: str, out: bool = False) -> int:
        """Run one of the two commands that look at a mirror."""
        paths = {"lock": self.lock, "sources": self.folder / "sources.list", "options": self.folder / "options"}
        paths |= {"scratch": self.folder / "scratch"} | ({"out": self.choice} if out else {})
        settings = [word for key, path in paths.items() for word in (f"--{key}", str(path))]
        return main([command, *settings, "--release", "trixie", "--architecture", "amd64", *names])

    def choose(self, *names: str) -> list[str]:
        """Choose packages; their differences from the lock."""
        assert self.records("choose", *names, out=True) == 0
        lock = parse(self.lock.read_text(), "lock") if self.lock.exists() else None
        return differences(lock, packages((self.choice / "packages").read_text(), "packages"))

    def chosen(self) -> list[str]:
        """NAME VERSION of each package chosen."""
        return [" ".join(line.split()[:2]) for line in (self.choice / "packages").read_text().splitlines()]


@pytest.fixture
def builder(tmp_path: Path) -> Builder:
    """A mirror with the saved packages, and a lock of them."""
    made = Builder(tmp_path)
    made.serve(SAVED)
    assert made.records("renew", "shell") == 0
    return made


def test_lock_has_what_is_wanted_and_what_that_needs(builder: Builder) -> None:
    lock = parse(builder.lock.read_text(), "lock")
    assert sorted(f"{p.name} {p.version} {p.architecture}" for p in lock.packages) == [
        "base 1 all", "library 0.9 all", "shell 2.1 all",
    ]  # fmt: skip


def test_an_unmoved_mirror_is_locked(builder: Builder) -> None:
    assert builder.choose("shell") == []
    assert builder.chosen() == ["base 1", "library 0.9", "shell 2.1"]


def test_a_mirror_that_has_newer_ones_as_well_is_locked(builder: Builder) -> None:
    builder.serve([*SAVED, Deb("library", "1.0")])
    assert builder.choose("shell") == []
    assert "library 0.9" in builder.chosen()
    pins = (builder.choice / "preferences").read_text()
    assert "Package: library\nPin: version 0.9\nPin-Priority: 1001\n" in pins
    assert "Package: *\nPin: release *\nPin-Priority: -1\n" in pins


def test_a_mirror_that_moved_on_is_said_package_by_package(builder: Builder) -> None:
    before = {p.name: p.sha256 for p in parse(builder.lock.read_text(), "lock").packages}
    builder.serve(
        [Deb("base", "1", essential=True, content="else"), Deb("shell", "2.2", depends="codec"), Deb("codec", "3")]
    )
    said = builder.choose("shell")
    after = {line.split()[0]: line.split()[3] for line in (builder.choice / "packages").read_text().splitlines()}
    assert before["base"] != after["base"]
    assert said == [
        f"base 1 has another content: SHA-256 {after['base']}, not {before['base']}",
        "codec 3 is new",
        "library 0.9 is gone",
        "shell 2.1 is now 2.2",
    ]
    assert builder.chosen() == ["base 1", "codec 3", "shell 2.2"]


def test_accepting_the_new_set_locks_again(builder: Builder) -> None:
    builder.serve([Deb("base", "1.1", essential=True), *SAVED[1:]])
    assert builder.choose("shell") == ["base 1 is now 1.1"]
    assert builder.records("renew", "shell") == 0
    assert builder.choose("shell") == []


def test_an_unchanged_set_keeps_its_lock(builder: Builder) -> None:
    """The instant does not move with every `make lock`: it would be a change of nothing."""
    text = builder.lock.read_text().replace(parse(builder.lock.read_text(), "lock").snapshot, "20260101T000000Z")
    builder.lock.write_text(text)
    assert builder.records("renew", "shell") == 0
    assert builder.lock.read_text() == text


@pytest.mark.parametrize("names", [("shell", "editor"), ("library",)])
def test_a_change_of_what_is_wanted_needs_a_new_lock(builder: Builder, names: tuple[str, ...]) -> None:
    """Be it more than was locked or less."""
    assert builder.choose(*names) == (["editor 7 is new"] if "editor" in names else ["shell 2.1 is gone"])


def test_without_a_lock_nothing_is_locked(builder: Builder) -> None:
    builder.lock.unlink()
    assert builder.choose("shell") == ["nothing is locked yet"]


@pytest.fixture
def archive(builder: Builder) -> str:
    """A snapshot service with the saved packages at the lock's instant; the line of sources.list for it."""
    instant = parse(builder.lock.read_text(), "lock").snapshot
    for suite in ("trixie", "trixie-updates"):
        publish(builder.folder / "archive" / instant, SAVED, suite)
    publish(builder.folder / "security" / instant, [], "trixie-security")
    (builder.folder / "options").write_text(
        SNAPSHOT.format("Origin::Debian", builder.folder / "archive")
        + SNAPSHOT.format("Override::Label::Debian-Security", builder.folder / "security")
    )
    return f"file://{builder.folder}/archive/{instant}/ trixie main"


def test_the_snapshot_service_has_what_the_mirror_no_longer_has(builder: Builder, archive: str) -> None:
    """It is asked at the lock's instant, at the address that APT's own settings give."""
    builder.serve([Deb("base", "2", essential=True), Deb("shell", "3")])
    assert builder.choose("shell") == []
    sources = (builder.choice / "sources.list").read_text()
    assert archive in sources
    assert str(builder.mirror) not in sources


def test_what_is_not_locked_comes_from_the_mirror(builder: Builder, archive: str) -> None:
    """The newest is wanted then, and a snapshot never has that."""
    builder.serve([Deb("base", "2", essential=True), *SAVED[1:]])
    assert builder.choose("shell", "editor") == ["base 1 is now 2", "editor 7 is new"]
    assert archive not in (builder.choice / "sources.list").read_text()


def test_a_snapshot_service_out_of_reach_leaves_the_mirror(builder: Builder) -> None:
    (builder.folder / "options").write_text(SNAPSHOT.format("Origin::Debian", builder.folder / "nowhere"))
    assert builder.choose("shell") == []
    assert str(builder.mirror) in (builder.choice / "sources.list").read_text()


def test_no_mirror_at_all_is_said(builder: Builder, capsys: pytest.CaptureFixture[str]) -> None:
    shutil.rmtree(builder.mirror)
    assert builder.records("choose", "shell", out=True) == 1
    last = capsys.readouterr().out.splitlines()[-1]
    assert last.startswith("cannot choose the packages: ")
    assert str(builder.mirror) in last


def test_a_package_nobody_has_is_said(builder: Builder, capsys: pytest.CaptureFixture[str]) -> None:
    assert builder.records("choose", "shell", "unheard-of", out=True) == 1
    assert "unheard-of" in capsys.readouterr().out.splitlines()[-1]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "0 lines 'snapshot YYYYMMDDTHHMMSSZ'"),
        ("snapshot yesterday\n", "0 lines"),
        (
            "snapshot 20260101T000000Z\nbash 5.2 arm64\n",
            "the line 'bash 5.2 arm64', expected NAME VERSION ARCHITECTURE SHA256",
        ),
        ("snapshot 20260101T000000Z\nbash 5.2 arm64 abc\n", "the line 'bash 5.2 arm64 abc'"),
    ],
)
def test_a_file_that_is_no_lock_is_said(text: str, words: str) -> None:
    with pytest.raises(BadLock) as raised:
        parse(text, "image/lock/debian")
    assert str(raised.value).startswith("image/lock/debian has ")
    assert words in str(raised.value)
