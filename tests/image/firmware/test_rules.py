"""What the device cannot do without, and what would break it."""

from __future__ import annotations

import pytest

from image.firmware.rules import check_autoboot, check_command_line, check_config
from tests.image.firmware.told import FACTS, FOLDER, SHIPPED, told

COMMAND = (FOLDER / "cmdline.txt").read_text()
AUTOBOOT = (FOLDER / "autoboot.txt").read_text()


def refused(*added: str, without: str = "", wires: dict[str, int] | None = None) -> list[str]:
    return [finding.words for finding in check_config(told(*added, without=without), wires or {}, FACTS)]


def test_what_is_shipped_is_accepted() -> None:
    assert refused() == []
    assert check_command_line(COMMAND, told()) == []
    assert check_autoboot(AUTOBOOT, FACTS) == []


@pytest.mark.parametrize(
    ("without", "words"),
    [
        ("arm_64bit", "lacks 'arm_64bit=1': the kernel is a 64-bit one"),
        ("start_x", "lacks 'start_x=1': it selects the firmware that has the H.264 encoder"),
        ("camera_auto_detect", "lacks 'camera_auto_detect=0': the bridge is no camera that detection knows"),
        ("dtparam=spi", "lacks 'dtparam=spi=on': it is the panel's"),
        ("dtoverlay=tc358743", "lacks 'dtoverlay=tc358743': it is the HDMI input"),
        ("dtoverlay=dwc2", "lacks 'dtoverlay=dwc2': without it there is no keyboard"),
    ],
)
def test_the_device_cannot_do_without(without: str, words: str) -> None:
    assert refused(without=without) == [words]


@pytest.mark.parametrize(
    ("without", "instead", "words"),
    [
        ("start_x", "start_x=0", "option 'start_x' has value '0', expected 1: it selects the firmware"),
        ("camera_auto", "camera_auto_detect=1", "option 'camera_auto_detect' has value '1', expected 0: "),
        ("dtparam=spi", "dtparam=spi=off", "parameter 'spi' is off, expected on: it is the panel's"),
        ("dtoverlay=dwc2", "dtoverlay=dwc2", "overlay 'dwc2' has dr_mode None, expected 'peripheral'"),
        ("dtoverlay=dwc2", "dtoverlay=dwc2,dr_mode=otg", "overlay 'dwc2' has dr_mode 'otg', expected 'peripheral'"),
        ("dtoverlay=tc358743", "dtoverlay=tc358743,media-controller=1", "overlay 'tc358743' has media-controller, "),
        ("dtoverlay=tc358743", "dtoverlay=tc358743,4lane", "overlay 'tc358743' has 4lane, expected neither"),
        ("gpu_mem", "gpu_mem=16", "option 'gpu_mem' has value '16', expected 64 to 384 (MB): less may select"),
        ("gpu_mem", "gpu_mem=63", "option 'gpu_mem' has value '63', expected 64 to 384 (MB)"),
        ("gpu_mem", "gpu_mem=385", "option 'gpu_mem' has value '385', expected 64 to 384 (MB)"),
        ("gpu_mem", "gpu_mem=96M", "option 'gpu_mem' has value '96M', expected 64 to 384 (MB)"),
        ("none", "gpu_mem_512=32", "option 'gpu_mem_512' has value '32', expected 64 to 384 (MB)"),
        ("none", "dtoverlay=cma,cma-64", "overlay 'cma' sizes contiguous memory (CMA), as 'cma' in line 13 does"),
        ("none", "dtoverlay=vc4-kms-v3d", "overlay 'vc4-kms-v3d' sizes contiguous memory (CMA), as 'cma' in line 13"),
        ("none", "dtoverlay=vc4-fkms-v3d", "overlay 'vc4-fkms-v3d' sizes contiguous memory (CMA), as 'cma' in line 13"),
        ("none", "dtoverlay=gpio-shutdown,gpio_pin=x", "parameter 'gpio_pin' has value 'x', expected a line"),
    ],
)
def test_it_would_break(without: str, instead: str, words: str) -> None:
    (only,) = refused(instead, without=without)
    assert only.startswith(words)


def test_this_boards_own_memory_setting_outranks_the_general_one() -> None:
    assert refused("gpu_mem=16", "gpu_mem_512=96", without="gpu_mem") == []


def test_the_firmwares_default_memory_will_do() -> None:
    assert refused(without="gpu_mem") == []


def test_findings_come_in_the_order_of_the_lines() -> None:
    end = SHIPPED.count("\n")
    found = check_config(told("dtparam=i2s=on", "nonsense=1", without="start_x"), {"panel.power": 18}, FACTS)
    assert [finding.line for finding in found] == [0, *range(end, end + 2)]


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        (" ro ", " rw ", "lacks 'ro': power may vanish at any time"),
        (" rootwait", "", "lacks 'rootwait': the card may be slower than the kernel"),
        ("root=PARTUUID=494b564d-05", "root=/dev/mmcblk0p5", "lacks 'root=PARTUUID=': a slot's root is named"),
        ("quiet", "quiet cma=96M", "has 'cma=', expected it in config.txt alone"),
        ("\n", "\nquiet\n", "has 2 lines, expected one: the firmware reads the first"),
    ],
)
def test_command_line_refused(old: str, new: str, words: str) -> None:
    assert old in COMMAND
    (only,) = check_command_line(COMMAND.replace(old, new), told())
    assert only.words.startswith(words)


@pytest.mark.parametrize("line", ["", "enable_uart=0"])
def test_a_serial_console_needs_its_uart(line: str) -> None:
    (only,) = check_command_line(COMMAND, told(line, without="enable_uart"))
    assert only.words == "has 'console=serial0', expected 'enable_uart=1' in config.txt with it"


def test_autoboot_refused() -> None:
    (unknown,) = check_autoboot(AUTOBOOT + "gpu_mem=96\n", FACTS)
    assert (
        unknown.words
        == "'gpu_mem=96' is not known, expected one of boot_partition, tryboot_a_b, [all], [none], [tryboot]"
    )
    assert unknown.line == AUTOBOOT.count("\n") + 1
    (filtered,) = check_autoboot("[pi4]\n", FACTS)
    assert filtered.words.startswith("'[pi4]' is not known")
    (long,) = check_autoboot("#" * 513, FACTS)
    assert long.words == "has 513 bytes, expected at most 512"
