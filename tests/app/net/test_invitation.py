from __future__ import annotations

import re
from pathlib import Path

import pytest

from app.chance import Chance
from app.net.invitation import invitation


def test_it_is_made_once_and_only_the_daemon_reads_it(tmp_path: Path) -> None:
    first = invitation(tmp_path, "10000000a1b24F2A", Chance())
    assert first.ssid == "inkvm-4f2a"
    assert re.fullmatch("[a-z2-9]{12}", first.passphrase)
    assert (tmp_path / "hotspot.json").stat().st_mode & 0o777 == 0o600
    assert invitation(tmp_path, "10000000a1b24F2A", Chance()) == first


def test_no_two_devices_have_the_same(tmp_path: Path) -> None:
    folders = [tmp_path / str(number) for number in range(20)]
    for folder in folders:
        folder.mkdir()
    assert len({invitation(folder, "4f2a", Chance()).passphrase for folder in folders}) == 20


@pytest.mark.parametrize("serial", [None, "", "xyz!"])
def test_without_a_serial_number_the_name_is_random(tmp_path: Path, serial: str | None) -> None:
    assert re.fullmatch("inkvm-[0-9a-f]{4}", invitation(tmp_path, serial, Chance()).ssid)


@pytest.mark.parametrize("content", [b"", b"{}", b"[1]", b"\xff", b'{"ssid": "x"'])
def test_a_broken_file_is_made_anew(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "hotspot.json").write_bytes(content)
    made = invitation(tmp_path, "4f2a", Chance())
    assert made.ssid == "inkvm-4f2a"
    assert invitation(tmp_path, "4f2a", Chance()) == made
