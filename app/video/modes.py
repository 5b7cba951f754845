"""Display modes, and the numbers by which an EDID names them.

Sources: VESA E-EDID 1.4, 3.8 (established timings) and 3.9 (standard timings); CTA-861-H, table 3 (video identification codes).
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Mode:
    """What a target may send."""

    width: int
    height: int
    fps: int
    """Frames per second, rounded (59.94 is 60); fields per second where interlaced."""
    interlaced: bool = False

    def __str__(self) -> str:
        return f"{self.width}x{self.height} at {self.fps} Hz{' interlaced' * self.interlaced}"


ESTABLISHED: tuple[Mode, ...] = (
    Mode(720, 400, 70), Mode(720, 400, 88), Mode(640, 480, 60), Mode(640, 480, 67), Mode(640, 480, 73),
    Mode(640, 480, 75), Mode(800, 600, 56), Mode(800, 600, 60), Mode(800, 600, 72), Mode(800, 600, 75),
    Mode(832, 624, 75), Mode(1024, 768, 87, interlaced=True), Mode(1024, 768, 60), Mode(1024, 768, 70),
    Mode(1024, 768, 75), Mode(1280, 1024, 75), Mode(1152, 870, 75),
)  # fmt: skip
"""By bit, from bit 7 of byte 35 to bit 7 of byte 37."""

_ASPECTS = ((16, 10), (4, 3), (5, 4), (16, 9))


def standard(mode: Mode) -> bytes:
    """The two bytes of a standard timing. Raises ValueError for what they cannot say."""
    for code, (across, down) in enumerate(_ASPECTS):
        if mode.width * down == mode.height * across and mode.width % 8 == 0 and not mode.interlaced:
            width, rate = mode.width // 8 - 31, mode.fps - 60
            if 0 < width < 256 and 0 <= rate < 64:
                return bytes((width, code << 6 | rate))
    raise ValueError(f"{mode} is no standard timing")


def from_standard(code: bytes) -> Mode | None:
    """The mode of a standard timing; None for an unused one."""
    if code == b"\1\1" or not code[0]:
        return None
    width = (code[0] + 31) * 8
    across, down = _ASPECTS[code[1] >> 6]
    return Mode(width, width * down // across, 60 + code[1] % 64)


def _series(first: int, sizes: tuple[tuple[int, int], ...], rates: tuple[int, ...]) -> dict[int, Mode]:
    """Codes that count through the rates of one size after the other."""
    modes = (Mode(width, height, fps) for width, height in sizes for fps in rates)
    return dict(enumerate(modes, first))


def _pairs(codes: tuple[int, ...], mode: Mode) -> dict[int, Mode]:
    """Two codes each, which differ in the picture's aspect only."""
    return {code + second: mode for code in codes for second in (0, 1)}


_WIDE = (24, 25, 30, 50, 60, 100, 120)
VICS: dict[int, Mode] = {
    1: Mode(640, 480, 60), 4: Mode(1280, 720, 60), 5: Mode(1920, 1080, 60, interlaced=True), 16: Mode(1920, 1080, 60),
    19: Mode(1280, 720, 50), 20: Mode(1920, 1080, 50, interlaced=True), 31: Mode(1920, 1080, 50),
    32: Mode(1920, 1080, 24), 33: Mode(1920, 1080, 25), 34: Mode(1920, 1080, 30),
    39: Mode(1920, 1080, 50, interlaced=True), 40: Mode(1920, 1080, 100, interlaced=True), 41: Mode(1280, 720, 100),
    46: Mode(1920, 1080, 120, interlaced=True), 47: Mode(1280, 720, 120),
    60: Mode(1280, 720, 24), 61: Mode(1280, 720, 25), 62: Mode(1280, 720, 30),
    63: Mode(1920, 1080, 120), 64: Mode(1920, 1080, 100),
    **_pairs((2,), Mode(720, 480, 60)), **_pairs((6,), Mode(1440, 480, 60, interlaced=True)),
    **_pairs((8,), Mode(1440, 240, 60)), **_pairs((10,), Mode(2880, 480, 60, interlaced=True)),
    **_pairs((12,), Mode(2880, 240, 60)), **_pairs((14,), Mode(1440, 480, 60)), **_pairs((17,), Mode(720, 576, 50)),
    **_pairs((21,), Mode(1440, 576, 50, interlaced=True)), **_pairs((23,), Mode(1440, 288, 50)),
    **_pairs((25,), Mode(2880, 576, 50, interlaced=True)), **_pairs((27,), Mode(2880, 288, 50)),
    **_pairs((29,), Mode(1440, 576, 50)), **_pairs((35,), Mode(2880, 480, 60)), **_pairs((37,), Mode(2880, 576, 50)),
    **_pairs((42,), Mode(720, 576, 100)), **_pairs((44,), Mode(1440, 576, 100, interlaced=True)),
    **_pairs((48,), Mode(720, 480, 120)), **_pairs((50,), Mode(1440, 480, 120, interlaced=True)),
    **_pairs((52,), Mode(720, 576, 200)), **_pairs((54,), Mode(1440, 576, 200, interlaced=True)),
    **_pairs((56,), Mode(720, 480, 240)), **_pairs((58,), Mode(1440, 480, 240, interlaced=True)),
    **_series(65, ((1280, 720), (1920, 1080), (1680, 720), (2560, 1080)), _WIDE),
    **_series(93, ((3840, 2160), (4096, 2160), (3840, 2160)), _WIDE[:5]),
}  # fmt: skip
"""By video identification code, as far as CTA-861-F goes: nothing beyond is for a small receiver."""
