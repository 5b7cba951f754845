"""What the firmware reads, and the partition table that it and Linux must agree on."""

from __future__ import annotations

import itertools
import re
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
FIRMWARE = REPOSITORY / "firmware-config"
CONFIG = (FIRMWARE / "config.txt").read_text().splitlines()
LAYOUT = (REPOSITORY / "image/export/02-image/layout.sfdisk").read_text()


def settings() -> list[str]:
    """config.txt without comments and filters."""
    return [line for line in CONFIG if line and not line.startswith(("#", "["))]


def partitions() -> dict[int, tuple[int, int, str]]:
    """Number -> start, size in sectors, type."""
    rows = re.findall(r"(?m)^(\d) : start=(\d+), size=(\d+), type=(\w+)", LAYOUT)
    return {int(number): (int(start), int(size), kind) for number, start, size, kind in rows}


def disk_id() -> str:
    found = re.search(r"(?m)^label-id: 0x([0-9a-f]{8})$", LAYOUT)
    assert found
    return found[1]


def test_lines_fit() -> None:
    """The firmware reads 98 characters of a line and ignores the rest."""
    assert [line for line in CONFIG if len(line) > 98] == []


def test_settings_the_device_cannot_do_without() -> None:
    needed = {
        "arm_64bit=1",
        "start_x=1",
        "camera_auto_detect=0",
        "dtparam=spi=on",
        "dtoverlay=tc358743",
        "dtoverlay=dwc2,dr_mode=peripheral",
    }
    assert needed <= set(settings())


def test_codec_firmware_is_loaded() -> None:
    """16 MiB or less silently selects a firmware without codecs."""
    (memory,) = [int(line.partition("=")[2]) for line in settings() if line.startswith("gpu_mem=")]
    assert memory >= 64


def test_contiguous_memory_has_one_owner() -> None:
    """Two overlays that size it clash; on the command line it would rename the heap."""
    assert len([line for line in settings() if re.match("dtoverlay=(cma|vc4-)", line)]) == 1
    assert "cma=" not in (FIRMWARE / "cmdline.txt").read_text()


@pytest.mark.parametrize("bad", ["i2c_pins_28_29", "media-controller", "tc358743-audio", "vc4-kms"])
def test_no_setting_known_to_break_the_board(bad: str) -> None:
    """Pins 28 and 29 are HDMI detection and the LED; audio's clock is the panel's power pin."""
    assert bad not in "\n".join(settings())


@pytest.mark.parametrize("file", ["config.txt", "cmdline.txt", "autoboot.txt"])
def test_every_setting_is_explained(file: str) -> None:
    readme = (FIRMWARE / "README.md").read_text()
    text = (FIRMWARE / file).read_text()
    words = text.split() if file == "cmdline.txt" else [w for w in text.splitlines() if w and w[0] not in "#["]
    assert [word for word in words if word not in readme] == []


def test_command_line_is_one_line() -> None:
    assert (FIRMWARE / "cmdline.txt").read_text().count("\n") == 1


def test_autoboot_names_the_slots() -> None:
    text = (FIRMWARE / "autoboot.txt").read_text()
    assert len(text) <= 512
    assert re.findall(r"boot_partition=(\d)", text) == ["2", "3"]


def test_partition_ids_agree() -> None:
    """Root is slot A's, state is the last partition, and both are named by the id the table is made with."""
    assert f"root=PARTUUID={disk_id()}-05 " in (FIRMWARE / "cmdline.txt").read_text()
    table = (REPOSITORY / "rootfs-overlay/etc/fstab").read_text()
    mounts = {line.split()[1]: line.split()[0] for line in table.splitlines() if line.startswith("PARTUUID")}
    assert mounts == {"/": f"PARTUUID={disk_id()}-05", "/var/lib/inkvm": f"PARTUUID={disk_id()}-07"}


def test_layout_is_what_the_boot_rom_and_an_emulated_card_take() -> None:
    """Boot slots are primary FAT partitions, the two slots are alike, nothing overlaps, and the size is a power of two."""
    table = partitions()
    assert sorted(table) == [1, 2, 3, 4, 5, 6, 7]
    assert {table[number][2] for number in (1, 2, 3)} == {"c"}
    assert table[2][1] == table[3][1]
    assert table[5][1] == table[6][1]
    ends = [(start, start + size) for number, (start, size, _) in sorted(table.items()) if number != 4]
    assert all(end <= start for (_, end), (start, _) in itertools.pairwise(ends))
    last = ends[-1][1]
    assert last == table[4][0] + table[4][1]
    assert last & (last - 1) == 0
