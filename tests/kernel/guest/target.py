"""The machine at the other end of the USB cable: the same kernel, through dummy_hcd, hid-generic and evdev."""

from __future__ import annotations

import os
import select
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TypeVar

import evdev

T = TypeVar("T")

_REPEATED = 2
"""Value of a key's event, beside 1 and 0 (Documentation/input/event-codes.rst)."""

KEYBOARD, POINTER, MOUSE, MEDIA = 0, 1, 2, 3
"""Interface numbers, in the order of the gadget's functions."""

PATIENCE = float(os.environ.get("INKVM_PATIENCE", "30"))
"""Seconds until something that does not come counts as a failure; more on a machine that is very busy."""


def usb_device() -> Path | None:
    """Our device in the host's sysfs."""
    for product in Path("/sys/bus/usb/devices").glob("*/idProduct"):
        try:
            if product.read_text() == "0104\n":
                return product.parent
        except OSError:
            continue  # it is just going away
    return None


def wait_for(look: Callable[[], T | None], what: str) -> T:
    """The first answer that is not None or False; asked again at every device event of the kernel."""
    deadline = time.monotonic() + PATIENCE
    with socket.socket(socket.AF_NETLINK, socket.SOCK_DGRAM, 15) as events:
        events.bind((0, 1))
        # Some attributes change without an event, so that silence is a reason to look again as well.
        events.settimeout(0.1)
        while not (found := look()):
            assert time.monotonic() < deadline, f"no {what} after {PATIENCE} s"
            with suppress(TimeoutError):
                events.recv(8192)
    return found


def unplugged() -> None:
    """Return when the host has noticed that the device is gone."""
    wait_for(lambda: usb_device() is None, "disconnect")


@contextmanager
def asleep() -> Iterator[None]:
    """The host suspends the bus, and resumes it afterwards. It does so only while no lock LED is lit."""
    device = usb_device()
    assert device is not None
    (device / "power/autosuspend_delay_ms").write_text("100")
    (device / "power/control").write_text("auto")
    wait_for(lambda: (device / "power/runtime_status").read_text() == "suspended\n", "suspend")
    try:
        yield
    finally:
        (device / "power/control").write_text("on")


def _node(interface: int, name: str) -> Path | None:
    device = usb_device()
    inputs = device.glob(f"*:1.{interface}/*/input/input*/event*") if device else []
    found = [node for node in inputs if (node.parent / "name").read_text().endswith(f"{name}\n")]
    node = Path("/dev/input", found[0].name) if found else None
    # sysfs has the device a moment before /dev has the node.
    if device is None or node is None or not node.exists():
        return None
    # The host drops reports until its drivers have finished binding, and holds the lock that this reading takes meanwhile.
    return node if (device / "bConfigurationValue").read_text() == "1\n" else None


@contextmanager
def opened(interface: int, name: str = "") -> Iterator[evdev.InputDevice[str]]:
    """The input device of one interface, once the host has bound it; grabbed, so that the console does not type.

    `name` is the end of its name, where the host makes several devices of one interface.
    """
    path = wait_for(lambda: _node(interface, name), f"input device {name} of interface {interface}")
    device = evdev.InputDevice(path)
    device.grab()
    try:
        yield device
    finally:
        # Its own close() asks asyncio for a loop that a test without asyncio does not have.
        os.close(device.fd)
        device.fd = -1


def events(device: evdev.InputDevice[str], count: int) -> list[tuple[int, int, int]]:
    """The next keys, buttons and motion as (type, code, value). What the host repeats by itself while a key is down is none."""
    seen: list[tuple[int, int, int]] = []
    deadline = time.monotonic() + PATIENCE
    while len(seen) < count:
        ready, _, _ = select.select([device], [], [], max(0.0, deadline - time.monotonic()))
        assert ready, f"only {seen} of {count} events after {PATIENCE} s"
        for event in device.read():
            repeated = event.type == evdev.ecodes.EV_KEY and event.value == _REPEATED
            if event.type in (evdev.ecodes.EV_KEY, evdev.ecodes.EV_REL, evdev.ecodes.EV_ABS) and not repeated:
                seen.append((event.type, event.code, event.value))
    return seen
