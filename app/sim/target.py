"""The simulated target: a small computer that draws a firmware-style page and reacts to the USB reports it gets.

It understands reports as a host does: a key is pressed when it appears in a report and was not in the one before. What was typed and
where the pointer is can be seen on the page, and read by a machine from the strip along its bottom edge.
"""

from __future__ import annotations

import struct
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from PIL import Image

from app.sim import strip
from app.sim.page import Page, Shown

WIDTH, HEIGHT = 1280, 720

_POINTER = struct.Struct("<BHHbb")
_MOUSE = struct.Struct("<Bbbbb")
_CONSUMER = struct.Struct("<B4H")
_CONSUMER_PAGE, _SYSTEM_POWER = 0x0C << 16, 0x01 << 16 | 0x81
_ERROR_ROLL_OVER = 1
_ENTER, _ESCAPE, _BACKSPACE, _TAB, _SPACE = range(0x28, 0x2D)
_CAPS_LOCK = 0x39
_SHIFTS = 0x22

_PLAIN = {**{0x04 + n: chr(ord("a") + n) for n in range(26)}, **dict(zip(range(0x1E, 0x28), "1234567890", strict=True))}
_PLAIN |= {_SPACE: " ", **dict(zip(range(0x2D, 0x32), "-=[]\\", strict=True))}
_PLAIN |= dict(zip(range(0x33, 0x39), ";'`,./", strict=True))
_SHIFTED = dict(zip("1234567890-=[]\\;'`,./", '!@#$%^&*()_+{}|:"~<>?', strict=True))
_LED_CAPS = 0x02


@dataclass(slots=True)
class _State:
    """What the reports have done so far."""

    keys: frozenset[int] = frozenset()
    consumer: frozenset[int] = frozenset()
    system: frozenset[int] = frozenset()
    """Usages of other pages than the keyboard's, with the page in the upper 16 bits."""
    modifiers: int = 0
    caps: bool = False
    lines: list[str] = field(default_factory=lambda: [""])
    typed: int = 0
    received: str = ""
    pointer: tuple[int, int] = (WIDTH // 2, HEIGHT // 2)
    buttons: int = 0
    wheel: int = 0


class Target:
    """The computer. Reports come in on the event loop's thread, frames are drawn on the simulated board's.

    Args:
        leds: told the keyboard's output report when the lock state changes.
    """

    def __init__(self, leds: Callable[[bytes], object]) -> None:
        self._leds = leds
        self._lock = threading.Lock()
        self._state = _State()
        self._page = Page(WIDTH, HEIGHT)
        self._started = time.monotonic()

    def keyboard(self, report: bytes) -> None:
        """A boot keyboard report."""
        modifiers, keys = report[0], frozenset(report[2:8]) - {0}
        if _ERROR_ROLL_OVER in keys:
            return
        with self._lock:
            pressed = [usage for usage in report[2:8] if usage and usage not in self._state.keys]
            self._state.keys, self._state.modifiers = keys, modifiers
            for usage in pressed:
                self._press(usage)
            caps = _LED_CAPS if self._state.caps else 0
        if _CAPS_LOCK in pressed:
            self._leds(bytes([caps]))

    def pointer(self, report: bytes) -> None:
        """An absolute pointer's report: 0 to 32767 spans the screen, both ends included."""
        buttons, x, y, wheel, _pan = _POINTER.unpack(report)
        with self._lock:
            self._state.pointer = round(x * (WIDTH - 1) / 32767), round(y * (HEIGHT - 1) / 32767)
            self._state.buttons = buttons
            self._state.wheel += wheel

    def mouse(self, report: bytes) -> None:
        """A relative mouse's report."""
        buttons, dx, dy, wheel, _pan = _MOUSE.unpack(report)
        with self._lock:
            x, y = self._state.pointer
            self._state.pointer = max(0, min(WIDTH - 1, x + dx)), max(0, min(HEIGHT - 1, y + dy))
            self._state.buttons = buttons
            self._state.wheel += wheel

    def consumer(self, report: bytes) -> None:
        """A consumer control's report."""
        _identifier, *usages = _CONSUMER.unpack(report)
        with self._lock:
            self._state.consumer = frozenset(_CONSUMER_PAGE | usage for usage in usages if usage)

    def system(self, report: bytes) -> None:
        """A system control's report."""
        with self._lock:
            self._state.system = frozenset(_SYSTEM_POWER + bit for bit in range(3) if report[1] >> bit & 1)

    def draw(self, frame: int) -> Image.Image:
        """The screen now, RGB; `frame` is the number in the strip."""
        with self._lock:
            state = self._state
            shown = Shown(
                lines=tuple(state.lines[-self._page.rows :]),
                pointer=state.pointer,
                buttons=state.buttons,
                keys=tuple(sorted(state.keys | state.consumer | state.system)),
                modifiers=state.modifiers,
                caps=state.caps,
                wheel=state.wheel,
                uptime=time.monotonic() - self._started,
            )
            code = strip.Strip(frame, state.pointer, state.buttons, state.typed, state.received)
        return self._page.draw(shown, strip.encode(code))

    def _press(self, usage: int) -> None:
        state = self._state
        if usage == _CAPS_LOCK:
            state.caps = not state.caps
        elif usage == _BACKSPACE:
            state.lines[-1] = state.lines[-1][:-1]
        elif usage == _ENTER:
            state.lines.append("")
            del state.lines[:-100]
        elif usage == _ESCAPE:
            state.lines = [""]
        elif usage in _PLAIN and not state.modifiers & ~_SHIFTS:
            character = _character(_PLAIN[usage], shift=bool(state.modifiers & _SHIFTS), caps=state.caps)
            if len(state.lines[-1]) >= self._page.columns:
                state.lines.append("")
            state.lines[-1] += character
            state.typed += 1
            state.received = (state.received + character)[-64:]


def _character(plain: str, *, shift: bool, caps: bool) -> str:
    """What a US keyboard types."""
    if plain.isalpha():
        return plain.upper() if shift != caps else plain
    return _SHIFTED.get(plain, plain) if shift else plain
