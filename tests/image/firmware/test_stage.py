"""The build, as far as the firmware's files go: the stage's own script in a copy of what it needs."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.image.firmware.compiled import overlay
from tests.image.firmware.told import FOLDER

REPOSITORY = FOLDER.parent
STAGE = "image/stage-inkvm/03-firmware"
BOARD = "image/stage-pi/01-boot"
FILES = ("bootcode.bin", "start_x.elf", "fixup_x.dat", "kernel8.img", "bcm2710-rpi-zero-2-w.dtb")


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    for part in ("app", "image", "firmware-config"):
        shutil.copytree(REPOSITORY / part, tmp_path / part, ignore=shutil.ignore_patterns("__pycache__", "ui"))
    return tmp_path


def build(repository: Path, stage: str = STAGE) -> subprocess.CompletedProcess[str]:
    environment = {
        "PATH": os.environ["PATH"], "ROOTFS_DIR": str(repository / "rootfs"), "BASH_FUNC_log%%": '() { echo "$@" >&2; }',
    }  # fmt: skip
    return subprocess.run(["./00-run.sh"], cwd=repository / stage, env=environment, capture_output=True, text=True)


def test_the_files_land_on_their_partitions(copy: Path) -> None:
    assert build(copy).stderr == ""
    boot = copy / "rootfs/boot"
    assert (boot / "select/autoboot.txt").read_bytes() == (FOLDER / "autoboot.txt").read_bytes()
    assert (boot / "select/config.txt").read_bytes() == b""
    for name in ("config.txt", "cmdline.txt"):
        assert (boot / "firmware" / name).read_bytes() == (FOLDER / name).read_bytes()
    assert sorted(path.name for path in (boot / "firmware").iterdir()) == ["cmdline.txt", "config.txt"]


def test_what_would_not_work_on_the_board_ends_the_build(copy: Path) -> None:
    config = copy / "firmware-config/config.txt"
    config.write_text(config.read_text() + "dtoverlay=tc358743-audio\n")
    built = build(copy)
    assert built.returncode != 0
    assert "GPIO 18 is wanted by dtoverlay=tc358743-audio (I2S) and by panel.power" in built.stderr
    assert not (copy / "rootfs").exists()


@pytest.fixture
def boot(copy: Path) -> Path:
    """What the firmware's and the kernel's packages leave."""
    boot = copy / "rootfs/boot/firmware"
    (boot / "overlays").mkdir(parents=True)
    for name in (*FILES, "start4.elf", "bcm2712-rpi-5-b.dtb", "kernel_2712.img"):
        (boot / name).touch()
    for name, params in {"disable-bt": (), "tc358743": (), "dwc2": ("dr_mode",), "cma": ("cma-96",)}.items():
        (boot / f"overlays/{name}.dtbo").write_bytes(overlay(*params))
    return boot


def test_what_the_board_reads_is_there_and_nothing_of_others(copy: Path, boot: Path) -> None:
    built = build(copy, BOARD)
    assert (built.returncode, built.stderr) == (0, "")
    assert {path.name for path in boot.iterdir()} == {*FILES, "overlays"}


@pytest.mark.parametrize("missing", FILES)
def test_a_dead_card_is_not_built(copy: Path, boot: Path, missing: str) -> None:
    (boot / missing).unlink()
    built = build(copy, BOARD)
    assert (built.returncode, built.stderr) == (
        1,
        f"{boot / missing} is missing: the firmware or kernel package has changed\n",
    )


def test_overlays_of_another_kernel_end_the_build(copy: Path, boot: Path) -> None:
    (boot / "overlays/dwc2.dtbo").write_bytes(overlay("mode"))
    built = build(copy, BOARD)
    assert built.returncode == 1
    assert "parameter 'dr_mode' is none that the shipped overlay 'dwc2' takes" in built.stderr
