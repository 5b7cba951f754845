"""From every tree that may be found in the real ConfigFS to the planned one, whenever power goes on the way."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from app.gadget import functions, steps
from app.gadget import plan as plan_module
from app.gadget.apply import Gadget
from app.gadget.functions import planned
from app.gadget.plan import GADGET, Attribute, Function, GadgetError, Identity, Plan
from app.gadget.steps import Step
from tests.conftest import EFFORT
from tests.kernel.guest import target
from tests.kernel.guest.conftest import CONFIGFS, UDC

ROOT = CONFIGFS / "usb_gadget" / GADGET
IDENTITY = Identity("KVM", "0123456789abcdef")
INPUT, STORAGE_SERIAL, NETWORK = (planned(IDENTITY, extras) for extras in ((), ("storage", "serial"), ("network",)))


class Doomed(Gadget):
    """Dies before the given step, as by a power cut."""

    def __init__(self, last: int) -> None:
        super().__init__(CONFIGFS, GADGET)
        self._left = last

    def perform(self, step: Step, endpoints: str = "") -> None:
        if self._left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        self._left -= 1
        super().perform(step, endpoints)


def _dies(last: int, plan: Plan) -> bool:
    """Apply the plan in a process that is killed before its step number `last`; whether it got there."""
    child = os.fork()
    if child == 0:
        Doomed(last).up(plan, UDC)
        os._exit(0)
    _pid, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0
    return os.WIFSIGNALED(status)


def _tree() -> dict[str, bytes | str | None]:
    """All that the folder holds: folders, links, and what the kernel answers for each attribute."""
    tree: dict[str, bytes | str | None] = {}
    for folder, inner, files in os.walk(ROOT):
        for name in inner:
            path = Path(folder, name)
            tree[str(path)] = str(path.readlink()) if path.is_symlink() else None
        # All but what the kernel finds out itself, and what can only be written.
        for path in (Path(folder, name) for name in files if name not in {"dev", "bMaxPacketSize0", "forced_eject"}):
            tree[str(path)] = path.read_bytes()
    return tree


def _foreign_gadget() -> None:
    """Ours by name alone: another order, another language, two configurations, functions that we do not know."""
    _nothing()
    (ROOT / "strings/0x407").mkdir(parents=True)
    (ROOT / "strings/0x409").mkdir()
    (ROOT / "strings/0x409/serialnumber").write_text("of somebody else")
    for name in ("hid.other", "hid.keyboard", "mass_storage.x", "acm.serial"):
        (ROOT / "functions" / name).mkdir()
    (ROOT / "functions/mass_storage.x/lun.3").mkdir()
    (ROOT / "functions/hid.keyboard/report_desc").write_bytes(b"\x05\x01\x09\x06\xa1\x01\xc0")
    (ROOT / "functions/hid.keyboard/report_length").write_text("8")
    (ROOT / "functions/hid.other/report_desc").write_bytes(b"\x05\x01\x09\x06\xa1\x01\xc0")
    (ROOT / "functions/hid.other/report_length").write_text("8")
    for config, names in (
        ("configs/c.1", ("acm.serial", "hid.other", "hid.keyboard")),
        ("configs/other.2", ("acm.serial",)),
    ):
        (ROOT / config / "strings/0x40c").mkdir(parents=True)
        for name in names:
            (ROOT / config / name).symlink_to(ROOT / "functions" / name)
    (ROOT / "os_desc/use").write_text("1")
    (ROOT / "os_desc/c.1").symlink_to(ROOT / "configs/c.1")
    (ROOT / "idVendor").write_text("0x1234")
    (ROOT / "UDC").write_text(UDC)


def _nested_gadget() -> None:
    """A function with folders and links of its own."""
    _nothing()
    stream = ROOT / "functions/uvc.camera/streaming"
    (stream / "mjpeg/m/720p").mkdir(parents=True)
    (stream / "header/h").mkdir()
    (stream / "header/h/m").symlink_to(stream / "mjpeg/m")
    (stream / "class/fs/h").symlink_to(stream / "header/h")
    (ROOT / "functions/uvc.camera/control/header/h").mkdir()


def _as(plan: Plan) -> Callable[[], object]:
    return lambda: Gadget(CONFIGFS, GADGET).up(plan, UDC)


def _nothing() -> None:
    """No tree at all."""
    Gadget(CONFIGFS, GADGET).down()


FROM_TO = {
    "nothing to input": (_nothing, INPUT),
    "nothing to network": (_nothing, NETWORK),
    "input to storage and serial": (_as(INPUT), STORAGE_SERIAL),
    "storage and serial to network": (_as(STORAGE_SERIAL), NETWORK),
    "network to input": (_as(NETWORK), INPUT),
    "somebody else's to input": (_foreign_gadget, INPUT),
    "nested to storage and serial": (_nested_gadget, STORAGE_SERIAL),
}

STRIDE = 1 if EFFORT > 1 else 4
"""Every step in the soak."""

QUICK = {"nothing to input", "input to storage and serial", "somebody else's to input"}


def _hid_instances() -> list[str]:
    return sorted(path.name for path in (ROOT / "functions").glob("hid.*"))


@pytest.fixture
def nobody() -> Iterator[None]:
    """The host does not look: it would take most of the time."""
    port = Path("/sys/bus/usb/devices/usb1/1-0:1.0/usb1-port1/disable")
    port.write_text("1")
    yield
    port.write_text("0")


@pytest.mark.usefixtures("nobody")
@pytest.mark.parametrize(
    "case", [pytest.param(case, marks=[] if case in QUICK else pytest.mark.soak) for case in FROM_TO]
)
def test_killed_at_every_step_and_run_again_it_ends_as_planned(gadget: Gadget, case: str) -> None:
    start, plan = FROM_TO[case]
    assert Gadget(CONFIGFS, GADGET).up(plan, UDC)
    reference = _tree()
    step, killed = 0, True
    while killed:
        start()
        before = _hid_instances() if ROOT.exists() else []
        killed = _dies(step, plan)
        if case.split(maxsplit=1)[0] in {"input", "storage", "network"}:
            assert _hid_instances() == before, f"step {step}: an instance went away"
        assert gadget.up(plan, UDC) == killed, f"step {step}"
        assert _tree() == reference, f"step {step}"
        assert list(steps.up(gadget._found(plan), plan, UDC)) == []
        step += STRIDE
    print(f"{case}: killed before {'each' if STRIDE == 1 else f'one in {STRIDE}'} of {step - STRIDE} steps")
    assert step > 10


def test_host_sees_the_functions_after_the_last_of_many_switches(gadget: Gadget) -> None:
    for plan in (INPUT, STORAGE_SERIAL, NETWORK, STORAGE_SERIAL):
        assert gadget.up(plan, UDC)
    with target.opened(target.KEYBOARD), target.opened(target.MEDIA, "System Control"):
        device = target.usb_device()
        assert device is not None
        kinds = [(path / "bInterfaceClass").read_text().strip() for path in sorted(device.glob("*:1.*"))]
        assert kinds == ["03", "03", "03", "03", "08", "02", "0a"]
        assert (device / "bcdDevice").read_text().strip() == "0103"


def test_controller_without_enough_endpoints_is_reported_with_the_sum(gadget: Gadget) -> None:
    """dummy_hcd has more than the board's seven; the plan is made without asking whether it fits."""
    hungry = [*functions.INPUT, *(Function(f"{kind}.{number}", 2) for kind in ("acm", "ncm") for number in range(4))]
    entries = tuple(plan_module._entries(IDENTITY, hungry))
    with pytest.raises(GadgetError, match=r"dummy_udc\.0 refuses the gadget \(E(BUSY|NODEV)\), which takes .* = 20 IN"):
        gadget.up(Plan(entries, "4 + 16 = 20 IN endpoints"), UDC)
    assert gadget.functions() is None
    assert gadget.up(INPUT, UDC)
    assert sorted(gadget.functions() or ()) == ["hid.keyboard", "hid.media", "hid.mouse", "hid.pointer"]


def test_linked_attribute_is_reported_in_words(gadget: Gadget) -> None:
    gadget.up(INPUT, UDC)
    with pytest.raises(GadgetError, match=r"hid\.keyboard/report_length cannot be set while it is linked or in use"):
        gadget.perform(Attribute("functions/hid.keyboard/report_length", 9))
    with pytest.raises(GadgetError, match=r"this kernel knows no wakeup_on_write of hid\.keyboard"):
        gadget.perform(Attribute("functions/hid.keyboard/wakeup_on_write", 1))
