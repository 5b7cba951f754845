"""The files that land verbatim: what is started, and under which accounts."""

from __future__ import annotations

import configparser
import re
import shutil
import subprocess
from pathlib import Path

import pytest

OVERLAY = Path(__file__).resolve().parents[2] / "rootfs-overlay"
UNITS = sorted((OVERLAY / "usr/lib/systemd/system").glob("*.service"))
EXPOSURE = {"inkvm.service": 25, "inkvm-epaper.service": 15, "inkvm-gadget.service": 20, "inkvm-access.service": 60}
"""The most that systemd's own audit may find, in tenths."""


def unit(path: Path) -> dict[str, list[str]]:
    """Every setting with all its values, sections left aside."""
    settings: dict[str, list[str]] = {}
    for key, value in re.findall(r"(?m)^(\w+)=(.*)$", path.read_text()):
        settings.setdefault(key, []).append(value)
    return settings


def accounts() -> set[str]:
    """Users and groups that sysusers makes."""
    lines = (OVERLAY / "usr/lib/sysusers.d/inkvm.conf").read_text().splitlines()
    return {line.split()[1] for line in lines if line and not line.startswith("#")}


@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.name)
def test_unit_is_enabled_where_it_says(path: Path) -> None:
    """The root file system is read-only: the links of `systemctl enable` are part of it."""
    parser = configparser.RawConfigParser(strict=False)
    parser.read_string(path.read_text())
    link = OVERLAY / f"etc/systemd/system/{parser['Install']['WantedBy']}.wants" / path.name
    assert link.is_symlink()
    assert str(link.readlink()) == f"/usr/lib/systemd/system/{path.name}"


@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.name)
def test_accounts_exist(path: Path) -> None:
    settings = unit(path)
    named = settings.get("User", []) + " ".join(settings.get("SupplementaryGroups", [])).split()
    assert set(named) <= accounts() | {"video"}


def test_only_the_one_shots_are_root() -> None:
    assert [path.name for path in UNITS if "User" not in unit(path)] == ["inkvm-access.service", "inkvm-gadget.service"]


def test_account_numbers_are_fixed() -> None:
    """Files on the data partition outlive the system that named their owner."""
    for line in (OVERLAY / "usr/lib/sysusers.d/inkvm.conf").read_text().splitlines():
        assert line.startswith("#") or re.match(r"[gu] \S+ +\d", line), line


def test_the_panel_cannot_type() -> None:
    """It may read the status; the group that may write input reports is not its own."""
    groups = " ".join(unit(OVERLAY / "usr/lib/systemd/system/inkvm-epaper.service")["SupplementaryGroups"]).split()
    assert "inkvm" in groups
    assert "inkvm-hid" not in groups


def test_the_panel_reaches_the_kernel_and_the_daemon_and_nobody_else() -> None:
    settings = unit(OVERLAY / "usr/lib/systemd/system/inkvm-epaper.service")
    assert settings["RestrictAddressFamilies"] == ["AF_NETLINK AF_UNIX"]
    assert settings["IPAddressDeny"] == ["any"]
    assert settings["DeviceAllow"] == ["char-spi rw", "char-gpiochip rw"]
    assert settings["ReadWritePaths"] == ["-/var/lib/inkvm/panel"]


def test_the_panel_may_pass_to_its_folder_and_not_look_around() -> None:
    made = unit(OVERLAY / "usr/lib/systemd/system/inkvm-epaper.service")["ExecStartPre"]
    assert [line.split(" -d ")[1] for line in made] == [
        "-o inkvm -g inkvm -m 0710 /var/lib/inkvm",
        "-o inkvm-epaper -g inkvm -m 0700 /var/lib/inkvm/panel",
    ]
    assert unit(OVERLAY / "usr/lib/systemd/system/inkvm.service")["StateDirectoryMode"] == ["0710"]


def test_no_secret_is_shipped() -> None:
    for path in OVERLAY.rglob("*"):
        if path.is_file() and not path.is_symlink():
            assert not re.search(r"(?i)password\s*=|BEGIN [A-Z ]*PRIVATE KEY|INKVM_ADMIN_PASSWORD", path.read_text()), (
                path
            )


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed")
@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.name)
def test_exposure(path: Path) -> None:
    limit = f"--threshold={EXPOSURE[path.name]}"
    command = ["systemd-analyze", "security", "--offline=true", "--no-pager", limit, str(path)]
    audit = subprocess.run(command, capture_output=True, text=True)
    assert audit.returncode == 0, audit.stdout + audit.stderr
