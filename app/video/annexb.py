"""H.264 byte streams (ITU-T H.264 annex B), as far as parameter sets go."""

from __future__ import annotations

_SLICE, _IDR = 1, 5
_START = b"\0\0\1"


def split(data: bytes) -> tuple[bytes, bytes]:
    """What comes before the first slice (parameter sets, mostly), and the picture from there on."""
    start = data.find(_START)
    while 0 <= start < len(data) - 3:
        if data[start + 3] & 0x1F in {_SLICE, _IDR}:
            # The start code may be written with a zero more.
            begin = start - 1 if data[start - 1 : start] == b"\0" else start
            return data[:begin], data[begin:]
        start = data.find(_START, start + 3)
    return data, b""


class Headers:
    """Sees to it that every key frame carries its parameter sets.

    An encoder may give them in a buffer of their own, before the first frame.
    """

    def __init__(self) -> None:
        self._kept = b""

    def complete(self, data: bytes, key: bool) -> bytes | None:
        """The access unit, with the parameter sets in front if it is a key frame that lacks them; None if it is nothing else."""
        if not key and data[3:4] == b"\1" and data[4] & 0x1F == _SLICE:
            return data  # what nearly all are
        sets, picture = split(data)
        if not picture:
            self._kept = sets or self._kept  # an empty buffer brings none
            return None
        return self._kept + data if key and not sets else data
