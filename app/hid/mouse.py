"""The two pointing devices' state: an absolute pointer for desktops, a relative boot mouse for firmware screens.

Report layouts are those of the descriptors: the pointer has buttons, X and Y (unsigned 16 bits, little-endian, 0 to 32767),
wheel, pan; the mouse has buttons, dX, dY, wheel, pan (signed bytes, -127 to 127).
"""

from __future__ import annotations

import struct

BUTTONS: dict[str, int] = {"left": 1, "right": 2, "middle": 4, "down": 8, "up": 16}
"""PiKVM's names to HID buttons 1 to 5; `down` is back and `up` is forward."""

MOUSE_RELEASED = bytes(5)
_POINTER = struct.Struct("<BHHbb")
_MOUSE = struct.Struct("<Bbbbb")
_CENTRE = 16384
_STEP_MOST = 127


def newest(_older: bytes, newer: bytes) -> bytes:
    """Two of the pointer's places, buttons and wheel untouched, as one."""
    return newer


def total(older: bytes, newer: bytes) -> bytes | None:
    """Two of the mouse's steps, buttons and wheel untouched, as one; None when they are too long for that."""
    buttons, *first = _MOUSE.unpack(older)
    steps = [one + other for one, other in zip(first, _MOUSE.unpack(newer)[1:], strict=True)]
    return _MOUSE.pack(buttons, *steps) if all(abs(step) <= _STEP_MOST for step in steps) else None


class UnknownButton(ValueError):
    """The name is not a mouse button."""

    def __init__(self, name: str) -> None:
        super().__init__(f"button has value {name[:80]!r}, expected one of {', '.join(BUTTONS)}")


def axis(value: int) -> int:
    """PiKVM's -32768..32767 to the descriptor's 0..32767; what lies outside is clamped."""
    return max(0, min(32767, (value + 32768) >> 1))


class Pointer:
    """The absolute pointer: where it is and which buttons are down."""

    def __init__(self) -> None:
        self._buttons = 0
        self._x = self._y = _CENTRE

    def move(self, x: int, y: int) -> bytes:
        """Go to a place, each axis 0 to 32767."""
        self._x, self._y = x, y
        return self.report()

    def button(self, name: str, pressed: bool) -> bytes:
        """Press or release one button where the pointer is. Raises UnknownButton."""
        self._buttons = _toggled(self._buttons, name, pressed)
        return self.report()

    def wheel(self, dx: int, dy: int) -> bytes:
        """Turn the wheel; each -127 to 127, positive `dy` scrolls up."""
        return self.report(dx, dy)

    def release(self) -> bytes:
        """Let go of the buttons where the pointer is: an all-zero report would send it to the corner."""
        self._buttons = 0
        return self.report()

    @property
    def held(self) -> tuple[str, ...]:
        """The names of the buttons that are down."""
        return _names(self._buttons)

    def report(self, dx: int = 0, dy: int = 0) -> bytes:
        """Where it is, and which buttons are down; with a turn of the wheel, if any."""
        return _POINTER.pack(self._buttons, self._x, self._y, dy, dx)


class Mouse:
    """The relative boot mouse: only its buttons last."""

    def __init__(self) -> None:
        self._buttons = 0

    def report(self) -> bytes:
        """Which buttons are down."""
        return self.move(0, 0)

    def move(self, dx: int, dy: int) -> bytes:
        """Move by pixels of the target's choosing; each -127 to 127."""
        return _MOUSE.pack(self._buttons, dx, dy, 0, 0)

    def button(self, name: str, pressed: bool) -> bytes:
        """Press or release one button. Raises UnknownButton."""
        self._buttons = _toggled(self._buttons, name, pressed)
        return self.report()

    def wheel(self, dx: int, dy: int) -> bytes:
        """Turn the wheel; each -127 to 127, positive `dy` scrolls up."""
        return _MOUSE.pack(self._buttons, 0, 0, dy, dx)

    def release(self) -> bytes:
        """Let go of the buttons."""
        self._buttons = 0
        return MOUSE_RELEASED

    @property
    def held(self) -> tuple[str, ...]:
        """The names of the buttons that are down."""
        return _names(self._buttons)


def _names(buttons: int) -> tuple[str, ...]:
    return tuple(name for name, bit in BUTTONS.items() if buttons & bit)


def _toggled(buttons: int, name: str, pressed: bool) -> int:
    if name not in BUTTONS:
        raise UnknownButton(name)
    return buttons | BUTTONS[name] if pressed else buttons & ~BUTTONS[name]
