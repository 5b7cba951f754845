"""The wires: what reaches spidev and gpiod, and what is said when they are not there."""

from __future__ import annotations

import errno
import sys

import pytest

from epaper.port import PanelError
from epaper.spi import Pins, Wires

gpiod = pytest.importorskip("gpiod")
spidev = pytest.importorskip("spidev")


@pytest.mark.parametrize("pin", [7, 8, 9, 10, 11])
def test_lines_of_the_spi_driver_are_refused(pin):
    with pytest.raises(ValueError, match=f"pin dc is {pin}, which belongs to the SPI driver; expected none of 7 to 11"):
        Pins(dc=pin)


def test_two_uses_of_one_line_are_refused():
    with pytest.raises(ValueError, match="pin power is 24, which is already busy"):
        Pins(power=24)
    assert Pins(power=None).power is None


def test_absent_device_is_a_panel_error():
    with pytest.raises(PanelError, match=r"no panel: /dev/spidev77\.0: No such file or directory"):
        Wires((77, 0), "/dev/gpiochip0", Pins())


def test_a_missing_library_is_a_panel_error(monkeypatch):
    monkeypatch.setitem(sys.modules, "gpiod", None)
    with pytest.raises(PanelError, match="no panel: import of gpiod"):
        Wires((0, 0), "/dev/gpiochip0", Pins())


@pytest.fixture
def wires(monkeypatch):
    """Wires on recorded calls: the real libraries' types, without their devices."""
    calls: list[tuple] = []

    class Spi:
        mode = max_speed_hz = None

        def open(self, bus, device):
            calls.append(("open", bus, device))

        def writebytes2(self, data):
            calls.append(("spi", bytes(data)))

        def close(self):
            calls.append(("close",))

    class Lines:
        busy = gpiod.line.Value.ACTIVE

        def set_value(self, pin, value):
            calls.append((pin, int(value == gpiod.line.Value.ACTIVE)))

        def get_value(self, pin):
            assert pin == 24
            if isinstance(self.busy, OSError):
                raise self.busy
            return self.busy

        def release(self):
            calls.append(("release",))

    def request_lines(chip, consumer, config):
        calls.append(("request", chip, config))
        return lines

    lines = Lines()
    monkeypatch.setattr(spidev, "SpiDev", Spi)
    monkeypatch.setattr(gpiod, "request_lines", request_lines)
    wires = Wires((0, 0), "/dev/gpiochip0", Pins())
    return wires, lines, calls


def test_a_line_that_somebody_else_has_is_a_panel_error_and_the_device_is_given_back(wires, monkeypatch):
    _, _, calls = wires

    def taken(*_, **__):
        raise OSError(errno.EBUSY, "Device or resource busy")

    monkeypatch.setattr(gpiod, "request_lines", taken)
    with pytest.raises(PanelError, match=r"lines \[17, 18, 24, 25\] of /dev/gpiochip0: Device or resource busy"):
        Wires((0, 0), "/dev/gpiochip0", Pins())
    assert calls[-1] == ("close",)


def test_lines_are_requested_without_the_chip_select(wires):
    _, _, calls = wires
    (_, chip, config) = calls[1]
    assert chip == "/dev/gpiochip0"
    assert set(config) == {17, 25, 24, 18}
    direction = gpiod.line.Direction
    assert {pin: settings.direction for pin, settings in config.items()} == {
        17: direction.OUTPUT, 25: direction.OUTPUT, 18: direction.OUTPUT, 24: direction.INPUT,
    }  # fmt: skip
    assert config[24].bias == gpiod.line.Bias.PULL_DOWN


def test_command_and_data_differ_by_dc(wires):
    port, _, calls = wires
    calls.clear()
    port.command(0x24)
    port.data(b"\x01\x02")
    assert calls == [(25, 0), ("spi", b"\x24"), (25, 1), ("spi", b"\x01\x02")]


def test_reset_is_low_active_and_power_off_feeds_nothing(wires):
    port, _, calls = wires
    calls.clear()
    port.power(True)
    port.reset(True)
    port.reset(False)
    port.power(False)
    port.close()
    assert calls == [(18, 1), (17, 0), (17, 1), (17, 0), (25, 0), (18, 0), ("release",), ("close",)]


def test_busy_is_high_active_and_its_failure_has_a_name(wires):
    port, lines, _ = wires
    assert port.busy()
    lines.busy = gpiod.line.Value.INACTIVE
    assert not port.busy()
    lines.busy = OSError(19, "No such device")
    with pytest.raises(PanelError, match=r"BUSY \(line 24\): No such device"):
        port.busy()
