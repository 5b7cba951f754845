"""What the kernel says of disks, from a sysfs made up here."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from image.flash.errors import NotThisDisk
from image.flash.kernel import Kernel, device_number

MOUNTS = """\
22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/root rw
30 22 0:26 / /run rw shared:5 - tmpfs tmpfs rw
31 22 8:17 / /media/a\\040card rw - vfat /dev/sdb1 rw
32 22 0:40 / /srv rw - btrfs /dev/sdc1 rw
"""
SWAPS = "Filename\tType\tSize\tUsed\tPriority\n/dev/sdb2                               partition\t2\t0\t-2\n"


class Machine:
    """A sysfs and a procfs to fill."""

    def __init__(self, folder: Path) -> None:
        self.sys, self.proc = folder / "sys", folder / "proc"
        (self.sys / "dev/block").mkdir(parents=True)
        (self.sys / "block").mkdir()
        (self.proc / "self").mkdir(parents=True)
        (self.proc / "self/mountinfo").write_text(MOUNTS)
        (self.proc / "swaps").write_text(SWAPS)

    def add(self, path: str, number: str, **files: str) -> Path:
        """A node below /sys/devices; a file's folder is written as `folder__file`."""
        node = self.sys / "devices" / path
        for name, value in {"dev": number, "ro": "0", "size": "62333952", **files}.items():
            file = node / name.replace("__", "/")
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(f"{value}\n")
        (self.sys / "dev/block" / number).symlink_to(node)
        if "partition" not in files:
            (self.sys / "block" / node.name).symlink_to(node)
        return node

    def disk(self, path: str, major: int, minor: int):
        return Kernel(self.sys, self.proc).disk(Path(path), os.makedev(major, minor))


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    made = Machine(tmp_path)
    made.add("ata/sda", "8:0", removable="0", device__model="INTERNAL  ", queue__logical_block_size="4096")
    made.add("ata/sda/sda1", "8:1", partition="1")
    made.add("usb/sdb", "8:16", removable="1", device__vendor="Generic ", device__model="STORAGE DEVICE")
    made.add("usb/sdb/sdb1", "8:17", partition="1", size="2048")
    made.add("usb/sdb/sdb2", "8:18", partition="2")
    made.add("usb/sdc", "8:32", removable="1")
    made.add("usb/sdc/sdc1", "8:33", partition="1")
    made.add("usb/sdd", "8:48", removable="1", size="0")
    made.add("usb/sde", "8:64", removable="1", ro="1")
    made.add("mmc/mmcblk0", "179:0", removable="0", device__type="SD", device__name="SL32G")
    made.add("mmc/mmcblk1", "179:8", removable="0", device__type="MMC", device__name="eMMC")
    return made


def test_a_free_card(machine: Machine) -> None:
    disk = machine.disk("/dev/mmcblk0", 179, 0)
    assert (disk.path, disk.name, disk.part_of, disk.uses) == ("/dev/mmcblk0", "mmcblk0", "", ())
    assert (disk.size, disk.sector, disk.read_only, disk.model) == (62333952 * 512, 512, False, "SL32G")


@pytest.mark.parametrize(
    ("number", "removable"), [((8, 0), False), ((8, 16), True), ((179, 0), True), ((179, 8), False)]
)
def test_what_can_be_taken_out(machine: Machine, number: tuple[int, int], removable: bool) -> None:
    """By the disk's own flag, or because the slot holds a card and not a soldered chip."""
    assert machine.disk("/dev/x", *number).removable is removable


def test_a_partition_names_its_disk(machine: Machine) -> None:
    disk = machine.disk("/dev/sdb1", 8, 17)
    assert (disk.part_of, disk.size, disk.removable, disk.model) == ("sdb", 2048 * 512, True, "Generic STORAGE DEVICE")
    assert machine.disk("/dev/sdb", 8, 16).part_of == ""


def test_the_disks_own_sectors(machine: Machine) -> None:
    assert machine.disk("/dev/sda", 8, 0).sector == 4096
    assert machine.disk("/dev/sda1", 8, 1).sector == 4096


def test_mounts_and_swap_of_all_partitions(machine: Machine) -> None:
    """The root's name in the table is of no use: its number is."""
    assert machine.disk("/dev/sda", 8, 0).uses == ("sda1 is mounted on /",)
    assert machine.disk("/dev/sdb", 8, 16).uses == ("sdb1 is mounted on /media/a card", "sdb2 is swap space")


def test_file_systems_with_a_number_of_their_own(machine: Machine) -> None:
    assert machine.disk("/dev/sdc", 8, 32).uses == ("sdc1 is mounted on /srv",)


def test_what_is_built_on_it(machine: Machine) -> None:
    holders = machine.sys / "devices/mmc/mmcblk0/holders"
    holders.mkdir()
    (holders / "dm-0").symlink_to("nowhere")
    assert machine.disk("/dev/mmcblk0", 179, 0).uses == ("mmcblk0 is part of dm-0",)


def test_a_locked_card(machine: Machine) -> None:
    assert machine.disk("/dev/sde", 8, 64).read_only


def test_an_empty_reader(machine: Machine) -> None:
    assert machine.disk("/dev/sdd", 8, 48).size == 0


def test_disks_that_somebody_may_have_meant(machine: Machine) -> None:
    found = Kernel(machine.sys, machine.proc).removable_disks()
    assert [disk.path for disk in found] == ["/dev/mmcblk0", "/dev/sdb", "/dev/sdc", "/dev/sde"]


def test_a_number_that_the_kernel_has_not(machine: Machine) -> None:
    with pytest.raises(NotThisDisk, match="/dev/sdz has no entry"):
        machine.disk("/dev/sdz", 65, 0)


def test_names_that_are_no_disks(tmp_path: Path) -> None:
    with pytest.raises(NotThisDisk, match="sdz: No such file or directory; expected a disk such as /dev/sdb"):
        device_number(tmp_path / "sdz")
    with pytest.raises(NotThisDisk, match="/dev/null is not a block device, expected a disk such as /dev/sdb"):
        device_number(Path("/dev/null"))
    (tmp_path / "sdb").write_bytes(bytes(512))
    with pytest.raises(NotThisDisk, match="sdb is not a block device"):
        device_number(tmp_path / "sdb")
