"""What sysfs says about heat, and what is not concluded from it."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.heat import Heat
from app.status import Device, Health


def board(sys: Path, kind: str = "cpu-thermal", temperature: str = "81234\n", throttled: str = "0\n") -> Heat:
    """Files as Linux has them on the board."""
    zone = sys / "class/thermal/thermal_zone0"
    firmware = sys / "devices/platform/soc/soc:firmware"
    for folder in (zone, firmware):
        folder.mkdir(parents=True)
    (zone / "type").write_text(f"{kind}\n")
    (zone / "temp").write_text(temperature)
    (firmware / "get_throttled").write_text(throttled)
    return Heat(sys)


def test_a_machine_that_does_not_say_is_not_cool(tmp_path):
    assert (Heat(tmp_path).temperature(), Heat(tmp_path).slowed()) == (None, None)


@pytest.mark.parametrize(("kind", "temperature", "degrees"), [
    ("cpu-thermal", "81234\n", 81.0), ("iwlwifi", "40000\n", None), ("cpu-thermal", "unavailable\n", None),
])  # fmt: skip
def test_temperature_is_the_processors(tmp_path, kind, temperature, degrees):
    assert board(tmp_path, kind, temperature).temperature() == degrees


@pytest.mark.parametrize(("bits", "slowed"), [
    ("0", False), ("2", True), ("4", True), ("8", True), ("1", False), ("e0000", False), ("50005", True), ("?", None),
])  # fmt: skip
def test_slowed_now_and_never_low_voltage(tmp_path, bits, slowed):
    """Bits 0 and 16 would be low voltage, which this board cannot tell; 17 to 19 are the past."""
    assert board(tmp_path, throttled=bits).slowed() is slowed


async def test_the_rest_of_the_health_is_kept(tmp_path):
    published = []
    following = board(tmp_path, throttled="4").follow(
        lambda: Device(health=Health("1", ("hid: gone",))), published.append
    )
    following.send(None)
    following.close()
    assert published == [Health("1", ("hid: gone",), 81.0, True)]
