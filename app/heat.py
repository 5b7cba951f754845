"""How warm the processor is, and whether that slows it down.

Of its supply this board knows nothing: it has no low-voltage detector, so the firmware's bits for that are not looked at.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from app.status import Device, Health

_INTERVAL = 30.0
_THROTTLED = "devices/platform/soc/soc:firmware/get_throttled"
_SLOWED_NOW = 0b1110
"""Frequency capped, throttled, soft temperature limit: bits 1 to 3 of the firmware's GET_THROTTLED."""


class Heat:
    """Two files of sysfs."""

    def __init__(self, sys: Path = Path("/sys")) -> None:
        self._sys = sys

    def temperature(self) -> float | None:
        """Of the processor in whole degrees Celsius; None where the kernel names no such sensor."""
        for zone in sorted(self._sys.glob("class/thermal/thermal_zone*")):
            try:
                if "cpu" in (zone / "type").read_text():
                    return float(round(int((zone / "temp").read_text()) / 1000))
            except (OSError, ValueError):
                continue  # a sensor that cannot be read says nothing
        return None

    def slowed(self) -> bool | None:
        """Whether heat slows it down now; None where the firmware does not say."""
        try:
            return bool(int((self._sys / _THROTTLED).read_text(), 16) & _SLOWED_NOW)
        except (OSError, ValueError):
            return None

    async def follow(self, device: Callable[[], Device], publish: Callable[[Health], None]) -> None:
        """Look every half minute, until cancelled."""
        while True:
            publish(replace(device().health, temperature=self.temperature(), slowed=self.slowed()))
            await asyncio.sleep(_INTERVAL)
