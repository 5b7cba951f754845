"""The whole appliance on real drivers: a picture from vivid in a viewer, keys and pointer at the USB host."""

from __future__ import annotations

import asyncio
import select
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from evdev import InputDevice, ecodes

from app.gadget.apply import Gadget
from app.gadget.plan import GADGET, INPUT, Identity, plan
from tests.kernel.guest import target
from tests.kernel.guest.appliance import Appliance, Browser
from tests.kernel.guest.bridge import Bridge
from tests.kernel.guest.conftest import CONFIGFS, UDC

KEY_A_DOWN = (ecodes.EV_KEY, ecodes.KEY_A, 1)
KEY_A_UP = (ecodes.EV_KEY, ecodes.KEY_A, 0)
KEY_B_DOWN = (ecodes.EV_KEY, ecodes.KEY_B, 1)
KEY_B_UP = (ecodes.EV_KEY, ecodes.KEY_B, 0)

# Browser's place and host's place. Each differs in both axes from the one before: the host reports only what changes. The
# first is one that it cannot be in already, whether or not it has heard the pointer's resting place.
PLACES = [
    ((-16384, -16384), (8192, 8192)),
    ((0, 0), (16384, 16384)),
    ((-32768, -32768), (0, 0)),
    ((32767, 32767), (32767, 32767)),
    ((-32768, 0), (0, 16384)),
    ((32767, -32768), (32767, 0)),
    ((-32768, 32767), (0, 32767)),
]


def _plug_in(gadget: Gadget) -> None:
    gadget.up(plan(Identity("KVM", None), INPUT), UDC)


@pytest.fixture(scope="module")
def appliance(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Appliance]:
    """The daemon, started before the gadget is there: it has to find it later."""
    result = Appliance(tmp_path_factory.mktemp("appliance"))
    result.ready()
    gadget = Gadget(CONFIGFS, GADGET)
    _plug_in(gadget)
    yield result
    result.stop()
    gadget.down()
    target.unplugged()


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


async def _next_but_repetition(device: InputDevice[str]) -> tuple[int, int, int]:
    """The next event that is not the host repeating a key that is held."""
    async with asyncio.timeout(target.PATIENCE):
        while True:
            # One reading may bring several: repetitions, and the release after them.
            for event in await _arriving(device, 1):
                if event[2] != 2:
                    return event


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
            keyboard.set_led(ecodes.LED_CAPSL, 1)
            await control.state("usb", leds=["caps"])
            keyboard.set_led(ecodes.LED_CAPSL, 0)
            await control.state("usb", leds=[])


async def test_what_a_client_holds_goes_up_when_its_socket_closes(appliance: Appliance) -> None:
    browser = await Browser.log_in()
    with target.opened(target.KEYBOARD) as keyboard:
        async with browser.control() as control:
            await control.send("key", key="KeyA", state=True)
            assert await _arriving(keyboard, 1) == [KEY_A_DOWN]
        assert await _next_but_repetition(keyboard) == KEY_A_UP


async def test_what_a_sleeping_host_did_not_take_is_told_and_not_typed_later(appliance: Appliance) -> None:
    browser = await Browser.log_in()
    with target.opened(target.KEYBOARD) as keyboard, ExitStack() as host, ExitStack() as sleep:
        # The controller's one buffer is shared: a report of another device that nobody reads would keep it.
        for interface in (target.POINTER, target.MOUSE):
            host.enter_context(target.opened(interface))
        async with browser.control() as control:
            sleep.enter_context(target.asleep())
            await control.state("usb", state="suspended")
            # Two reports are queued below us: the press of A and that of B. Their releases do not fit.
            for pressed in (True, False):
                for key in ("KeyA", "KeyB"):
                    await control.send("key", key=key, state=pressed)
            assert (await control.told("lost"))["reports"] == 2
            sleep.close()
            assert await _arriving(keyboard, 4) == [KEY_A_DOWN, KEY_B_DOWN, KEY_A_UP, KEY_B_UP]


async def test_gadget_may_be_made_anew_under_the_daemon(appliance: Appliance) -> None:
    gadget = Gadget(CONFIGFS, GADGET)
    gadget.down()
    target.unplugged()
    _plug_in(gadget)
    browser = await Browser.log_in()
    with target.opened(target.KEYBOARD) as keyboard:
        async with browser.control() as control:
            # The first try may meet the old node: it is told as lost, and the person types again.
            while not (await asyncio.to_thread(select.select, [keyboard], [], [], 1.0))[0]:
                for pressed in (True, False):
                    await control.send("key", key="KeyA", state=pressed)
            assert await _arriving(keyboard, 2) == [KEY_A_DOWN, KEY_A_UP]
            keyboard.set_led(ecodes.LED_NUML, 1)
            await control.state("usb", leds=["num"])
            keyboard.set_led(ecodes.LED_NUML, 0)


async def test_stopping_lets_go_and_ends_cleanly(appliance: Appliance) -> None:
    browser = await Browser.log_in()
    with target.opened(target.KEYBOARD) as keyboard:
        async with browser.control() as control:
            await control.send("key", key="KeyA", state=True)
            assert await _arriving(keyboard, 1) == [KEY_A_DOWN]
            assert await asyncio.to_thread(appliance.stop) == 0
        assert await _next_but_repetition(keyboard) == KEY_A_UP
