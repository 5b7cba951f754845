"""The gadget's folder in the real ConfigFS, and what the host makes of it."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

import pytest

from app.gadget.apply import ControllerBusyError, Gadget
from app.gadget.functions import planned
from app.gadget.plan import Folder, GadgetError, Identity, Plan
from app.gadget.udc import Controller, NoControllerError
from tests.kernel.guest import target
from tests.kernel.guest.conftest import CONFIGFS, UDC

SYSFS = Path("/sys")
ROOT = CONFIGFS / "usb_gadget" / "inkvm"


def _command(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "app.gadget", *arguments], capture_output=True, text=True)


def test_command_is_idempotent_both_ways(gadget: Gadget) -> None:
    results = [_command(action) for action in ("up", "up", "down", "down", "up")]
    assert [result.returncode for result in results] == [0, 0, 0, 0, 0], results
    assert [result.stdout for result in results] == [
        f"gadget: up on {UDC}\n", f"gadget: already up on {UDC}\n", "", "", f"gadget: up on {UDC}\n",
    ]  # fmt: skip
    assert (ROOT / "UDC").read_text() == f"{UDC}\n"


def test_command_says_what_is_missing_in_one_line() -> None:
    result = _command("up", "--udc", "3f980000.usb", "--wait", "0.1")
    assert result.returncode == 1
    assert result.stderr.startswith("gadget: no USB device controller 3f980000.usb in /sys/class/udc after 0.1 s")
    assert result.stderr.count("\n") == 1
    assert not ROOT.exists()


def test_host_sees_the_identity_and_four_boot_or_plain_interfaces(gadget: Gadget) -> None:
    gadget.up(planned(Identity("KVM", "0123"), ()), UDC)
    with target.opened(target.KEYBOARD), target.opened(target.POINTER), target.opened(target.MOUSE):
        device = target.usb_device()
        assert device is not None
        strings = [(device / name).read_text().strip() for name in ("manufacturer", "product", "serial")]
        assert strings == ["inkvm", "KVM", "0123"]
        assert (device / "bMaxPower").read_text().strip() == "250mA"
        assert (device / "bmAttributes").read_text().strip() == "80"
        interfaces = [next(device.glob(f"*:1.{number}")) for number in range(4)]
        assert [
            ((path / "bInterfaceSubClass").read_text().strip(), (path / "bInterfaceProtocol").read_text().strip())
            for path in interfaces
        ] == [("01", "01"), ("00", "00"), ("01", "02"), ("00", "00")]
        assert [(path / "bNumEndpoints").read_text().strip() for path in interfaces] == ["01"] * 4
    assert Controller(SYSFS).state() == "configured"


def test_foreign_gadget_keeps_its_controller(wanted: Plan, gadget: Gadget) -> None:
    foreign = Gadget(CONFIGFS, "g1")
    foreign.up(wanted, UDC)
    try:
        with pytest.raises(ControllerBusyError, match=r"dummy_udc\.0 is used by another gadget: .*/usb_gadget/g1"):
            gadget.up(wanted, UDC)
        assert not ROOT.exists()
        assert (CONFIGFS / "usb_gadget/g1/UDC").read_text() == f"{UDC}\n"
    finally:
        foreign.down()


def test_kernel_without_a_node_or_a_function_says_which(gadget: Gadget, wanted: Plan) -> None:
    foreign = Gadget(CONFIGFS, "g1")
    for entry in wanted.entries:
        foreign.perform(entry)
    try:
        with pytest.raises(GadgetError, match=r"no hid node is left for hid\.keyboard: other gadgets have them"):
            gadget.up(wanted, UDC)
    finally:
        foreign.down()
    with pytest.raises(GadgetError, match=r"no USB function 'nonsense': load the module usb_f_nonsense"):
        gadget.perform(Folder("functions/nonsense.0"))


def test_refusal_of_the_controller_is_reported_in_words(gadget: Gadget, wanted: Plan) -> None:
    with pytest.raises(GadgetError, match=r"USB controller nothing\.0 is not there \(EBUSY\)"):
        gadget.up(wanted, "nothing.0")


def test_missing_configfs_is_reported_in_words(tmp_path: Path, wanted: Plan) -> None:
    with pytest.raises(GadgetError, match=r"usb_gadget does not exist: mount configfs there"):
        Gadget(tmp_path, "inkvm").up(wanted, UDC)


def test_controller_is_awaited_until_it_appears() -> None:
    subprocess.run(["rmmod", "dummy_hcd"], check=True)
    controller = Controller(SYSFS)
    assert (controller.name(), controller.state()) == (None, "absent")
    with pytest.raises(NoControllerError):
        controller.wait(0.0)
    names: list[str] = []
    waiting = threading.Thread(target=lambda: names.append(controller.wait(target.PATIENCE)))
    waiting.start()
    subprocess.run(["modprobe", "dummy_hcd"], check=True)
    waiting.join()
    assert names == [UDC]
    assert controller.state() == "not attached"
