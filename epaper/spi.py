"""The wires: spidev for the bytes, gpiod (libgpiod 2) for RST, DC, BUSY and PWR. One Linux board, one panel."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from epaper.port import PanelError

SPI_PINS = range(7, 12)
"""SPI0's own lines: asking for one takes it from the kernel's driver, or fails with EBUSY (chip selects 7 and 8)."""
SPEED_HZ = 4_000_000


@dataclass(frozen=True, slots=True)
class Pins:
    """BCM numbers of the panel's lines; `power` is None when the supply is not switched."""

    reset: int = 17
    dc: int = 25
    busy: int = 24
    power: int | None = 18

    def __post_init__(self) -> None:
        """Refuse what cannot work, by name."""
        named = [("reset", self.reset), ("dc", self.dc), ("busy", self.busy), ("power", self.power)]
        seen: dict[int, str] = {}
        for name, pin in named:
            if pin is None:
                continue
            if pin in SPI_PINS:
                raise ValueError(f"pin {name} is {pin}, which belongs to the SPI driver; expected none of 7 to 11")
            if pin in seen:
                raise ValueError(f"pin {name} is {pin}, which is already {seen[pin]}; expected a line of its own")
            seen[pin] = name


class Wires:
    """The real `Port`. Chip select is spidev's business."""

    def __init__(self, device: tuple[int, int], chip: str, pins: Pins) -> None:
        """Open `/dev/spidevBUS.SELECT` for `device` = (bus, select), and the lines of `chip` (`/dev/gpiochip0`).

        Raises PanelError, naming what is missing.
        """
        try:
            import gpiod
            import spidev
            from gpiod.line import Bias, Direction, Value
        except ImportError as error:
            raise PanelError(f"no panel: {error}") from error

        self._value = Value
        self._pins = pins
        self._spi = spidev.SpiDev()
        try:
            self._spi.open(*device)
            self._spi.max_speed_hz = SPEED_HZ
            self._spi.mode = 0
        except OSError as error:
            self._spi.close()
            raise PanelError(f"no panel: /dev/spidev{device[0]}.{device[1]}: {error.strerror or error}") from error
        low = gpiod.LineSettings(direction=Direction.OUTPUT, output_value=Value.INACTIVE)
        # Pulled down, so that an absent panel reads idle instead of floating.
        config: dict[Any, Any] = {pins.busy: gpiod.LineSettings(direction=Direction.INPUT, bias=Bias.PULL_DOWN)}
        config.update({pin: low for pin in (pins.reset, pins.dc, pins.power) if pin is not None})
        try:
            self._lines = gpiod.request_lines(chip, consumer="inkvm-panel", config=config)
        except OSError as error:
            self._spi.close()
            raise PanelError(f"no panel: lines {sorted(config)} of {chip}: {error.strerror or error}") from error

    def power(self, on: bool) -> None:
        """See Port."""
        if not on:
            self._set(self._pins.reset, False)
            self._set(self._pins.dc, False)
        if self._pins.power is not None:
            self._set(self._pins.power, on)

    def reset(self, held: bool) -> None:
        """See Port."""
        self._set(self._pins.reset, not held)

    def command(self, code: int) -> None:
        """See Port."""
        self._set(self._pins.dc, False)
        self._write(bytes([code]))

    def data(self, data: bytes) -> None:
        """See Port."""
        self._set(self._pins.dc, True)
        self._write(data)

    def busy(self) -> bool:
        """See Port."""
        try:
            return bool(self._lines.get_value(self._pins.busy) == self._value.ACTIVE)
        except OSError as error:
            raise PanelError(f"BUSY (line {self._pins.busy}): {error.strerror or error}") from error

    def close(self) -> None:
        """See Port."""
        self._lines.release()
        self._spi.close()

    def _set(self, pin: int, high: bool) -> None:
        try:
            self._lines.set_value(pin, self._value.ACTIVE if high else self._value.INACTIVE)
        except OSError as error:
            raise PanelError(f"line {pin}: {error.strerror or error}") from error

    def _write(self, data: bytes) -> None:
        try:
            self._spi.writebytes2(data)
        except OSError as error:
            raise PanelError(f"SPI transfer of {len(data)} bytes: {error.strerror or error}") from error
