"""Text pasted through the appliance, the real gadget and hid-generic, as a program on the target reads it.

Every character of fourteen layouts in `make soak`, every twentieth in `make test`.
"""

from __future__ import annotations

import asyncio
import json
import time
from contextlib import ExitStack
from typing import Any

import pytest
from evdev import InputDevice, ecodes
from tornado.httpclient import HTTPResponse

from tests.conftest import EFFORT
from tests.kernel.guest import target
from tests.kernel.guest.appliance import Appliance, Browser, Control
from tests.kernel.guest.reader import CPU, Reader

LAYOUTS = ["us", "gb", "de", "fr", "es", "it", "se", "ch", "br", "jp", "pl", "cz", "ru", "tr"]
STEP = max(1, 20 // EFFORT)
LONG = "the quick brown fox jumps over the lazy dog " * 5
PIECE = 30
"""Characters in one text."""
STALLS = 5
"""An emulated machine on a busy one may stand still for half a second: then the appliance is right to give up, and it is tried again."""
PATIENCE = 10 * target.PATIENCE
"""Seconds for a whole text."""


def result(answer: HTTPResponse) -> Any:
    """What is in the envelope of success."""
    assert answer.code == 200, answer.body
    return json.loads(answer.body)["result"]


async def lock(browser: Browser, keyboard: InputDevice[str], *, caps: bool) -> None:
    """The target switches Caps Lock; what its light tells the appliance is only ever a change."""
    async with browser.control() as control:
        for lit in (True, False, *([True] if caps else [])):
            keyboard.set_led(ecodes.LED_CAPSL, lit)
            await control.state("usb", state="configured", leds=["caps"] if lit else [])


async def end(browser: Browser) -> None:
    """Type what readers end at, as soon as the target takes keys."""
    async with asyncio.timeout(PATIENCE):
        while (answer := await browser.say("/api/hid/events/send_key?key=F12", "", PATIENCE)).code == 503:
            await asyncio.sleep(0.1)
    result(answer)


@pytest.fixture
async def browser(appliance: Appliance) -> Browser:
    appliance.pin(CPU)
    return await Browser.log_in()


async def pasted(browser: Browser, keyboard: InputDevice[str], text: str, layout: str, *, caps: bool) -> None:
    """Paste a text, which has to be read as it was."""
    for _ in range(STALLS):
        with Reader(keyboard) as reader:
            answer = await browser.say(f"/api/hid/print?keymap={layout}", text, PATIENCE)
            await end(browser)
            read = await asyncio.to_thread(reader.text, layout, caps=caps)
        if b"does not answer" not in answer.body:
            assert result(answer) == {"typed": len(text)}
            assert read == (text, caps), layout
            return
    raise AssertionError(f"{layout}: the target did not answer {STALLS} times")


@pytest.mark.parametrize("caps", [False, True], ids=["caps-off", "caps-on"])
async def test_what_a_layout_can_type_is_read_as_it_was(browser: Browser, caps: bool) -> None:
    with target.opened(target.KEYBOARD) as keyboard:
        await lock(browser, keyboard, caps=caps)
        for number, layout in enumerate(LAYOUTS):
            characters = result(await browser.get(f"/api/hid/keymaps/{layout}"))["characters"]
            assert len(characters) >= 97
            text = "".join(sorted(characters)[number % STEP :: STEP])
            began = time.monotonic()
            for start in range(0, len(text), PIECE):
                await pasted(browser, keyboard, text[start : start + PIECE], layout, caps=caps)
            took = time.monotonic() - began
            print(f"{layout}: {len(text)} of {len(characters)} characters in {took:.1f} s")
        await lock(browser, keyboard, caps=False)


async def begun(browser: Browser, control: Control) -> asyncio.Task[HTTPResponse]:
    """A text that is being typed so slowly that the bus may fall asleep in between."""
    answer = asyncio.ensure_future(browser.say("/api/hid/print?delay=1", LONG, PATIENCE))
    async with asyncio.timeout(target.PATIENCE):
        while (await control.told("state"))["paste"]["client"] is None:
            pass
    return answer


def stopped(answer: HTTPResponse) -> tuple[int, str]:
    """How far it came, and why not further."""
    content = json.loads(answer.body)["result"]
    assert (answer.code, content["error"]) == (409, "Stopped")
    assert content["total"] == len(LONG)
    return content["typed"], content["error_msg"]


async def test_a_target_that_falls_asleep_is_not_typed_at_when_it_wakes(browser: Browser) -> None:
    with target.opened(target.KEYBOARD) as keyboard, ExitStack() as host:
        # The controller's one buffer is shared: a report of another device that nobody reads would keep it.
        for interface in (target.POINTER, target.MOUSE):
            host.enter_context(target.opened(interface))
        await lock(browser, keyboard, caps=False)
        async with browser.control() as control:
            with Reader(keyboard) as reader:
                answer = await begun(browser, control)
                with target.asleep():
                    typed, reason = stopped(await answer)
                assert "asleep" in reason
                await control.state("paste", client=None, typed=typed)
                await end(browser)
                text, _caps = await asyncio.to_thread(reader.text, "us", caps=False)
                assert LONG.startswith(text)
                assert typed <= len(text) <= typed + 1


async def test_a_target_that_is_unplugged_gets_nothing_more(browser: Browser) -> None:
    device = target.usb_device()
    assert device is not None
    with target.opened(target.KEYBOARD):
        async with browser.control() as control:
            await control.state("usb", state="configured")
            answer = await begun(browser, control)
            (device / "authorized").write_text("0")
            typed, reason = stopped(await answer)
            assert typed < len(LONG)
            assert "has not set up its USB devices" in reason
    (device / "authorized").write_text("1")
    with target.opened(target.KEYBOARD) as keyboard:
        async with browser.control() as control:
            with Reader(keyboard) as reader:
                await control.state("paste", client=None, typed=typed, total=len(LONG))
                await end(browser)
                assert (await asyncio.to_thread(reader.text, "us", caps=False))[0] == ""
