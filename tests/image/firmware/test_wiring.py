"""Who uses which line."""

from __future__ import annotations

import pytest

from app import settings
from image.firmware import wiring
from tests.image.firmware.told import FACTS, told

PANEL = wiring.panel(settings.Panel())
PLANNED = {**PANEL, **FACTS.wires}


def clashes(*added: str, wires: dict[str, int] = PLANNED, without: str = "") -> list[str]:
    return [finding.words.partition(":")[0] for finding in wiring.clashes(told(*added, without=without), wires, FACTS)]


def test_the_device_as_it_is_shipped_has_no_clash() -> None:
    assert clashes() == []


def test_the_panels_power_is_the_sounds_clock() -> None:
    """Linux would hand GPIO 18 to both, without an error."""
    assert clashes("dtoverlay=tc358743-audio") == [
        "GPIO 18 is wanted by dtoverlay=tc358743-audio (I2S) and by panel.power"
    ]
    assert clashes("dtparam=i2s=on") == ["GPIO 18 is wanted by dtparam=i2s (I2S) and by panel.power"]


@pytest.mark.parametrize("power", [26, "none"])
def test_sound_is_possible_with_the_panels_power_elsewhere(power: int | str) -> None:
    wires = {**FACTS.wires, **wiring.panel(settings.Panel(power=power))}
    assert clashes("dtoverlay=tc358743-audio", wires=wires) == []


@pytest.mark.parametrize("line", [19, 20, 21])
def test_sound_takes_all_four_lines(line: int) -> None:
    wires = {"panel.busy": line}
    assert clashes("dtoverlay=i2s-dac", wires=wires) == [
        f"GPIO {line} is wanted by dtoverlay=i2s-dac (I2S) and by panel.busy"
    ]


def test_the_targets_light_on_the_panels_busy_line() -> None:
    """Where another maker's board for the target's switches has it."""
    assert clashes(wires={**PLANNED, "atx.power_led": 24}) == ["GPIO 24 is wanted by panel.busy and by atx.power_led"]


def test_what_is_kept_for_the_target_is_not_the_panels() -> None:
    wires = {**wiring.panel(settings.Panel(power=23)), **FACTS.wires}
    assert clashes(wires=wires) == ["GPIO 23 is wanted by panel.power and by atx.power_button"]


def test_spi_and_console_hold_their_lines() -> None:
    assert clashes(wires={"fan": 9, "light": 15, "bell": 7}) == [
        "GPIO 9 is wanted by dtparam=spi (SPI0) and by fan",
        "GPIO 15 is wanted by enable_uart (UART) and by light",
        "GPIO 7 is wanted by dtparam=spi (SPI0) and by bell",
    ]
    assert clashes(wires={"light": 15}, without="enable_uart") == []


def test_an_overlay_gives_lines_back() -> None:
    assert clashes("dtoverlay=spi0-1cs", wires={"bell": 7}) == []
    assert clashes("dtoverlay=spi0-1cs", wires={"bell": 9}) != []
    assert clashes("dtoverlay=spi0-1cs,no_miso", wires={"bell": 9}) == []
    assert clashes("dtoverlay=spi0-2cs,cs1_pin=24", wires=PANEL) == [
        "GPIO 24 is wanted by dtoverlay=spi0-2cs (SPI0) and by panel.busy"
    ]


def test_an_overlays_own_line_is_the_default_or_the_given() -> None:
    assert clashes("dtoverlay=gpio-shutdown,gpio_pin=24") == [
        "GPIO 24 is wanted by dtoverlay=gpio-shutdown and by panel.busy"
    ]
    assert clashes("dtoverlay=gpio-shutdown") == []
    assert clashes("dtoverlay=w1-gpio") == ["GPIO 4 is wanted by dtoverlay=w1-gpio and by atx.power_led"]


def test_the_boards_own_lines() -> None:
    assert clashes("dtparam=act_led_gpio=28") == ["GPIO 28 is wanted by HDMI detection and by dtparam=act_led_gpio"]


def test_two_names_of_one_part_do_not_clash() -> None:
    assert clashes("dtparam=i2c=on", "dtparam=i2c_arm=on", "dtparam=i2c_vc=off") == []


def test_a_line_that_is_none() -> None:
    (finding,) = wiring.bad_lines(told("dtoverlay=gpio-shutdown,gpio_pin=power"), FACTS)
    assert finding.words == "parameter 'gpio_pin' has value 'power', expected a line from 0 to 53"
    assert list(wiring.bad_lines(told("dtoverlay=gpio-shutdown,gpio_pin=53"), FACTS)) == []
    assert list(wiring.bad_lines(told("dtoverlay=gpio-shutdown,gpio_pin=54"), FACTS)) != []
