"""The whole appliance on real drivers: a picture from vivid in a viewer, keys and pointer at the USB host."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from evdev import InputDevice, ecodes

from app.gadget.apply import Gadget
from app.gadget.plan import GADGET, INPUT, Identity, plan
from tests.kernel.guest import target
from tests.kernel.guest.appliance import Appliance, Browser, Viewer, send, state, told
from tests.kernel.guest.bridge import Bridge
from tests.kernel.guest.conftest import CONFIGFS, UDC

KEY_A_DOWN = (ecodes.EV_KEY, ecodes.KEY_A, 1)
KEY_A_UP = (ecodes.EV_KEY, ecodes.KEY_A, 0)
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


@pytest.fixture(scope="module")
def appliance(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Appliance]:
    """The daemon, started before the gadget is there: it has to find it later."""
    result = Appliance(tmp_path_factory.mktemp("appliance"))
    result.ready()
    gadget = Gadget(CONFIGFS, GADGET)
    gadget.up(plan(Identity("KVM", None), INPUT), UDC)
    yield result
    result.stop()
    gadget.down()
    target.unplugged()


@pytest.fixture
def bridge(bridge: Bridge) -> Bridge:
    """A small picture: the encoder shares an emulated processor with everything else."""
    bridge.mode("640x480p59")
    return bridge


async def _arriving(device: InputDevice[str], count: int) -> list[tuple[int, int, int]]:
    """Events at the host; the loop goes on meanwhile, to answer the daemon's pings."""
    return await asyncio.to_thread(target.events, device, count)


def test_viewer_sees_the_source_move(appliance: Appliance, bridge: Bridge) -> None:
    async def watch() -> None:
        browser = await Browser.log_in()
        socket = await browser.socket("/api/stream")
        viewer = Viewer(socket)
        key, size, last = await viewer.picture()
        assert key
        assert size == (640, 480)
        for _count in range(11):
            _key, size, picture = await viewer.picture()
            assert size == (640, 480)
            assert picture != last
            last = picture
        assert len(set(last)) >= 8, "vivid shows eight bars"
        socket.close()

    asyncio.run(watch())


def test_new_mode_starts_with_a_key_frame_and_lost_signal_is_told(appliance: Appliance, bridge: Bridge) -> None:
    async def watch() -> None:
        browser = await Browser.log_in()
        control = await browser.socket("/api/ws")
        socket = await browser.socket("/api/stream")
        viewer = Viewer(socket)
        await viewer.picture()
        await asyncio.to_thread(bridge.mode, "800x600p60")
        key, size = False, (640, 480)
        while size == (640, 480):
            key, size, _picture = await viewer.picture()
        assert key
        assert size == (800, 600)
        await asyncio.to_thread(bridge.no_signal)
        await state(control, "signal", state="no_power", width=0)
        await asyncio.to_thread(bridge.mode, "640x480p59")
        await state(control, "signal", state="locked", width=640, height=480)
        while size != (640, 480):
            key, size, _picture = await viewer.picture()
        assert key
        socket.close()
        control.close()

    asyncio.run(watch())


def test_key_and_pointer_arrive_at_the_host(appliance: Appliance) -> None:
    async def type_and_point(keyboard: InputDevice[str], pointer: InputDevice[str]) -> None:
        control = await (await Browser.log_in()).socket("/api/ws")
        await state(control, "usb", state="configured")
        for pressed in (True, False):
            await send(control, "key", key="KeyA", state=pressed)
        assert await _arriving(keyboard, 2) == [KEY_A_DOWN, KEY_A_UP]
        axes = [pointer.absinfo(axis) for axis in (ecodes.ABS_X, ecodes.ABS_Y)]
        assert [(axis.min, axis.max) for axis in axes] == [(0, 32767)] * 2
        for wanted, (x, y) in PLACES:
            await send(control, "mouse_move", to=dict(zip("xy", wanted, strict=True)))
            assert await _arriving(pointer, 2) == [(ecodes.EV_ABS, ecodes.ABS_X, x), (ecodes.EV_ABS, ecodes.ABS_Y, y)]
        control.close()

    with target.opened(target.KEYBOARD) as keyboard, target.opened(target.POINTER) as pointer:
        asyncio.run(type_and_point(keyboard, pointer))


def test_lock_leds_are_shown(appliance: Appliance) -> None:
    async def watch(keyboard: InputDevice[str]) -> None:
        control = await (await Browser.log_in()).socket("/api/ws")
        keyboard.set_led(ecodes.LED_CAPSL, 1)
        await state(control, "usb", leds=["caps"])
        keyboard.set_led(ecodes.LED_CAPSL, 0)
        await state(control, "usb", leds=[])
        control.close()

    with target.opened(target.KEYBOARD) as keyboard:
        asyncio.run(watch(keyboard))


def test_what_a_client_holds_goes_up_when_its_socket_closes(appliance: Appliance) -> None:
    async def vanish(keyboard: InputDevice[str]) -> None:
        control = await (await Browser.log_in()).socket("/api/ws")
        await send(control, "key", key="KeyA", state=True)
        assert await _arriving(keyboard, 1) == [KEY_A_DOWN]
        control.close()
        events = await _arriving(keyboard, 1)
        while events[-1][2] == 2:  # the host's own repetition
            events = await _arriving(keyboard, 1)
        assert events[-1] == KEY_A_UP

    with target.opened(target.KEYBOARD) as keyboard:
        asyncio.run(vanish(keyboard))


def test_what_a_sleeping_host_did_not_take_is_told_and_not_typed_later(appliance: Appliance) -> None:
    async def type_to_the_sleeper(keyboard: InputDevice[str]) -> None:
        control = await (await Browser.log_in()).socket("/api/ws")
        await state(control, "usb", state="suspended")
        # The kernel queues two reports: the press of A and that of B. Their releases do not fit.
        for key in ("KeyA", "KeyB"):
            await send(control, "key", key=key, state=True)
        for key in ("KeyA", "KeyB"):
            await send(control, "key", key=key, state=False)
        assert (await told(control, "lost"))["reports"] == 2
        sleep.close()
        assert await _arriving(keyboard, 4) == [
            KEY_A_DOWN, (ecodes.EV_KEY, ecodes.KEY_B, 1), KEY_A_UP, (ecodes.EV_KEY, ecodes.KEY_B, 0),
        ]  # fmt: skip
        control.close()

    with target.opened(target.KEYBOARD) as keyboard, ExitStack() as sleep:
        sleep.enter_context(target.asleep())
        asyncio.run(type_to_the_sleeper(keyboard))


def test_stopping_lets_go_and_ends_cleanly(appliance: Appliance) -> None:
    async def hold(keyboard: InputDevice[str]) -> None:
        control = await (await Browser.log_in()).socket("/api/ws")
        await send(control, "key", key="KeyA", state=True)
        assert await _arriving(keyboard, 1) == [KEY_A_DOWN]
        assert await asyncio.to_thread(appliance.stop) == 0
        while (last := (await _arriving(keyboard, 1))[0])[2] == 2:
            pass
        assert last == KEY_A_UP

    with target.opened(target.KEYBOARD) as keyboard:
        asyncio.run(hold(keyboard))
