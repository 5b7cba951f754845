"""Which disk a mount is on; growth itself needs a kernel with a card (tests/qemu/scenarios/10-first-boot)."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from app.card.grow import disk_of


@pytest.mark.parametrize(("number", "found"), [("7", Path("/dev/mmcblk0")), ("5", None), ("", None)])
def test_only_the_data_partition_of_a_disk_counts(tmp_path: Path, number: str, found: Path | None) -> None:
    device = tmp_path.stat().st_dev
    partition = tmp_path / "devices/mmc0/mmcblk0/mmcblk0p7"
    partition.mkdir(parents=True)
    if number:
        (partition / "partition").write_text(f"{number}\n")
    (tmp_path / "dev/block").mkdir(parents=True)
    (tmp_path / f"dev/block/{os.major(device)}:{os.minor(device)}").symlink_to(partition)
    assert disk_of(tmp_path, tmp_path) == found


def test_a_folder_that_is_no_data_partition_stays(tmp_path: Path) -> None:
    done = subprocess.run([sys.executable, "-m", "app.card", str(tmp_path)], capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, f"card: {tmp_path} is not on the card: nothing grows\n")


def test_trouble_is_one_line_and_an_exit_status(tmp_path: Path) -> None:
    done = subprocess.run([sys.executable, "-m", "app.card", str(tmp_path / "none")], capture_output=True, text=True)
    assert done.returncode == 1
    assert done.stderr.startswith("card: the data partition stays as large as it is: [Errno 2]")
