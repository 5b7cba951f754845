"""The boot keyboard's state: which keys are down, as the 8-byte report a BIOS understands.

Source: USB Device Class Definition for HID 1.11, appendix B.1: modifiers, reserved, six usages; more than six keys
at once are reported as ErrorRollOver in all six places, with the modifiers still true.
"""

from __future__ import annotations

from app.hid.usages import KEYS, MODIFIERS, UnknownKey

RELEASED = bytes(8)
_ERROR_ROLL_OVER = bytes([0x01] * 6)

LEDS = ("num", "caps", "scroll", "compose", "kana")
"""Bit 0 to 4 of the keyboard's one-byte output report (HID 1.11, appendix B.1)."""


def leds(report: bytes) -> tuple[str, ...]:
    """The lock LEDs an output report lights; an empty report lights none."""
    return tuple(name for bit, name in enumerate(LEDS) if report[:1] and report[0] >> bit & 1)


class Keyboard:
    """What is pressed now. Keys are kept in the order in which they went down."""

    def __init__(self) -> None:
        self._modifiers = 0
        self._keys: list[int] = []

    def key(self, code: str, pressed: bool) -> bytes | None:
        """Press or release one key; the report to send, or None when nothing changed. Raises UnknownKey."""
        before = self.report()
        if code in MODIFIERS:
            bit = MODIFIERS[code]
            self._modifiers = self._modifiers | bit if pressed else self._modifiers & ~bit
        elif code in KEYS:
            usage = KEYS[code]
            if pressed and usage not in self._keys:
                self._keys.append(usage)
            elif not pressed and usage in self._keys:
                self._keys.remove(usage)
        else:
            raise UnknownKey(code)
        report = self.report()
        return None if report == before else report

    def release(self) -> None:
        """Let go of everything."""
        self._modifiers = 0
        self._keys.clear()

    def report(self) -> bytes:
        """The 8 bytes for the state now."""
        keys = _ERROR_ROLL_OVER if len(self._keys) > 6 else bytes(self._keys).ljust(6, b"\0")
        return bytes([self._modifiers, 0]) + keys
