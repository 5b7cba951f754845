"""Reports through the real f_hid and usbhid: what arrives at the host, and every refusal on the way."""

from __future__ import annotations

import errno
import select
import struct
from pathlib import Path

import pytest
from evdev import InputDevice, ecodes

from app.gadget.apply import Gadget
from app.gadget.plan import Plan
from app.gadget.udc import Controller
from app.hid.hidg import HidgPort
from tests.kernel.guest import target
from tests.kernel.guest.conftest import UDC

KEY_A = bytes([0, 0, 4, 0, 0, 0, 0, 0])
NONE = bytes(8)


def _position(x: int, y: int) -> bytes:
    return struct.pack("<BHHbb", 0, x, y, 0, 0)


def _awaits(port: HidgPort, event: int) -> None:
    poller = select.poll()
    poller.register(port.fileno(), event)
    assert poller.poll(target.PATIENCE * 1000), "the node did not become ready"


def _send(port: HidgPort, report: bytes) -> None:
    """Write as soon as the report before has gone."""
    _awaits(port, select.POLLOUT)
    port.write(report)


def test_key_goes_down_and_up(folder: Path) -> None:
    port = HidgPort("hid.keyboard", folder)
    with target.opened(target.KEYBOARD) as keyboard:
        _send(port, KEY_A)
        _send(port, NONE)
        assert target.events(keyboard, 2) == [(ecodes.EV_KEY, ecodes.KEY_A, 1), (ecodes.EV_KEY, ecodes.KEY_A, 0)]
    port.close()


def test_every_modifier_and_the_keys_beyond_0x65_arrive(folder: Path) -> None:
    port = HidgPort("hid.keyboard", folder)
    with target.opened(target.KEYBOARD) as keyboard:
        _send(port, bytes([0xFF, 0, 0x68, 0x87, 0, 0, 0, 0]))
        codes = {code for kind, code, value in target.events(keyboard, 10) if (kind, value) == (ecodes.EV_KEY, 1)}
        assert codes == {
            ecodes.KEY_LEFTCTRL, ecodes.KEY_LEFTSHIFT, ecodes.KEY_LEFTALT, ecodes.KEY_LEFTMETA,
            ecodes.KEY_RIGHTCTRL, ecodes.KEY_RIGHTSHIFT, ecodes.KEY_RIGHTALT, ecodes.KEY_RIGHTMETA,
            ecodes.KEY_F13, ecodes.KEY_RO,
        }  # fmt: skip
        _send(port, NONE)
        target.events(keyboard, 10)
    port.close()


def test_pointer_reaches_centre_and_corners_within_the_axes(folder: Path) -> None:
    port = HidgPort("hid.pointer", folder)
    with target.opened(target.POINTER) as pointer:
        for axis in (ecodes.ABS_X, ecodes.ABS_Y):
            info = pointer.absinfo(axis)
            assert (info.min, info.max) == (0, 32767)
        for x, y in [(16384, 16384), (0, 0), (32767, 32767), (0, 32766), (32767, 0)]:
            _send(port, _position(x, y))
            assert target.events(pointer, 2) == [(ecodes.EV_ABS, ecodes.ABS_X, x), (ecodes.EV_ABS, ecodes.ABS_Y, y)]
    port.close()


def _wheels(device: InputDevice[str]) -> list[tuple[int, int, int]]:
    """One step of each wheel: the host adds a high-resolution event to either."""
    return [event for event in target.events(device, 4) if event[1] in (ecodes.REL_WHEEL, ecodes.REL_HWHEEL)]


def test_pointer_has_buttons_wheel_and_pan(folder: Path) -> None:
    port = HidgPort("hid.pointer", folder)
    with target.opened(target.POINTER) as pointer:
        _send(port, struct.pack("<BHHbb", 0xFF, 0, 0, 0, 0))
        assert target.events(pointer, 8) == [
            (ecodes.EV_KEY, code, 1) for code in range(ecodes.BTN_LEFT, ecodes.BTN_TASK + 1)
        ]
        _send(port, _position(0, 0))
        target.events(pointer, 8)
        _send(port, struct.pack("<BHHbb", 0, 0, 0, -1, 1))
        assert _wheels(pointer) == [(ecodes.EV_REL, ecodes.REL_WHEEL, -1), (ecodes.EV_REL, ecodes.REL_HWHEEL, 1)]
    port.close()


def test_mouse_has_buttons_and_moves_relatively_with_wheel_and_pan(folder: Path) -> None:
    port = HidgPort("hid.mouse", folder)
    with target.opened(target.MOUSE) as mouse:
        for pressed in (True, False):
            _send(port, struct.pack("<Bbbbb", 0xFF * pressed, 0, 0, 0, 0))
            assert target.events(mouse, 8) == [
                (ecodes.EV_KEY, code, int(pressed)) for code in range(ecodes.BTN_LEFT, ecodes.BTN_TASK + 1)
            ]
        _send(port, struct.pack("<Bbbbb", 0, -127, 127, 0, 0))
        assert target.events(mouse, 2) == [(ecodes.EV_REL, ecodes.REL_X, -127), (ecodes.EV_REL, ecodes.REL_Y, 127)]
        _send(port, struct.pack("<Bbbbb", 0, 0, 0, 1, -1))
        assert _wheels(mouse) == [(ecodes.EV_REL, ecodes.REL_WHEEL, 1), (ecodes.EV_REL, ecodes.REL_HWHEEL, -1)]
    port.close()


def test_lock_leds_come_back(folder: Path) -> None:
    port = HidgPort("hid.keyboard", folder)
    with target.opened(target.KEYBOARD) as keyboard:
        for led, report in ((ecodes.LED_CAPSL, b"\x02"), (ecodes.LED_NUML, b"\x03")):
            keyboard.set_led(led, 1)
            # The host sends the state at its own pace, that of the moment of binding included.
            while (seen := port.read()) != report:
                assert seen in (None, b"\x00", b"\x01", b"\x02"), seen
                _awaits(port, select.POLLIN)
        assert port.read() is None
    port.close()


def test_deconfigured_host_is_eshutdown_and_comes_back(folder: Path) -> None:
    port = HidgPort("hid.keyboard", folder)
    with target.opened(target.KEYBOARD):
        _send(port, NONE)
        device = target.usb_device()
        assert device is not None
        (device / "authorized").write_text("0")
        with pytest.raises(OSError, match="shutdown") as refused:
            port.write(KEY_A)
        assert refused.value.errno == errno.ESHUTDOWN
        (device / "authorized").write_text("1")
    with target.opened(target.KEYBOARD) as keyboard:
        _send(port, KEY_A)
        _send(port, NONE)
        assert target.events(keyboard, 2) == [(ecodes.EV_KEY, ecodes.KEY_A, 1), (ecodes.EV_KEY, ecodes.KEY_A, 0)]
    port.close()


def test_node_vanishes_with_the_gadget_and_is_found_again(folder: Path, gadget: Gadget, wanted: Plan) -> None:
    port = HidgPort("hid.mouse", folder)
    with target.opened(target.MOUSE):
        _send(port, bytes(5))
    gadget.down()
    target.unplugged()
    with pytest.raises(OSError, match=r"shutdown|not up") as refused:
        port.write(bytes(5))
    assert refused.value.errno in (errno.ESHUTDOWN, errno.ENODEV)
    port.close()
    with pytest.raises(OSError, match="not up") as gone:
        port.fileno()
    assert gone.value.errno == errno.ENODEV
    port.close()
    gadget.up(wanted, UDC)
    with target.opened(target.MOUSE) as mouse:
        _send(port, bytes([0, 5, 0, 0, 0]))
        assert target.events(mouse, 1) == [(ecodes.EV_REL, ecodes.REL_X, 5)]
    port.close()


def test_sleeping_host_takes_two_reports_then_blocks_and_gets_them_on_waking(folder: Path) -> None:
    port = HidgPort("hid.keyboard", folder)
    with target.opened(target.KEYBOARD) as keyboard:
        with target.asleep():
            assert Controller(Path("/sys")).state() == "suspended"
            port.write(KEY_A)
            port.write(NONE)
            with pytest.raises(BlockingIOError):
                port.write(KEY_A)
            assert not select.select([], [port], [], 0)[1]
        _awaits(port, select.POLLOUT)
        assert target.events(keyboard, 2) == [(ecodes.EV_KEY, ecodes.KEY_A, 1), (ecodes.EV_KEY, ecodes.KEY_A, 0)]
        assert Controller(Path("/sys")).state() == "configured"
    port.close()
