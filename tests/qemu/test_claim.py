"""The first boot of the image: from the panel's QR code to the picture in three actions, in Chromium."""

from __future__ import annotations

import base64
import binascii
import io
import re
import time
from pathlib import Path
from urllib.parse import urlsplit

import zxingcpp
from PIL import Image
from playwright.sync_api import Browser, expect

from tests.browser.conftest import chromium  # noqa: F401  # a fixture
from tests.qemu.conftest import needed
from tests.qemu.machine import Machine, unpacked

SCRIPT = Path(__file__).with_name("guest") / "claim.py"
PATIENCE = 900.0
OWN = "battery staple"


def read_off_the_glass(machine: Machine) -> str:
    """What a telephone reads, once the panel shows a code."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        console = machine.console.read_text(errors="replace")
        for picture in reversed(re.findall(r"(?m)^glass: (\S+)\r?$", console)):
            try:
                glass = Image.open(io.BytesIO(base64.b64decode(picture))).convert("L")
            except (binascii.Error, OSError):
                continue  # the kernel's own messages may stand in between
            enlarged = glass.resize((glass.width * 4, glass.height * 4), Image.Resampling.NEAREST)
            for found in zxingcpp.read_barcodes(enlarged):
                return found.text
        time.sleep(1)  # the console has no event
    raise AssertionError(f"no QR code on the panel\n{machine.tail()}")


def test_from_the_glass_to_the_picture_in_three_actions(chromium: Browser) -> None:  # noqa: F811
    needed()
    with Machine("virt", unpacked(), script=SCRIPT.read_text()) as machine:
        machine.wait_for_https(timeout=PATIENCE)
        url = urlsplit(read_off_the_glass(machine))
        assert re.fullmatch(r"claim=[2-9A-Z]{5}-[2-9A-Z]{5}", url.fragment)
        assert url.hostname == "10.0.2.15", "the address that QEMU gives the machine"
        context = chromium.new_context(ignore_https_errors=True)
        page = context.new_page()
        page.goto(f"https://localhost:{machine.port}/#{url.fragment}", timeout=120_000)  # one
        page.get_by_label("New password").fill(OWN, timeout=120_000)  # two
        page.get_by_role("button", name="Claim this device").click()  # three
        expect(page.locator(".pill")).to_have_text("Live", timeout=240_000)
        assert urlsplit(page.url).fragment == ""
        # Root's one-shot issued the certificate, and its key is not the daemon's to read.
        machine.wait_for_console("authority's key: root 600")
        machine.wait_for_console("leaf's key: inkvm 600")
        # The code died with its use: another browser is asked for the password.
        other = chromium.new_context(ignore_https_errors=True).new_page()
        other.goto(f"https://localhost:{machine.port}/#{url.fragment}", timeout=120_000)
        expect(other.get_by_role("button", name="Log in")).to_be_visible(timeout=120_000)
        context.close()
