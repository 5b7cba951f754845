"""Readings that wobble, made calm: what changes a little is no reason to draw."""

from __future__ import annotations

from dataclasses import replace

from app.status import Device

BARS = 4
_STRENGTH = 100 // BARS
_TEMPERATURE = 5


class Step:
    """Rounds to multiples of `step`, and leaves one only when the reading is more than `margin` over the halfway mark."""

    def __init__(self, step: int, margin: float) -> None:
        """Both in the reading's unit."""
        self._step = step
        self._reach = step / 2 + margin
        self._shown: int | None = None

    def settle(self, reading: float | None) -> int | None:
        """What to show for it; None while there is no reading."""
        if reading is None:
            self._shown = None
        elif self._shown is None or abs(reading - self._shown) > self._reach:
            self._shown = round(reading / self._step) * self._step
        return self._shown


class Steady:
    """Passes a status on with the Wi-Fi's strength in whole bars and the temperature in steps of five degrees."""

    def __init__(self) -> None:
        """Nothing was read yet."""
        self._strength = Step(_STRENGTH, 5)
        self._temperature = Step(_TEMPERATURE, 2)

    def settle(self, device: Device) -> Device:
        """The status to show."""
        return replace(
            device,
            network=replace(device.network, strength=self._strength.settle(device.network.strength)),
            health=replace(device.health, temperature=self._temperature.settle(device.health.temperature)),
        )


def bars(strength: int) -> int:
    """How many of the four, for a strength in percent."""
    return min(round(strength / _STRENGTH), BARS)
