"""The daemon and root's one-shot together: what else the target sees, and a keyboard that is there meanwhile."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from evdev import ecodes

from app.gadget import request
from app.gadget.apply import Gadget
from tests.kernel.guest import target
from tests.kernel.guest.appliance import Appliance, Browser, Control
from tests.kernel.guest.bridge import Bridge
from tests.kernel.guest.conftest import CONFIGFS, UDC

REFUSAL = "hid.keyboard 1 + hid.pointer 1 + hid.mouse 1 + hid.media 1 + acm.serial 2 + ncm.network 2 = 8 IN endpoints"


class Board:
    """The state folder, and what systemd does there: it starts the one-shot."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.state = folder / "state"

    def one_shot(self) -> subprocess.CompletedProcess[str]:
        """The command of both units."""
        command = [sys.executable, "-m", "app.gadget", "up", "--state", str(self.state)]
        return subprocess.run(command, capture_output=True, text=True)


@pytest.fixture
def board(gadget: Gadget, tmp_path: Path) -> Board:
    """The gadget is up before the daemon has ever run."""
    result = Board(tmp_path)
    assert result.one_shot().stdout == f"gadget: up on {UDC}\n"
    return result


@pytest.fixture
def appliance(board: Board) -> Iterator[Appliance]:
    result = Appliance(board.folder)
    result.ready()
    yield result
    result.stop()


def _device_number() -> str:
    """New at every enumeration."""
    device = target.wait_for(target.usb_device, "device")
    return (device / "devnum").read_text()


async def _types(control: Control) -> None:
    with target.opened(target.KEYBOARD) as keyboard:
        for pressed in (True, False):
            await control.send("key", key="KeyA", state=pressed)
        assert await asyncio.to_thread(target.events, keyboard, 2) == [
            (ecodes.EV_KEY, ecodes.KEY_A, 1),
            (ecodes.EV_KEY, ecodes.KEY_A, 0),
        ]


def _drive(pattern: str) -> Path | None:
    device = target.usb_device()
    found = list(device.glob(f"*:1.*/host*/target*/*/{pattern}")) if device else []
    return found[0] if found else None


async def test_switching_gives_the_target_more_and_the_daemon_keeps_typing(board: Board, appliance: Appliance) -> None:
    subprocess.run(["modprobe", "-a", "usb_storage", "sd_mod", "cdc_acm"], check=True)
    major = {node.stat().st_rdev >> 8 for node in Path("/dev").glob("hidg?")}
    browser = await Browser.log_in()
    async with browser.control() as control:
        await control.state("usb", state="configured", profile=[])
        await _types(control)
        number = _device_number()
        asked = await browser.post("/api/usb/profile", extras=["storage", "serial"])
        assert asked == {"extras": ["storage", "serial"], "disconnects": True}
        assert _device_number() == number, "only root's one-shot changes what the target sees"
        assert (await asyncio.to_thread(board.one_shot)).returncode == 0
        await control.state("usb", state="configured", profile=["storage", "serial"])
        await _types(control)
        assert {node.stat().st_rdev >> 8 for node in Path("/dev").glob("hidg?")} == major
        drive = await asyncio.to_thread(target.wait_for, lambda: _drive("block/sd?"), "drive")
        assert (drive / "removable").read_text() == "1\n"
        assert (drive / "size").read_text() == "0\n"
        about = [(drive / "device" / name).read_text().strip() for name in ("vendor", "model", "rev")]
        assert about == ["inkvm", "Virtual drive", "0100"]
        assert Path("/dev/ttyGS0").exists()
        assert Path("/dev/ttyACM0").exists()


async def test_what_does_not_fit_changes_nothing_and_is_told(board: Board, appliance: Appliance) -> None:
    browser = await Browser.log_in()
    async with browser.control() as control:
        await _types(control)
        number = _device_number()
        (board.state / request.REQUEST).write_text("serial network\n")
        result = await asyncio.to_thread(board.one_shot)
        assert (result.returncode, result.stdout) == (1, f"gadget: already up on {UDC}\n")
        assert result.stderr == f"gadget: not as asked: {REFUSAL}, the USB controller has 7\n"
        await control.state("usb", state="configured", profile=[], refusal=f"{REFUSAL}, the USB controller has 7")
        assert _device_number() == number
        await _types(control)
        await browser.post("/api/usb/profile", extras=[])
        assert (await asyncio.to_thread(board.one_shot)).stdout == f"gadget: already up on {UDC}\n"
        await control.state("usb", refusal="")
        assert _device_number() == number


async def test_target_gets_a_network_adapter_with_the_devices_own_end(board: Board, appliance: Appliance) -> None:
    subprocess.run(["modprobe", "cdc_ncm"], check=True)
    browser = await Browser.log_in()
    async with browser.control() as control:
        await browser.post("/api/usb/profile", extras=["network"])
        assert (await asyncio.to_thread(board.one_shot)).returncode == 0
        await control.state("usb", state="configured", profile=["network"])
        await _types(control)
        (ours,) = (CONFIGFS / "usb_gadget/inkvm/functions").glob("ncm.*/ifname")
        name = ours.read_text().strip()
        kind = Path("/sys/class/net", name, "uevent").read_text().splitlines()
        assert "DEVTYPE=gadget" in kind, "which our rule for udev goes by"
        device = target.usb_device()
        assert device is not None
        adapter = await asyncio.to_thread(target.wait_for, lambda: next(device.glob("*:1.*/net/*"), None), "adapter")
        host = (CONFIGFS / "usb_gadget/inkvm/functions/ncm.network/host_addr").read_text()
        assert (adapter / "address").read_text().strip() == host.rstrip("\0\n")


async def test_daemon_that_dies_and_starts_again_never_disconnects_the_target(board: Board) -> None:
    with target.opened(target.KEYBOARD):
        number = _device_number()
    for end in (Appliance.kill, Appliance.stop, Appliance.kill):
        daemon = Appliance(board.folder)
        daemon.ready()
        browser = await Browser.log_in()
        async with browser.control() as control:
            await _types(control)
        await asyncio.to_thread(end, daemon)
        assert _device_number() == number
    with target.opened(target.KEYBOARD):
        assert _device_number() == number


DRIVER = Path("/sys/bus/platform/drivers/dummy_udc")
GOES_AND_COMES = {
    "module": (lambda: _run("rmmod"), lambda: _run("modprobe")),
    "driver": (lambda: (DRIVER / "unbind").write_text(UDC), lambda: (DRIVER / "bind").write_text(UDC)),
}


def _run(command: str) -> None:
    subprocess.run([command, "dummy_hcd"], check=True)


@pytest.mark.parametrize("what", GOES_AND_COMES)
async def test_a_controller_that_comes_back_has_the_gadget_again(board: Board, appliance: Appliance, what: str) -> None:
    """The kernel sees to that: the gadget stays registered for a controller of that name, and nobody is asked."""
    goes, comes = GOES_AND_COMES[what]
    browser = await Browser.log_in()
    async with browser.control() as control:
        await _types(control)
        await asyncio.to_thread(goes)
        await control.state("usb", state="absent", profile=None)
        await asyncio.to_thread(comes)
        await control.state("usb", state="configured", profile=[])
        await _types(control)
        assert (await asyncio.to_thread(board.one_shot)).stdout == f"gadget: already up on {UDC}\n"


async def test_keys_arrive_without_any_picture(board: Board, appliance: Appliance, bridge: Bridge) -> None:
    browser = await Browser.log_in()
    async with browser.control() as control:
        await asyncio.to_thread(bridge.no_signal)
        await control.state("signal", state="no_power")
        await _types(control)
