"""The keys that a boot keyboard does not have: consumer control (volume, player, browser) and system control (power, sleep).

Report layouts are those of the descriptor, an ID and then: consumer keys as four usages of 16 bits, little-endian; system keys
as one bit each.
"""

from __future__ import annotations

import struct

from app.hid.usages import CONSUMER, SYSTEM, UnknownKey

_CONSUMER = struct.Struct("<B4H")
_PLACES = 4
CONSUMER_RELEASED = _CONSUMER.pack(1, 0, 0, 0, 0)
SYSTEM_RELEASED = bytes([2, 0])


class Consumer:
    """What is pressed now of the consumer keys. A fifth key lets go of the first: pressing it again later would play twice."""

    def __init__(self) -> None:
        self._held: list[int] = []

    def key(self, code: str, pressed: bool) -> bytes | None:
        """Press or release one key; the report to send, or None when nothing changed. Raises UnknownKey."""
        usage = _usage(CONSUMER, code)
        if pressed == (usage in self._held):
            return None
        if pressed:
            self._held = [*self._held, usage][-_PLACES:]
        else:
            self._held.remove(usage)
        return self.report()

    def release(self) -> None:
        """Let go of everything."""
        self._held.clear()

    def report(self) -> bytes:
        """The report for the state now."""
        return _CONSUMER.pack(1, *self._held, *[0] * (_PLACES - len(self._held)))


class System:
    """What is pressed now of the system keys."""

    def __init__(self) -> None:
        self._bits = 0

    def key(self, code: str, pressed: bool) -> bytes | None:
        """Press or release one key; the report to send, or None when nothing changed. Raises UnknownKey."""
        bit = 1 << _usage(SYSTEM, code) - SYSTEM["Power"]
        before = self._bits
        self._bits = before | bit if pressed else before & ~bit
        return None if self._bits == before else self.report()

    def release(self) -> None:
        """Let go of everything."""
        self._bits = 0

    def report(self) -> bytes:
        """The report for the state now."""
        return bytes([2, self._bits])


def _usage(table: dict[str, int], code: str) -> int:
    if code not in table:
        raise UnknownKey(code)
    return table[code]
