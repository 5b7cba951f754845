"""The whole appliance on real drivers: a picture from vivid in a viewer, keys and pointer at the USB host."""

from __future__ import annotations

import asyncio
import io
import os
import select
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest
from evdev import InputDevice, ecodes
from PIL import Image

from app.gadget.apply import Gadget
from app.gadget.plan import GADGET
from tests.kernel.guest import target
from tests.kernel.guest.appliance import Appliance, Browser, Control
from tests.kernel.guest.bridge import Bridge
from tests.kernel.guest.conftest import CONFIGFS, plug_in
from tests.kernel.guest.test_output import reset

UNIT = Path(__file__).parents[3] / "rootfs-overlay/usr/lib/systemd/system/inkvm.service"

KEY_A_DOWN = (ecodes.EV_KEY, ecodes.KEY_A, 1)
KEY_A_UP = (ecodes.EV_KEY, ecodes.KEY_A, 0)
KEY_B_DOWN = (ecodes.EV_KEY, ecodes.KEY_B, 1)
KEY_B_UP = (ecodes.EV_KEY, ecodes.KEY_B, 0)

RESTING = (16384, 16384)
"""Where the pointer is at first: the host hears of it although it does not listen from the first moment."""

# Browser's place and host's place. Each differs in both axes from the one before: the host reports only what changes.
PLACES = [
    ((-16384, -16384), (8192, 8192)),
    ((0, 0), (16384, 16384)),
    ((-32768, -32768), (0, 0)),
    ((32767, 32767), (32767, 32767)),
    ((-32768, 0), (0, 16384)),
    ((32767, -32768), (32767, 0)),
    ((-32768, 32767), (0, 32767)),
]


@pytest.fixture
def bridge(bridge: Bridge) -> Iterator[Bridge]:
    """A small picture, and not often: the encoder shares an emulated processor with everything else."""
    bridge.mode("640x480p59")
    bridge.set("percentage_of_dropped_buffers", 80)
    yield bridge
    bridge.set("percentage_of_dropped_buffers", 0)


async def _arriving(device: InputDevice[str], count: int) -> list[tuple[int, int, int]]:
    """Events at the host; the loop goes on meanwhile, to answer the daemon's pings."""
    return await asyncio.to_thread(target.events, device, count)


async def _tapped(control: Control, keyboard: InputDevice[str], code: str) -> None:
    """Tap a key until something arrives: a host that is only just back may lose the first, which is told, and the person types again."""
    async with asyncio.timeout(target.PATIENCE):
        while not (await asyncio.to_thread(select.select, [keyboard], [], [], 1.0))[0]:
            for pressed in (True, False):
                await control.send("key", key=code, state=pressed)


async def test_viewer_sees_the_source_move(appliance: Appliance, bridge: Bridge) -> None:
    browser = await Browser.log_in()
    async with browser.viewer() as viewer:
        key, size, last = await viewer.picture()
        assert key
        assert size == (640, 480)
        for _count in range(11):
            _key, size, picture = await viewer.picture()
            assert size == (640, 480)
            assert picture != last
            last = picture
        assert len(set(last)) >= 8, "vivid shows eight bars"


async def test_new_mode_starts_with_a_key_frame_and_lost_signal_is_told(appliance: Appliance, bridge: Bridge) -> None:
    browser = await Browser.log_in()
    async with browser.control() as control, browser.viewer() as viewer:
        await viewer.picture()
        await asyncio.to_thread(bridge.mode, "800x600p60")
        size = (640, 480)
        while size == (640, 480):
            key, size, _picture = await viewer.picture()
        assert key
        assert size == (800, 600)
        await asyncio.to_thread(bridge.no_signal)
        await control.state("signal", state="no_power", width=0)
        await asyncio.to_thread(bridge.mode, "640x480p59")
        await control.state("signal", state="locked", width=640, height=480)
        while size != (640, 480):
            key, size, _picture = await viewer.picture()
        assert key


async def test_snapshot_shows_the_source_and_says_why_there_is_none(appliance: Appliance, bridge: Bridge) -> None:
    browser = await Browser.log_in()
    answer = await browser.get("/api/streamer/snapshot?format=png")
    assert (answer.code, answer.headers["Content-Type"]) == (200, "image/png")
    picture = Image.open(io.BytesIO(answer.body)).convert("RGB")
    assert picture.size == (640, 480)
    bars = {picture.getpixel((column, 300)) for column in range(40, 640, 80)}
    assert len(bars) == 8, "vivid shows eight bars"
    async with browser.control() as control:
        await asyncio.to_thread(bridge.no_signal)
        await control.state("signal", state="no_power")
        missing = await browser.get("/api/streamer/snapshot?format=png")
        allowed = await browser.get("/api/streamer/snapshot?format=png&allow_offline=1")
    assert (missing.code, allowed.code) == (503, 200)
    assert missing.body == allowed.body
    assert Image.open(io.BytesIO(missing.body)).size == (640, 360)


async def test_key_and_pointer_arrive_at_the_host(appliance: Appliance) -> None:
    browser = await Browser.log_in()
    with target.opened(target.KEYBOARD) as keyboard, target.opened(target.POINTER) as pointer:
        async with browser.control() as control:
            await control.state("usb", state="configured")
            for pressed in (True, False):
                await control.send("key", key="KeyA", state=pressed)
            assert await _arriving(keyboard, 2) == [KEY_A_DOWN, KEY_A_UP]
            axes = [pointer.absinfo(axis) for axis in (ecodes.ABS_X, ecodes.ABS_Y)]
            assert [(axis.min, axis.max) for axis in axes] == [(0, 32767)] * 2
            while tuple(pointer.absinfo(axis).value for axis in (ecodes.ABS_X, ecodes.ABS_Y)) != RESTING:
                await _arriving(pointer, 1)
            with suppress(BlockingIOError):
                list(pointer.read())  # how it came there
            for wanted, (x, y) in PLACES:
                await control.send("mouse_move", to=dict(zip("xy", wanted, strict=True)))
                moved = [(ecodes.EV_ABS, ecodes.ABS_X, x), (ecodes.EV_ABS, ecodes.ABS_Y, y)]
                assert await _arriving(pointer, 2) == moved


async def test_client_that_answers_stays(appliance: Appliance) -> None:
    browser = await Browser.log_in()
    async with browser.control() as control:
        for _count in range(3):
            await control.pinged()
        await control.send("ping")
        assert await control.told("pong") == {}


async def test_lock_leds_are_shown(appliance: Appliance) -> None:
    browser = await Browser.log_in()
    with target.opened(target.KEYBOARD) as keyboard:
        async with browser.control() as control:
            lit = []
            for led, name in ((ecodes.LED_NUML, "num"), (ecodes.LED_CAPSL, "caps"), (ecodes.LED_SCROLLL, "scroll")):
                keyboard.set_led(led, 1)
                lit.append(name)
                await control.state("usb", leds=lit)
            for led in (ecodes.LED_NUML, ecodes.LED_CAPSL, ecodes.LED_SCROLLL):
                keyboard.set_led(led, 0)
            await control.state("usb", leds=[])
            await asyncio.to_thread(reset, target.wait_for(target.usb_device, "device"))
            await control.state("usb", leds=None)


async def test_media_and_power_keys_arrive_at_the_host(appliance: Appliance) -> None:
    browser = await Browser.log_in()
    with (
        target.opened(target.MEDIA, "Consumer Control") as consumer,
        target.opened(target.MEDIA, "System Control") as system,
    ):
        async with browser.control() as control:
            for device, code, key in (
                (consumer, "AudioVolumeUp", ecodes.KEY_VOLUMEUP),
                (consumer, "MediaPlayPause", ecodes.KEY_PLAYPAUSE),
                (system, "Power", ecodes.KEY_POWER),
                (system, "Sleep", ecodes.KEY_SLEEP),
            ):
                for pressed in (True, False):
                    await control.send("key", key=code, state=pressed)
                assert await _arriving(device, 2) == [(ecodes.EV_KEY, key, 1), (ecodes.EV_KEY, key, 0)]


async def test_what_a_client_holds_goes_up_when_its_socket_closes(appliance: Appliance) -> None:
    browser = await Browser.log_in()
    with target.opened(target.KEYBOARD) as keyboard:
        async with browser.control() as control:
            await control.send("key", key="KeyA", state=True)
            assert await _arriving(keyboard, 1) == [KEY_A_DOWN]
        assert await _arriving(keyboard, 1) == [KEY_A_UP]


async def test_what_a_sleeping_host_did_not_take_is_told_and_not_typed_later(appliance: Appliance) -> None:
    browser = await Browser.log_in()
    with target.opened(target.KEYBOARD) as keyboard, ExitStack() as host, ExitStack() as sleep:
        # The controller's one buffer is shared: a report of another device that nobody reads would keep it.
        for interface in (target.POINTER, target.MOUSE):
            host.enter_context(target.opened(interface))
        async with browser.control() as control:
            sleep.enter_context(target.asleep())
            await control.state("usb", state="suspended")
            for pressed in (True, False):
                await control.send("key", key="KeyA", state=pressed)
            # Known to sleep: the press is discarded at once, and what is not down needs no release.
            assert (await control.told("lost"))["reports"] == 1
            sleep.close()
            await _tapped(control, keyboard, "KeyB")
            assert await _arriving(keyboard, 2) == [KEY_B_DOWN, KEY_B_UP]


async def test_gadget_may_be_made_anew_under_the_daemon(appliance: Appliance) -> None:
    gadget = Gadget(CONFIGFS, GADGET)
    gadget.down()
    target.unplugged()
    plug_in(gadget)
    browser = await Browser.log_in()
    with target.opened(target.KEYBOARD) as keyboard:
        async with browser.control() as control:
            await _tapped(control, keyboard, "KeyA")
            assert await _arriving(keyboard, 2) == [KEY_A_DOWN, KEY_A_UP]
            keyboard.set_led(ecodes.LED_NUML, 1)
            await control.state("usb", leds=["num"])
            keyboard.set_led(ecodes.LED_NUML, 0)


async def test_what_a_daemon_that_dies_holds_goes_up_by_the_units_own_command(appliance: Appliance) -> None:
    browser = await Browser.log_in()
    with target.opened(target.KEYBOARD) as keyboard:
        async with browser.control() as control:
            await control.send("key", key="KeyA", state=True)
            assert await _arriving(keyboard, 1) == [KEY_A_DOWN]
            appliance.kill()
            lines = UNIT.read_text().splitlines()
            (words,) = (line.partition("=-")[2] for line in lines if line.startswith("ExecStopPost="))
            _python, *arguments = words.split()
            command = [sys.executable, *arguments]
            await asyncio.to_thread(subprocess.run, command, env={**os.environ, "SERVICE_RESULT": "signal"}, check=True)
        assert await _arriving(keyboard, 1) == [KEY_A_UP]
    appliance.start()
    await asyncio.to_thread(appliance.ready)


async def test_stopping_lets_go_and_ends_cleanly(appliance: Appliance) -> None:
    browser = await Browser.log_in()
    with target.opened(target.KEYBOARD) as keyboard:
        async with browser.control() as control:
            await control.send("key", key="KeyA", state=True)
            assert await _arriving(keyboard, 1) == [KEY_A_DOWN]
            assert await asyncio.to_thread(appliance.stop) == 0
        assert await _arriving(keyboard, 1) == [KEY_A_UP]
