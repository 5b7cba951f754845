"""The card that the export makes, of a root file system with next to nothing in it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

EXPORT = Path(__file__).resolve().parents[2] / "image/export/02-image"
LAYOUT = (EXPORT / "layout.sfdisk").read_text()
TOOLS = ("mke2fs", "dumpe2fs", "mkfs.vfat", "mcopy")
ROOT_A, DATA = 5, 7
TEBIBYTE = 1 << 40


@pytest.fixture(scope="module")
def card(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The image, unpacked."""
    missing = [tool for tool in TOOLS if shutil.which(tool) is None]
    if missing:
        pytest.skip(f"not installed: {', '.join(missing)}")
    folder = tmp_path_factory.mktemp("export")
    root = folder / "work/rootfs"
    for name in ("boot/select/autoboot.txt", "boot/firmware/kernel8.img", "etc/hostname"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(name)
    settings = {"ROOTFS_DIR": str(root), "DEPLOY_DIR": str(folder), "INKVM_BASE": "board"}
    # The table is the layout, which app.card.table reads as well; and it does not matter how the image is packed.
    for tool, script in (("sfdisk", ""), ("zstd", 'for last; do :; done; : >"$last"')):
        (folder / tool).write_text(f"#!/bin/sh\n{script}\n")
        (folder / tool).chmod(0o755)
    settings |= {"PATH": f"{folder}:{os.environ['PATH']}"}
    environment = os.environ | settings | {"SOURCE_DATE_EPOCH": "1754697600", "LC_ALL": "C", "TZ": "UTC"}
    subprocess.run(["./00-run.sh"], cwd=EXPORT, env=environment, check=True, capture_output=True)
    return folder / "work/inkvm-board.img"


def described(card: Path, number: int) -> dict[str, str]:
    """What the ext4 of a partition says of itself."""
    found = re.search(rf"(?m)^{number} : start=(\d+), size=(\d+)", LAYOUT)
    assert found is not None
    start, size = (int(sectors) * 512 for sectors in found.groups())
    part = card.with_name(f"p{number}")
    with card.open("rb") as whole, part.open("wb") as file:
        whole.seek(start)
        file.write(whole.read(size))
    done = subprocess.run(["dumpe2fs", "-h", part], check=True, capture_output=True, text=True)
    return dict(re.findall(r"(?m)^([^:\n]+): +(.*)$", done.stdout))


def test_the_data_partition_grows_with_any_card_as_it_is(card: Path) -> None:
    """A group's descriptor has 64 bytes and a group 128 MiB. Source: fs/ext4/resize.c, ext4_resize_fs."""
    said = described(card, DATA)
    assert {"resize_inode", "64bit"} <= set(said["Filesystem features"].split())
    assert (said["Block size"], said["Group descriptor size"]) == ("4096", "64")
    blocks = TEBIBYTE // (128 << 20) * 64 // 4096
    assert 1 + int(said["Reserved GDT blocks"]) >= blocks


def test_every_id_is_given(card: Path) -> None:
    for number in (ROOT_A, DATA):
        said = described(card, number)
        uuid = f"494b564d-0000-4000-8000-00000000000{number}"
        assert (said["Filesystem UUID"], said["Directory Hash Seed"]) == (uuid, uuid)
