"""The gadget's folder in the real ConfigFS, and what the host makes of it."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

import pytest

from app.gadget.apply import ControllerBusyError, Gadget
from app.gadget.plan import INPUT, Entry, Folder, GadgetError, Identity, plan
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


def test_host_sees_the_identity_and_three_boot_or_plain_interfaces(folder: Path) -> None:
    with target.opened(target.KEYBOARD), target.opened(target.POINTER), target.opened(target.MOUSE):
        device = target.usb_device()
        assert device is not None
        strings = [(device / name).read_text().strip() for name in ("manufacturer", "product", "serial")]
        assert strings == ["inkvm", "KVM", "0123"]
        assert (device / "bMaxPower").read_text().strip() == "250mA"
        assert (device / "bmAttributes").read_text().strip() == "a0"
        interfaces = [next(device.glob(f"*:1.{number}")) for number in range(3)]
        assert [
            ((path / "bInterfaceSubClass").read_text().strip(), (path / "bInterfaceProtocol").read_text().strip())
            for path in interfaces
        ] == [("01", "01"), ("00", "00"), ("01", "02")]
        assert [(path / "bNumEndpoints").read_text().strip() for path in interfaces] == ["01", "01", "01"]
    assert Controller(SYSFS).state() == "configured"


@pytest.mark.parametrize("share", [0.0, 0.2, 0.5, 0.9, 1.0])
def test_half_built_tree_is_completed(gadget: Gadget, wanted: tuple[Entry, ...], share: float) -> None:
    # What a run leaves that is killed after a part of its work; after all of it, only the binding is missing.
    gadget._build(wanted[: round(share * len(wanted))])
    assert gadget.up(wanted, UDC)
    assert not gadget.up(wanted, UDC)
    with target.opened(target.MOUSE):
        pass


def test_gadget_of_another_plan_is_replaced(gadget: Gadget, wanted: tuple[Entry, ...]) -> None:
    gadget.up(plan(Identity("Something else", None), INPUT[:1]), UDC)
    assert gadget.up(wanted, UDC)
    assert (ROOT / "strings/0x409/product").read_text() == "KVM\n"
    assert sorted(path.name for path in (ROOT / "functions").iterdir()) == ["hid.keyboard", "hid.mouse", "hid.pointer"]


def test_strange_function_is_removed(gadget: Gadget, wanted: tuple[Entry, ...], folder: Path) -> None:
    (folder / "functions/mass_storage.x/lun.1").mkdir(parents=True)
    assert gadget.up(wanted, UDC)
    assert sorted(path.name for path in (folder / "functions").iterdir()) == [
        "hid.keyboard",
        "hid.mouse",
        "hid.pointer",
    ]


def test_foreign_gadget_keeps_its_controller(wanted: tuple[Entry, ...], gadget: Gadget) -> None:
    foreign = Gadget(CONFIGFS, "g1")
    foreign.up(wanted, UDC)
    try:
        with pytest.raises(ControllerBusyError, match=r"dummy_udc\.0 is used by another gadget: .*/usb_gadget/g1"):
            gadget.up(wanted, UDC)
        assert not ROOT.exists()
        assert (CONFIGFS / "usb_gadget/g1/UDC").read_text() == f"{UDC}\n"
    finally:
        foreign.down()


def test_kernel_without_a_node_or_a_function_says_which(gadget: Gadget, wanted: tuple[Entry, ...]) -> None:
    foreign = Gadget(CONFIGFS, "g1")
    foreign._build(wanted)
    try:
        with pytest.raises(GadgetError, match=r"no hid node is left for hid\.pointer: other gadgets have them"):
            gadget.up(wanted, UDC)
    finally:
        foreign.down()
    with pytest.raises(GadgetError, match=r"no USB function 'nonsense': load the module usb_f_nonsense"):
        gadget.up([Folder("functions/nonsense.0")], UDC)


def test_refusal_of_the_controller_is_reported_in_words(gadget: Gadget, wanted: tuple[Entry, ...]) -> None:
    with pytest.raises(GadgetError, match=r"nothing\.0 refuses the gadget \(EBUSY\)"):
        gadget.up(wanted, "nothing.0")


def test_missing_configfs_is_reported_in_words(tmp_path: Path, wanted: tuple[Entry, ...]) -> None:
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
