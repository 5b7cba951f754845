"""From a message to the host's event, and from a write to it; started by `python3 -m tests.bench.typing`."""

from __future__ import annotations

import asyncio
import fcntl
import statistics
import struct
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from functools import partial
from pathlib import Path

import pytest
from evdev import InputDevice, ecodes

from tests import door
from tests.kernel.guest import target
from tests.kernel.guest.appliance import PORT, Appliance, Browser
from tests.kernel.guest.ears import MONOTONIC, OTHERS
from tests.wire import Wire

FLOOR = Path("/repo/hidwrite")
RUNS = ((1, 10), (100, 200), (1000, 1500))
"""Events a second, and how many."""


@pytest.fixture
def pointer() -> Iterator[InputDevice[str]]:
    """The host's pointer; the other devices are polled as well."""
    with ExitStack() as devices:
        for interface, name in ((target.KEYBOARD, ""), *OTHERS):
            devices.enter_context(target.opened(interface, name))
        pointer = devices.enter_context(target.opened(target.POINTER))
        fcntl.ioctl(pointer.fd, MONOTONIC, struct.pack("i", time.CLOCK_MONOTONIC))
        yield pointer


async def _places(pointer: InputDevice[str], last: int) -> dict[int, float]:
    """When the pointer came to each place, until the last one."""
    came: dict[int, float] = {}
    loop = asyncio.get_running_loop()
    done = loop.create_future()

    def read() -> None:
        for event in pointer.read():
            if (event.type, event.code) == (ecodes.EV_ABS, ecodes.ABS_X):
                came[event.value] = event.timestamp()
                if event.value == last and not done.done():
                    done.set_result(None)

    loop.add_reader(pointer.fd, read)
    try:
        async with asyncio.timeout(4 * target.PATIENCE):
            await done
    finally:
        loop.remove_reader(pointer.fd)
    return came


async def _by_message(
    opened: Callable[[], Wire], pointer: InputDevice[str], rate: int, count: int
) -> tuple[list[float], int]:
    """Seconds from each message to its event."""
    places = asyncio.ensure_future(_places(pointer, count))
    with closing(opened()) as wire:
        sent = await asyncio.to_thread(_sent, wire, rate, count)
        return _took(sent, await places)


def _sent(wire: Wire, rate: int, count: int) -> list[float]:
    """When each message was on the wire."""
    times: list[float] = []
    began = time.monotonic()
    for number in range(1, count + 1):
        wire.live()
        at = 2 * number - 32768
        sealed = wire.sealed("mouse_move", to={"x": at, "y": at})
        time.sleep(max(0.0, began + (number - 1) / rate - time.monotonic()))
        times.append(time.monotonic())
        wire.send(sealed)
    return times


async def _by_write(pointer: InputDevice[str], rate: int, count: int) -> tuple[list[float], int]:
    """Seconds from each write to its event."""
    places = asyncio.ensure_future(_places(pointer, count))
    node = f"/dev/{_pointer_node()}"
    floor = await asyncio.create_subprocess_exec(FLOOR, node, str(rate), str(count), stdout=subprocess.PIPE)
    written, _ = await floor.communicate()
    assert floor.returncode == 0
    return _took([int(line) / 1e9 for line in written.split()], await places)


def _took(sent: list[float], came: dict[int, float]) -> tuple[list[float], int]:
    """Of what came, and how many were made one with a newer one."""
    took = [came[number] - when for number, when in enumerate(sent, 1) if number in came]
    return took, len(sent) - len(took)


def _pointer_node() -> str:
    number = Path("/sys/kernel/config/usb_gadget/inkvm/functions/hid.pointer/dev").read_text()
    return next(node.name for node in Path("/sys/class/hidg").iterdir() if (node / "dev").read_text() == number)


def _told(what: str, rate: int, took: list[float], joined: int) -> str:
    cuts = statistics.quantiles(took, n=100)
    median, p99, last = (1000 * value for value in (statistics.median(took), cuts[98], took[-1]))
    return f"| {what} | {rate} | {median:.2f} | {p99:.2f} | {last:.2f} | {joined} of {len(took) + joined} |"


@pytest.fixture
def plain(tmp_path: Path) -> Iterator[int]:
    """The port of the least that Tornado can do."""
    command = [sys.executable, "-m", "tests.kernel.guest.plain", f"/dev/{_pointer_node()}", door.certificate(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        yield int(server.stdout.readline())
        server.kill()


async def test_from_message_and_from_write_to_event(
    appliance: Appliance, pointer: InputDevice[str], plain: int
) -> None:
    browser = await Browser.log_in()
    async with browser.control() as control:
        await control.state("usb", state="configured")
    for rate, count in RUNS:
        for what, by in (
            ("C, write to `/dev/hidgN`", partial(_by_write, pointer)),
            (
                "Tornado and `os.write`, message over TLS",
                partial(_by_message, partial(Wire, plain, "/api/ws"), pointer),
            ),
            ("inkvm, message over TLS", partial(_by_message, partial(Wire, PORT, "/api/ws", browser.cookie), pointer)),
        ):
            print(_told(what, rate, *await by(rate, count)), flush=True)
