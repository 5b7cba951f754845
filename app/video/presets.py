"""The displays that the device can pose as. None offers a mode that two CSI lanes cannot carry, or whose rows the encoder would need padded."""

from __future__ import annotations

from app.video.edid import Detailed, Edid, Limits
from app.video.modes import Mode

_720P60 = Detailed(74_250_000, 1280, 110, 40, 220, 720, 5, 5, 20)
_1080P30 = Detailed(74_250_000, 1920, 88, 44, 148, 1080, 4, 5, 36)
_1080P50 = Detailed(115_020_000, 1920, 48, 32, 80, 1080, 3, 5, 18, vpositive=False)
"""CVT 1.1 with reduced blanking: CTA's own 1080p50 has a clock that the bridge's neighbours in a list would exceed."""

_LIMITS = Limits((24, 75), (15, 70), 120_000_000)
"""Whatever a source makes up within 120 MHz has at most 1.92 Gbit/s of pixels, which two lanes of 972 Mbit/s carry."""

_ESTABLISHED = (
    Mode(640, 480, 60), Mode(640, 480, 75), Mode(800, 600, 60), Mode(800, 600, 75), Mode(1024, 768, 60),
)  # fmt: skip
_STANDARDS = (Mode(1280, 1024, 60), Mode(1440, 900, 60), Mode(1600, 900, 60))
_640P60, _720P30, _720P25, _720P50, _1080P25 = 1, 62, 61, 19, 33


def _display(serial: str, detailed: tuple[Detailed, ...], vics: tuple[int, ...]) -> Edid:
    return Edid(
        manufacturer="LNX",  # as the kernel's own generic displays: a maker's letters would be somebody's
        product=0x1743,
        serial=0,  # the text says it: where both do, sources differ in which they go by
        year=2025,
        name="inkvm",
        serial_text=serial[-12:],
        detailed=detailed,
        established=_ESTABLISHED,
        standards=_STANDARDS,
        limits=_LIMITS,
        vics=vics,
        physical_address=0x1000,
    )


DEFAULT = "720p60"
NAMES = (DEFAULT, "1080p30", "1080p50")


def preset(name: str, serial: str) -> Edid:
    """One of `NAMES`; the last digits of `serial` tell this device from others of its kind."""
    others = (_720P50, _1080P25, _720P30, _720P25, _640P60)
    if name == "720p60":
        return _display(serial, (_720P60, _1080P30), (4, 34, *others))
    if name == "1080p30":
        return _display(serial, (_1080P30, _720P60), (34, 4, *others))
    return _display(serial, (_1080P50, _1080P30, _720P60), (34, 4, *others))
