"""What `display` needs of the wires to a panel; `spi` and `sim` implement it."""

from __future__ import annotations

from typing import Protocol


class PanelError(Exception):
    """The panel cannot be driven now; the words are for the log."""


class PanelStuck(PanelError):
    """BUSY stayed high past the time-out."""


class PanelAbsent(PanelError):
    """A refresh was started and BUSY never rose: nothing is connected."""


class Port(Protocol):
    """The panel's SPI device and its RST, DC, BUSY and PWR lines. Every method may raise PanelError."""

    def power(self, on: bool) -> None:
        """Switch the panel's supply; off also drives RST and DC low, so that nothing feeds it through them."""

    def reset(self, held: bool) -> None:
        """True pulls RST low."""

    def command(self, code: int) -> None:
        """Send one byte with DC low."""

    def data(self, data: bytes) -> None:
        """Send at most 4096 bytes (spidev's default `bufsiz`) with DC high."""

    def busy(self) -> bool:
        """Whether the controller takes no command now."""

    def close(self) -> None:
        """Give the device and the lines back."""
