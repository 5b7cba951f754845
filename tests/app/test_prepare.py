"""Root's one-shot: each of its parts, whatever becomes of the one before."""

from __future__ import annotations

import os
import pwd
import stat
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from app import prepare

Part = Callable[[Sequence[str]], int]
NOBODY = "nobody"


def gives_up(_arguments: Sequence[str]) -> int:
    raise RuntimeError("the card is odd")


def says(status: int) -> Part:
    return lambda _arguments: status


def started(folder: Path, *more: str) -> int:
    accounts = ("--owner", NOBODY, "--panel", NOBODY, "--clock", NOBODY)
    return prepare.main([*accounts, "--state", str(folder / "state"), *more])


@pytest.mark.parametrize(
    ("first", "second", "status"), [(says(0), 0, 0), (says(1), 0, 1), (says(0), 1, 1), (gives_up, 0, 1)]
)
def test_the_certificate_is_made_whatever_the_card_brings(
    first: Part, second: int, status: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Sequence[str]] = []

    def admit(arguments: Sequence[str]) -> int:
        asked.append(arguments)
        return second

    monkeypatch.setattr(prepare, "make_folders", lambda *_arguments: 0)
    monkeypatch.setattr(prepare, "customise", first)
    monkeypatch.setattr(prepare, "admit", admit)
    assert started(tmp_path, "--boot", "/card") == status
    assert asked == [("--owner", NOBODY, "--state", str(tmp_path / "state"), "--boot", "/card")]


def test_what_was_not_foreseen_is_in_the_journal_and_stops_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Here a state folder that is a file."""
    (tmp_path / "state").touch()
    monkeypatch.setattr(prepare, "customise", gives_up)
    monkeypatch.setattr(prepare, "admit", lambda _arguments: 0)
    assert started(tmp_path) == 1
    words = capsys.readouterr().err
    assert "FileExistsError" in words
    assert "the card is odd" in words


@pytest.mark.skipif(os.geteuid() != 0, reason="giving folders away needs root")
def test_panel_and_clock_may_pass_to_their_folders_and_not_look_around(tmp_path: Path) -> None:
    state, nobody = tmp_path / "state", pwd.getpwnam(NOBODY)
    for _start in range(2):
        before = os.umask(0o077)
        assert prepare.make_folders(state, NOBODY, NOBODY, NOBODY) == 0
        os.umask(before)
        for path, mode in ((state, 0o710), (state / "panel", 0o700), (state / "clock", 0o700)):
            found = path.stat()
            assert (found.st_uid, found.st_gid) == (nobody.pw_uid, nobody.pw_gid)
            assert stat.S_IMODE(found.st_mode) == mode


@pytest.mark.skipif(os.geteuid() != 0, reason="giving folders away needs root")
@pytest.mark.parametrize("name", ["panel", "clock"])
def test_a_link_is_not_followed(tmp_path: Path, name: str) -> None:
    """The state folder is the daemon's: root would give away whatever the daemon likes."""
    (tmp_path / "state").mkdir()
    (tmp_path / "precious").mkdir(mode=0o755)
    (tmp_path / "state" / name).symlink_to(tmp_path / "precious")
    with pytest.raises(PermissionError, match=f"{name} is not a folder that user"):
        prepare.make_folders(tmp_path / "state", NOBODY, NOBODY, NOBODY)
    assert (tmp_path / "precious").stat().st_uid == os.geteuid()


@pytest.mark.skipif(os.geteuid() != 0, reason="giving folders away needs root")
def test_networks_that_are_not_roots_are_refused(tmp_path: Path) -> None:
    (tmp_path / "state/network").mkdir(parents=True)
    os.chown(tmp_path / "state/network", 900, 900)
    with pytest.raises(PermissionError, match="network is not a folder that user 0 alone may change"):
        prepare.make_folders(tmp_path / "state", NOBODY, NOBODY, NOBODY)
    assert (tmp_path / "state/network").stat().st_uid == 900
