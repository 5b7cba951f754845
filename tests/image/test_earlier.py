"""An image is held against an earlier one: what may differ, and what is found out."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from image.records.tree import Entry
from tests.image import earlier

CHANGED = ["app/web/server.py", "epaper/new/page.py", "rootfs-overlay/etc/fstab", "firmware-config/config.txt"]
LIBC = Entry("-rw-r--r--", "0:0", 9, "a" * 64, "/usr/lib/libc.so.6")


@pytest.mark.parametrize(
    "path",
    [
        "/usr/lib/inkvm/app/web/server.py",
        "/usr/lib/inkvm/app/web/__pycache__/server.cpython-313.pyc",
        "/usr/lib/inkvm/epaper/new",
        "/etc/fstab",
        "/boot/firmware/config.txt",
        "/etc/shadow",
    ],
)
def test_a_changed_source_explains_what_comes_of_it(path: str) -> None:
    assert earlier.explained(path, CHANGED)


@pytest.mark.parametrize(
    "path",
    [
        "/usr/lib/inkvm/app/we",
        "/usr/lib/inkvm/app/web/errors.py",
        "/usr/lib/inkvm/app/web/server.pyc",
        "/etc/passwd",
        "/usr/lib/libc.so.6",
    ],
)
def test_and_nothing_else(path: str) -> None:
    assert not earlier.explained(path, CHANGED)


def test_accounts_come_of_sysusers() -> None:
    assert earlier.explained("/etc/passwd", ["rootfs-overlay/usr/lib/sysusers.d/inkvm.conf"])


@pytest.fixture
def build(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A build's folder in the place of dist/, and an empty cache."""
    monkeypatch.setattr(earlier, "BUILT", tmp_path / "inkvm-debian")
    monkeypatch.setenv("INKVM_CACHE", str(tmp_path / "cache"))
    (tmp_path / "inkvm-debian.packages").write_text("bash 5.2 arm64\n")
    (tmp_path / "inkvm-debian.tools").touch()
    (tmp_path / "inkvm-debian.files").write_text(f"{LIBC}\n")
    return tmp_path


def test_the_first_build_has_nothing_to_be_held_against(build: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert earlier.main() == 0
    assert "no earlier build" in capsys.readouterr().out
    assert earlier.main() == 0
    assert "0 files differ, 0 of them unexplained" in capsys.readouterr().out


def test_a_file_that_nothing_explains_is_found(build: Path, capsys: pytest.CaptureFixture[str]) -> None:
    earlier.main()
    (build / "inkvm-debian.files").write_text(f"{dataclasses.replace(LIBC, sha256='b' * 64)}\n")
    for _try in range(2):
        assert earlier.main() == 1, "trying again does not make it right"
        assert "    /usr/lib/libc.so.6: sha256 aaaa" in capsys.readouterr().out


@pytest.mark.parametrize("kind", ["packages", "tools"])
def test_other_packages_are_another_image(build: Path, kind: str, capsys: pytest.CaptureFixture[str]) -> None:
    earlier.main()
    (build / f"inkvm-debian.{kind}").write_text("bash 5.3 arm64\n")
    (build / "inkvm-debian.files").write_text("")
    assert earlier.main() == 0
    assert capsys.readouterr().out.count("no earlier build") == 2
