"""config.txt line by line, as raspberrypi/documentation describes it."""

from __future__ import annotations

import pytest

from image.firmware.config import Config, read
from tests.image.firmware.told import FACTS


def config(*lines: str) -> Config:
    return read("\n".join(lines), FACTS)


def words(*lines: str) -> str:
    (finding,) = config(*lines).findings
    return f"{finding.line}: {finding.words}"


def test_options_carry_value_and_line() -> None:
    found = config("# words", "", "gpu_mem=96", "  start_x=1  ")
    assert found.findings == []
    assert {name: (setting.value, setting.line) for name, setting in found.options.items()} == {
        "gpu_mem": ("96", 3),
        "start_x": ("1", 4),
    }


def test_other_boards_settings_do_not_count() -> None:
    found = config(
        "[pi4]", "gpu_mem=16", "nonsense", "[pi02]", "gpu_mem=96", "[none]", "start_x=0", "[all]", "start_x=1"
    )
    assert found.findings == []
    assert (found.options["gpu_mem"].value, found.options["start_x"].value) == ("96", "1")


def test_a_port_may_follow_an_option() -> None:
    assert config("hdmi_group:0=2").options["hdmi_group"].value == "2"


def test_pins_may_be_set_more_than_once() -> None:
    assert config("gpio=4=ip", "gpio=5=ip").findings == []


@pytest.mark.parametrize(
    ("line", "refused"),
    [
        ("cma=96M", "1: option 'cma' is none that this board's firmware knows"),
        ("arm_64bit =1", "1: option 'arm_64bit ' is none that this board's firmware knows"),
        ("include more.txt", "1: 'include more.txt' is no setting, expected key=value, a [filter] or a # comment"),
        (
            "[gpio4=1]",
            "1: filter [gpio4=1] depends on what cannot be known beforehand, "
            "expected [all], [pi0], [pi02], [pi0w] or another board's",
        ),
        ("dtoverlay=disable-bt,foo=1", "1: parameter 'foo' is none that overlay 'disable-bt' takes, expected none"),
        (
            "dtoverlay=tc358743,i2c_pins_28_29=1",
            "1: parameter 'i2c_pins_28_29' is none that overlay 'tc358743' takes, "
            "expected one of 4lane, link-frequency, media-controller, cam0",
        ),
        ("#" * 99, "1: has 99 characters, expected at most 98: the rest is ignored"),
    ],
)
def test_refused(line: str, refused: str) -> None:
    assert words(line) == refused


def test_the_98th_character_is_still_read() -> None:
    assert config("#" * 98).findings == []


def test_an_option_counts_once() -> None:
    assert (
        words("gpu_mem=96", "[pi02]", "gpu_mem=128") == "3: option 'gpu_mem' is set in line 1 already, expected it once"
    )


def test_unknown_overlays_are_refused_with_those_that_are_known() -> None:
    assert words("dtoverlay=tc358742").startswith(
        "1: overlay 'tc358742' is not known, expected one of cma, disable-bt, "
    )


def test_overlays_that_need_a_larger_board_are_refused() -> None:
    assert words("dtoverlay=cma,cma-256").startswith("1: parameter 'cma-256' is none that overlay 'cma' takes, ")


def test_parameters_go_to_the_last_overlay_and_else_to_the_base() -> None:
    found = config("dtoverlay=vc4-kms-v3d,nohdmi", "dtparam=cma-96,audio=off,spi=on", "dtoverlay=", "dtparam=audio=on")
    (overlay,) = found.overlays
    assert overlay.params == {"nohdmi": "", "cma-96": "", "audio": "off"}
    assert {name: setting.value for name, setting in found.base.items()} == {"spi": "on", "audio": "on"}


def test_the_next_overlay_ends_the_last_ones_scope() -> None:
    assert "'cma-96' is none that overlay 'disable-bt' takes" in words(
        "dtoverlay=cma", "dtoverlay=disable-bt", "dtparam=cma-96"
    )


@pytest.mark.parametrize(
    ("value", "on"), [("on", True), ("", True), ("1", True), ("off", False), ("0", False), ("False", False)]
)
def test_switches(value: str, on: bool) -> None:
    assert config(f"dtparam=spi={value}").base["spi"].on is on
