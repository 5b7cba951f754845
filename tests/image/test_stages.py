"""The stages keep to what pi-gen and our own runner both understand; image/README.md has the interface in words."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest

from image.records.lock import parse

REPOSITORY = Path(__file__).resolve().parents[2]
IMAGE = REPOSITORY / "image"
STAGES = [IMAGE / name for name in ("stage-debian", "stage-pi", "stage-inkvm", "export")]
PIECES = sorted(path for stage in STAGES for path in stage.glob("[0-9][0-9]-*/[0-9][0-9]-*"))
SCRIPTS = [path for path in PIECES if path.suffix == ".sh"]
SHARED = [
    path for path in SCRIPTS if path.is_relative_to(IMAGE / "stage-inkvm") or path.is_relative_to(IMAGE / "export")
]
LANDING = ("image", "rootfs-overlay", "firmware-config")
HOST = re.compile(r"\b(?:https?|git|ftp)://(?!localhost\b)|\b(?:[a-z0-9-]+\.)+(?:org|com|net|io|dev)\b", re.IGNORECASE)
TIME = re.compile(r"[0-3]\.debian\.pool\.ntp\.org|ntp\.example\.org")


def name(path: Path) -> str:
    """For the test's id."""
    return str(path.relative_to(REPOSITORY))


def code(path: Path) -> str:
    """A script without its comments."""
    return re.sub(r"(?m)(^|\s)#.*$", "", path.read_text())


def tracked(*folders: str) -> list[Path]:
    """What git knows of in these folders, or would if asked to."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", *folders]
    listed = subprocess.run(command, cwd=REPOSITORY, check=True, capture_output=True, text=True).stdout
    found = [REPOSITORY / line for line in listed.split("\0") if line]
    return [path for path in found if path.is_file() and not path.is_symlink()]


def stage_list(base: str) -> list[str]:
    """STAGE_LIST as image/config sets it for a base."""
    environment = {
        "PATH": os.environ["PATH"], "INKVM_BASE": base, "RUNNER": "stages", "SOURCE_DATE_EPOCH": "0", "BUILD_DIR": "/build", "BASE_DIR": "/pi-gen",
    }  # fmt: skip
    command = ["bash", "-euc", f". {IMAGE}/config && echo $STAGE_LIST"]
    return subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout.split()


@pytest.mark.parametrize("piece", PIECES, ids=name)
def test_piece_is_of_a_kind_both_runners_know(piece: Path) -> None:
    assert re.fullmatch(r"[0-9]{2}-(packages-nr|run\.sh|run-chroot\.sh)", piece.name)


@pytest.mark.parametrize("script", [*SCRIPTS, *(stage / "prerun.sh" for stage in STAGES)], ids=name)
def test_scripts_that_run_outside_are_executable(script: Path) -> None:
    """pi-gen skips a run script without the execute bit, with a line in the log."""
    if script.name.endswith("-run-chroot.sh"):
        return
    assert os.access(script, os.X_OK)
    assert script.read_text().startswith("#!/bin/bash -e\n")


@pytest.mark.parametrize("packages", [path for path in PIECES if path.name.endswith("-packages-nr")], ids=name)
def test_package_files_have_two_lines(packages: Path) -> None:
    """pi-gen does not strip the comment of a one-line file and asks APT for a package named #."""
    assert len(packages.read_text().splitlines()) >= 2


@pytest.mark.parametrize("script", SCRIPTS, ids=name)
def test_scripts_use_the_interface_alone(script: Path) -> None:
    """No network, nothing of the runner's own; and no APT, but to purge what pi-gen's stages brought."""
    allowed = {"apt-get"} if script.is_relative_to(IMAGE / "stage-pi") else set()
    named = r"\b(BASE_DIR|WORK_DIR|STAGE\w*|PREV_\w+|FIRST_USER_\w+|apt-get|curl|wget|pip)\b"
    assert set(re.findall(named, code(script))) <= allowed
    assert "install" not in re.findall(r"\bapt-get (?:-\S+ )*(\w+)", code(script))


def test_the_appliance_does_not_know_its_base() -> None:
    for script in SHARED:
        if script.is_relative_to(IMAGE / "stage-inkvm"):
            assert "INKVM_BASE" not in code(script), script


def test_no_host_is_named() -> None:
    """Mirrors come from the building machine's own configuration. Named are where pi-gen is pinned, and whom a device asks for the time."""
    named = {}
    for path in tracked(*LANDING):
        found = [host for host in HOST.findall(path.read_bytes().decode(errors="replace")) if not TIME.fullmatch(host)]
        if found:
            named[name(path)] = found
    assert set(named) == {"image/lock/pi-gen"}, named


def test_pins_are_complete() -> None:
    url, commit = (IMAGE / "lock/pi-gen").read_text().split()
    assert url.startswith("https://")
    assert re.fullmatch("[0-9a-f]{40}", commit)
    wheels = [line for line in (IMAGE / "lock/wheels.txt").read_text().splitlines() if not line.startswith("#")]
    assert wheels
    for line in wheels:
        assert re.fullmatch(r"[a-z]+==[0-9.]+ --hash=sha256:[0-9a-f]{64}", line)


def test_every_package_that_a_stage_names_is_locked() -> None:
    """A changed list of packages needs `make lock`."""
    locked = {package.name for package in parse((IMAGE / "lock/debian").read_text(), "image/lock/debian").packages}
    lists = [path for stage in ("stage-debian", "stage-inkvm") for path in (IMAGE / stage).glob("*/*-packages-nr")]
    assert lists
    named = {line for path in lists for line in re.sub("(?m)#.*$", "", path.read_text()).split()}
    assert named - locked == set()


def test_the_board_gets_no_bench() -> None:
    """The stand-ins for hardware are in the Debian base's stage, and the board is not made of it."""
    assert stage_list("raspberrypi") == [
        "/pi-gen/stage0",
        "/pi-gen/stage1",
        f"{IMAGE}/stage-pi",
        f"{IMAGE}/stage-inkvm",
    ]
    assert stage_list("debian") == [f"{IMAGE}/stage-debian", f"{IMAGE}/stage-inkvm"]
    for path in tracked("rootfs-overlay", "firmware-config", "image/stage-pi", "image/stage-inkvm", "image/export"):
        assert not re.search("vivid|dummy_hcd|--simulate|01-bench", path.read_text()), path
