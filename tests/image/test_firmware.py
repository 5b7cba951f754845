"""What the firmware reads has its reasons, and agrees with the partition table; `firmware/` has what it may say."""

from __future__ import annotations

import itertools
import re
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
FIRMWARE = REPOSITORY / "firmware-config"
LAYOUT = (REPOSITORY / "image/export/02-image/layout.sfdisk").read_text()


def partitions() -> dict[int, tuple[int, int, str]]:
    """Number -> start, size in sectors, type."""
    rows = re.findall(r"(?m)^(\d) : start=(\d+), size=(\d+), type=(\w+)", LAYOUT)
    return {int(number): (int(start), int(size), kind) for number, start, size, kind in rows}


def disk_id() -> str:
    found = re.search(r"(?m)^label-id: 0x([0-9a-f]{8})$", LAYOUT)
    assert found
    return found[1]


@pytest.mark.parametrize("file", ["config.txt", "cmdline.txt", "autoboot.txt"])
def test_every_setting_has_its_reason_and_no_reason_is_left_over(file: str) -> None:
    """README.md has a table for each file, a row for each setting."""
    section = (FIRMWARE / "README.md").read_text().partition(f"\n## {file}\n")[2].partition("\n## ")[0]
    rows = re.findall(r"(?m)^\| `([^`]+)` \| .{5,} \|$", section)
    text = (FIRMWARE / file).read_text()
    words = text.split() if file == "cmdline.txt" else [line for line in text.splitlines() if line and line[0] != "#"]
    assert rows == [word for word in words if word != "[all]"]


def test_autoboot_names_the_slots() -> None:
    text = (FIRMWARE / "autoboot.txt").read_text()
    assert re.findall(r"boot_partition=(\d)", text) == ["2", "3"]


def test_partition_ids_agree() -> None:
    """Root is slot A's, state is the last partition, and both are named by the id the table is made with."""
    assert f"root=PARTUUID={disk_id()}-05 " in (FIRMWARE / "cmdline.txt").read_text()
    table = (REPOSITORY / "rootfs-overlay/etc/fstab").read_text()
    mounts = {line.split()[1]: line.split()[0] for line in table.splitlines() if line.startswith("PARTUUID")}
    assert mounts == {"/data": f"PARTUUID={disk_id()}-07"}


def test_the_first_partition_is_mounted_by_the_same_id() -> None:
    unit = (REPOSITORY / "rootfs-overlay/usr/lib/systemd/system/boot-select.mount").read_text()
    assert f"What=/dev/disk/by-partuuid/{disk_id()}-01\n" in unit


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
