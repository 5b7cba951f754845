"""The output on the real f_hid while the host resets the device, or the gadget is made anew, under it."""

from __future__ import annotations

import asyncio
import fcntl
import os
import select
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from evdev import InputDevice, ecodes

from app.gadget.apply import Gadget
from app.gadget.plan import Plan
from app.hid.hidg import HidgPort
from app.hid.mouse import Pointer, newest
from app.hid.output import Output
from tests.kernel.guest import target
from tests.kernel.guest.conftest import UDC

RESET = 0x5514
"""USBDEVFS_RESET of linux/usbdevice_fs.h."""
PLACE = (12_345, 23_456)


class Pointing:
    """A pointer whose reports go through an output."""

    def __init__(self, folder: Path) -> None:
        self.pointer = Pointer()
        self.lost: list[str] = []
        self.output = Output(
            HidgPort("hid.pointer", folder),
            asyncio.get_running_loop(),
            self.pointer.report,
            self.pointer.release,
            lost=lambda _count, why: self.lost.append(why),
        )
        self.output.renew()
        self._node = HidgPort("hid.pointer", folder)

    def point(self) -> None:
        """To the place."""
        self.output.send(self.pointer.move(*PLACE), newest)

    async def full(self) -> None:
        """Return when the kernel has as many reports as it takes, for a host that takes none."""
        await until(lambda: not select.select([], [self._node], [], 0)[1], "the kernel has room for reports")
        self._node.close()

    async def stop(self) -> None:
        self._node.close()
        await self.output.stop()


@pytest.fixture
async def pointing(folder: Path) -> Iterator[Pointing]:  # type: ignore[misc]
    result = Pointing(folder)
    yield result
    await result.stop()


async def until(what: Callable[[], bool], words: str) -> None:
    """Look until it is so; the output works meanwhile."""
    deadline = time.monotonic() + target.PATIENCE
    while not what():
        assert time.monotonic() < deadline, f"{words}, {target.PATIENCE} s long"
        await asyncio.sleep(0.01)


def place(device: InputDevice[str]) -> tuple[int, int]:
    """Where the host has the pointer."""
    x, y = (device.absinfo(axis).value for axis in (ecodes.ABS_X, ecodes.ABS_Y))
    return x, y


@asynccontextmanager
async def opened() -> AsyncIterator[InputDevice[str]]:
    """The pointer on the host, opened while the output goes on."""
    manager = target.opened(target.POINTER)
    device = await asyncio.to_thread(manager.__enter__)
    try:
        yield device
    finally:
        manager.__exit__(None, None, None)


async def rebuild(gadget: Gadget, wanted: Plan) -> None:
    """Another gadget, as a change of profile makes it."""
    await asyncio.to_thread(gadget.down)
    await asyncio.to_thread(target.unplugged)
    await asyncio.to_thread(gadget.up, wanted, UDC)
    await asyncio.to_thread(target.wait_for, target.usb_device, "device")


def reset(device: Path) -> None:
    """The host resets the device; its drivers stay."""
    number, bus = ((device / name).read_text().strip() for name in ("devnum", "busnum"))
    node = os.open(f"/dev/bus/usb/{int(bus):03}/{int(number):03}", os.O_WRONLY)
    try:
        fcntl.ioctl(node, RESET)
    finally:
        os.close(node)


async def test_another_gadget_has_the_pointer_where_it_was_though_nobody_listened_at_first(
    pointing: Pointing, gadget: Gadget, wanted: Plan
) -> None:
    async with opened() as device:
        pointing.point()
        await until(lambda: place(device) == PLACE, "the pointer is elsewhere at first")
    await rebuild(gadget, wanted)
    await pointing.full()
    async with opened() as device:
        await until(lambda: place(device) == PLACE, "the pointer is elsewhere")


async def test_a_node_that_waits_for_a_host_is_left_with_its_gadget(
    pointing: Pointing, gadget: Gadget, wanted: Plan
) -> None:
    for _ in range(4):
        pointing.point()
        await asyncio.sleep(0)
    await pointing.full()
    await rebuild(gadget, wanted)
    async with opened() as device:
        await until(lambda: place(device) == PLACE, "the pointer is elsewhere")


async def test_a_reset_lets_go_of_the_button_and_tells(pointing: Pointing) -> None:
    usb = target.wait_for(target.usb_device, "device")
    async with opened() as device:
        pointing.point()
        pointing.output.send(pointing.pointer.button("left", True))
        await until(lambda: device.active_keys() == [ecodes.BTN_LEFT], "the button is not down")
        await asyncio.to_thread(reset, usb)
        await until(lambda: device.active_keys() == [], "the button stays down")
        assert pointing.pointer.held == ()
        assert len(pointing.lost) == 1
        assert place(device) == PLACE
