"""The board's file list, as far as it can be made without its archive: its own stages run on a tree with firmware stand-ins."""

from __future__ import annotations

import os
import re
import subprocess
import zipfile
from pathlib import Path

import pytest

from image.records.tree import walk
from tests.image.firmware.compiled import overlay
from tests.image.links import LINKS

IMAGE = Path(__file__).resolve().parents[2] / "image"
BENCH = IMAGE / "stage-debian/01-bench/files"
FIRMWARE = ["bootcode.bin", "start_x.elf", "fixup_x.dat", "kernel8.img", "bcm2710-rpi-zero-2-w.dtb"]
NEEDLESS = [
    "boot/firmware/initramfs8", "boot/firmware/start.elf", "boot/firmware/start_cd.elf", "boot/firmware/start4.elf",
    "boot/firmware/kernel.img", "boot/firmware/kernel7.img", "boot/firmware/bcm2708-rpi-b.dtb", "boot/firmware/bcm2711-rpi-4-b.dtb",
    "boot/initrd.img-6.12-v8", "boot/vmlinuz-6.12-v8", "boot/config-6.12-v8", "boot/cmdline.txt", "boot/overlays",
    "usr/share/doc/x/copyright", "usr/share/man/man1/x.1", "usr/share/locale/de/x.mo", "usr/share/i18n/locales/de_DE", "usr/lib/locale/locale-archive",
    "usr/sbin/mkinitramfs", "usr/share/initramfs-tools/init", "usr/lib/udev/hwdb.bin", "usr/lib/linux-image-6.12-v8/broadcom/bcm2711-rpi-4-b.dtb",
    "usr/lib/firmware/brcm/brcmfmac43455-sdio.raspberrypi,4-model-b.txt", "usr/lib/firmware/cypress/cyfmac43455-sdio.bin",
    "usr/lib/modules/6.12-v8/kernel/sound/x.ko.xz", "usr/lib/modules/6.12-v8/kernel/drivers/md/x.ko.xz",
    "etc/systemd/system/timers.target.wants/apt-daily.timer", "etc/systemd/system/multi-user.target.wants/cron.service",
    "etc/systemd/system/dev-x.device.requires/x.service", "etc/init.d/raspi-config", "etc/rc3.d/S01raspi-config",
]  # fmt: skip
"""What the Raspberry Pi's packages and pi-gen's stages bring, and the board does without."""
NEEDED = [
    "boot/firmware/LICENCE.broadcom", "usr/lib/locale/C.utf8/LC_CTYPE", "usr/lib/firmware/brcm/brcmfmac43436-sdio.bin",
    "usr/lib/firmware/cypress/cyfmac43430-sdio.bin",
    "usr/lib/modules/6.12-v8/kernel/drivers/media/platform/bcm2835-unicam.ko.xz",
    "usr/lib/modules/6.12-v8/kernel/drivers/net/wireless/broadcom/x.ko.xz",
]  # fmt: skip
"""What is beside it, and stays."""
CLOCK = "usr/lib/systemd/system/systemd-timesyncd.service"
OVERLAYS: dict[str, tuple[str, ...]] = {"disable-bt": (), "tc358743": (), "dwc2": ("dr_mode",), "cma": ("cma-96",)}
"""Name to the parameters asked for."""


@pytest.fixture(scope="module")
def board(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What stage-pi and stage-inkvm make of a tree that has what the Raspberry Pi's packages would bring."""
    root = tmp_path_factory.mktemp("board")
    boot = root / "boot/firmware"
    (boot / "overlays").mkdir(parents=True)
    for name in FIRMWARE:
        (boot / name).touch()
    for name, params in OVERLAYS.items():
        (boot / f"overlays/{name}.dtbo").write_bytes(overlay(*params))
    for name in (*NEEDLESS, *NEEDED):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).touch()
    (root / CLOCK).parent.mkdir(parents=True)
    (root / CLOCK).write_text("[Unit]\nBefore=time-set.target sysinit.target shutdown.target\n")
    for folder in ("usr/lib/python3", "usr/lib/python3.13"):
        (root / folder).mkdir(parents=True)
    tools = tmp_path_factory.mktemp("tools")
    for name in ("depmod", "modinfo"):  # the stand-ins are no modules
        (tools / name).write_text("#!/bin/sh\n")
        (tools / name).chmod(0o755)
    wheels = tmp_path_factory.mktemp("wheels")
    with zipfile.ZipFile(wheels / "linuxpy-1-py3-none-any.whl", "w") as wheel:
        wheel.writestr("linuxpy/video/raw.py", "")
        wheel.writestr("linuxpy/midi/raw.py", "")
    settings = {"ROOTFS_DIR": str(root), "WHEELS_DIR": str(wheels), "TARGET_HOSTNAME": "inkvm", "LC_ALL": "C"}
    settings |= {"CHROOTED": str(root.parent / "chrooted"), "PATH": f"{tools}:{os.environ['PATH']}"}
    run = 'log() { echo "$*"; }; on_chroot() { cat >>"$CHROOTED"; }; export -f log on_chroot; cd "$0" && exec "./$1"'
    for script in sorted([*IMAGE.glob("stage-pi/*/*-run.sh"), *IMAGE.glob("stage-inkvm/*/*-run.sh")], key=order):
        command = ["bash", "-c", run, str(script.parent), script.name]
        done = subprocess.run(command, env=os.environ | settings, capture_output=True, text=True)
        assert done.returncode == 0, f"{script}: {done.stdout}{done.stderr}"
    return root


def order(script: Path) -> tuple[bool, Path]:
    """stage-pi comes first."""
    return not script.is_relative_to(IMAGE / "stage-pi"), script


def test_the_bench_is_not_on_the_board(board: Path) -> None:
    """Neither its files nor a word of what they load."""
    paths = {entry.path for entry in walk(board)}
    bench = {f"/{path.relative_to(BENCH)}" for path in BENCH.rglob("*") if path.is_file()}
    assert len(bench) >= 3
    assert paths & bench == set()
    assert {path for path in paths if "/app/sim" in path} == set()
    settings = [
        path for folder in ("etc", "usr/lib/systemd", "usr/lib/modprobe.d") for path in (board / folder).rglob("*")
    ]
    texts = {path: path.read_text() for path in settings if path.is_file()}
    assert texts
    assert [path for path, text in texts.items() if re.search(r"vivid|dummy_hcd|--simulate", text)] == []


def test_the_appliance_is_on_the_board(board: Path) -> None:
    """What the test above looks at is the tree that it means."""
    paths = {entry.path for entry in walk(board)}
    assert {
        "/usr/lib/inkvm/app/__main__.py",
        "/usr/lib/inkvm/linuxpy/video/raw.py",
        "/usr/lib/systemd/system/inkvm.service",
        "/boot/select/bootcode.bin",
        "/boot/firmware/start_x.elf",
        "/boot/firmware/config.txt",
    } <= paths
    assert "/usr/lib/inkvm/linuxpy/midi/raw.py" not in paths
    assert "/boot/firmware/bootcode.bin" not in paths


def test_nothing_of_other_boards_nor_of_a_desk_is_on_the_board(board: Path) -> None:
    assert [name for name in NEEDLESS if os.path.lexists(board / name)] == []


def test_what_is_beside_that_is(board: Path) -> None:
    assert [name for name in NEEDED if not (board / name).exists()] == []


def test_what_is_started_is_what_the_table_starts(board: Path) -> None:
    links = {str(path.relative_to(board)): str(path.readlink()) for path in (board / "etc/systemd").rglob("*.wants/*")}
    assert len(links) > 10
    assert links == {link: target for link, target in LINKS.items() if ".wants/" in link}


def test_the_packages_that_the_stages_name_are_kept(board: Path) -> None:
    """What is asked of APT, as far as it can be seen without it."""
    script = (board.parent / "chrooted").read_text()
    kept = re.search(r"for package in (.*); do", script)
    assert kept is not None
    assert {
        "linux-image-rpi-v8",
        "raspi-firmware",
        "firmware-brcm80211",
        "systemd-timesyncd",
        "network-manager",
    } <= set(kept[1].split())
    assert subprocess.run(["bash", "-n"], input=script, text=True, capture_output=True).stderr == ""


def test_the_start_does_not_wait_for_the_clock_s_file(board: Path) -> None:
    """It is on the data partition, which is checked and chosen first."""
    assert "Before=time-set.target shutdown.target\n" in (board / CLOCK).read_text()
