"""The image: how large it is, how long it takes to be of use next to a bare Debian, and what its services hold in memory.

All on one emulated machine in one run. The bare Debian is the base that the image was made of, before the first stage: the same
packages, kernel and initial RAM disk, the same stand-ins for hardware, and none of ours. Times are the machine's own, since its
kernel began. First its clock counts instructions, and its processors take turns: what else this computer does makes no difference.
Then both run at once, as the board's four do, on those of this computer, which had better be idle.
"""

from __future__ import annotations

import asyncio
import shutil
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

from tornado.websocket import websocket_connect

from tests.bench import NOTHING
from tests.qemu.card import ROOT_A, flashed, place
from tests.qemu.conftest import PASSWORD, script
from tests.qemu.facts import Facts
from tests.qemu.machine import IMAGE, REPOSITORY, Machine, unpacked
from tests.qemu.test_boot import HEADER, SHOWN, cookie, request

BASE = REPOSITORY / "build" / "image" / "cache" / "base"
STAND_INS = REPOSITORY / "image/stage-debian/01-bench/files/usr/lib"
GUEST = REPOSITORY / "tests" / "qemu" / "scenarios" / "90-bench"
PATIENCE = 1800.0


def main() -> int:
    """Measure, and print it as Markdown; the exit status."""
    if not (IMAGE.exists() and BASE.exists()):
        print(
            "the image is not measured: it, or the base it was made of, is not here (make image BASE=debian)",
            file=sys.stderr,
        )
        return NOTHING
    raw = unpacked().stat().st_blocks * 512
    print("# The image\n")
    print(
        f"Compressed {IMAGE.stat().st_size / 1e6:.0f} MB (aim: 200), unpacked {raw / 1e6:.0f} MB of content on a 2 GiB card."
    )
    with tempfile.TemporaryDirectory(dir=REPOSITORY / "build") as name:
        card = bare_card(Path(name))
        for steady, running in ((True, "in turns"), (False, "at once")):
            bare = booted(card, "rw systemd.firstboot=off", steady=steady)["multi-user"]
            times(running, bare, booted(unpacked(), "", steady=steady))
    watched = booted(unpacked(), "inkvm.watched", password=PASSWORD)
    print("\n| Memory with one viewer, MB | resident | its own share |\n|---|---|---|")
    for unit, (resident, share) in watched["memory"].items():
        print(f"| {unit} | {resident / 1e6:.1f} | {share / 1e6:.1f} |")
    resident, share = (sum(each[column] for each in watched["memory"].values()) / 1e6 for column in (0, 1))
    print(f"| together (aim: 120) | {resident:.1f} | {share:.1f} |")
    return 0


def times(running: str, bare: float, ours: Facts) -> None:
    """Print how long both took to start."""
    print(
        f"\n| Since the kernel began, on QEMU's `virt` with two Cortex-A53 models {running} | seconds | of a bare Debian |"
    )
    print("|---|---|---|")
    print(f"| bare Debian: multi-user.target | {bare:.1f} | 1 |")
    for name, words in (
        ("gadget", "keyboard enumerated"),
        ("panel", "the panel begins to draw"),
        ("https", "HTTPS (aim: 1.3)"),
    ):
        print(f"| {words} | {ours[name]:.1f} | {ours[name] / bare:.2f} |", flush=True)


def bare_card(folder: Path) -> Path:
    """A card whose root file system is the base alone, on a machine with the same hardware."""
    tree = folder / "tree"
    tree.mkdir()
    subprocess.run(["tar", "--numeric-owner", "-xpf", Path(BASE.read_text().strip()), "-C", tree], check=True)
    for name in ("modprobe.d", "modules-load.d"):
        shutil.copytree(STAND_INS / name, tree / "usr/lib" / name, dirs_exist_ok=True)
    card = flashed(folder / "card")
    start, size = place(card, ROOT_A)
    part = folder / "root"
    with part.open("wb") as file:
        file.truncate(size)
    subprocess.run(["mke2fs", "-q", "-F", "-t", "ext4", "-d", tree, part], check=True)
    shutil.rmtree(tree)
    command = [
        "dd",
        f"if={part}",
        f"of={card}",
        "bs=1M",
        "oflag=seek_bytes",
        f"seek={start}",
        "conv=notrunc,sparse",
        "status=none",
    ]
    subprocess.run(command, check=True)
    part.unlink()
    return card


def booted(card: Path, arguments: str, password: str = "", *, steady: bool = True) -> Facts:
    """What the machine says of itself at its first start; with a password, once somebody has used it to watch."""
    with Machine("virt", card, password=password, script=script(GUEST), arguments=arguments, steady=steady) as machine:
        if password:
            machine.wait_for_https(PATIENCE)
            threading.Thread(target=lambda: asyncio.run(watch(machine)), daemon=True).start()
        return Facts(machine).until("end", PATIENCE)


async def watch(machine: Machine) -> None:
    """One viewer, who paints every frame."""
    headers = {"Cookie": await cookie(machine), "Origin": f"https://localhost:{machine.port}"}
    stream = await websocket_connect(request(machine, "/api/stream", headers=headers))
    while isinstance(message := await stream.read_message(), bytes):
        sequence = HEADER.unpack_from(message)[3]
        await stream.write_message(SHOWN.pack(1, 1, 0, sequence), binary=True)


if __name__ == "__main__":
    sys.exit(main())
