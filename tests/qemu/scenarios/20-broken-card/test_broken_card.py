"""A card that fails: the device is controllable from its panel, says what is lost, and lets nobody in that it should not."""

from __future__ import annotations

import os
import random
from pathlib import Path

import pytest

from app.auth import passwords
from app.auth.accounts import Accounts
from app.auth.store import Store
from app.chance import Chance
from tests.client import Client
from tests.qemu.card import extracted, flashed, mounted, place
from tests.qemu.conftest import PASSWORD, needed, script
from tests.qemu.facts import Facts
from tests.qemu.machine import Machine

pytestmark = pytest.mark.soak

HERE = Path(__file__).parent
PATIENCE = 1800.0
DATA = 7
DAEMON = 900, 900
"""The account that sysusers gives it."""


def owned(card: Path, folder: Path) -> None:
    """The device has an owner."""
    part = extracted(card, DATA, folder / "part")
    with mounted(part) as data:
        Accounts(Store(data / "access/accounts.json", DAEMON), {}).create(
            "owner", "admin", passwords.digest(PASSWORD, Chance())
        )
        (data / "media").mkdir()
        (data / "media/large.iso").write_bytes(bytes(2 << 20))
    start, _size = place(card, DATA)
    with card.open("r+b") as disk, part.open("rb") as source:
        disk.seek(start)
        while piece := source.read(1 << 20):
            disk.write(piece)


def test_data_that_cannot_be_read_leaves_a_device_to_be_claimed_from_its_panel(tmp_path: Path) -> None:
    needed()
    card = flashed(tmp_path / "card")
    owned(card, tmp_path)
    start, _size = place(card, DATA)
    with card.open("r+b") as disk:
        os.pwrite(disk.fileno(), random.Random(7).randbytes(64 << 10), start)  # the superblock, and what follows
    with Machine("virt", card, script=script(HERE), keep=True) as machine:
        facts = Facts(machine).until("end", PATIENCE)
        assert facts["faults"] == ["card's data cannot be read, settings are lost"]
        assert (facts["claim"], facts["kept"], facts["panel"]) == (True, "tmpfs", "active")
        assert facts["usb"] == "configured"
        client = Client(f"https://localhost:{machine.port}")
        answer = client.request("GET", "/api/auth/check")
        assert (answer.status, answer.result["error"]) == (401, "Unclaimed")
        assert answer.result["error_msg"].endswith("; card's data cannot be read, settings are lost")
        assert client.login("owner", PASSWORD).status in (401, 403)
        client.close()


def test_a_card_that_takes_no_writes_keeps_its_owner(tmp_path: Path) -> None:
    needed()
    card = flashed(tmp_path / "card")
    owned(card, tmp_path)
    drive = ("-drive", f"if=none,id=card,format=raw,file={card},readonly=on")
    with Machine("virt", card, script=script(HERE), card=drive) as machine:
        facts = Facts(machine).until("end", PATIENCE)
        assert facts["faults"] == ["card takes no more writes, changes are lost"]
        assert (facts["claim"], facts["kept"], facts["panel"]) == (False, "tmpfs", "active")
        assert facts["usb"] == "configured"
        client = Client(f"https://localhost:{machine.port}")
        assert client.login("owner", PASSWORD).status == 200
        assert client.request("GET", "/api/auth/check").status == 200
        client.close()
