"""Builds the Debian image a second time as another machine would and holds it against the first: `python -m tests.image.twice`.

The second build starts from nothing, in another folder, from another user's checkout, with another umask, on a host of
another name, in another time zone, 400 days later. All that a build leaves must be the same to the bit.
"""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from image.records.tree import differences, parse

REPOSITORY = Path(__file__).resolve().parents[2]
FIRST = REPOSITORY / "dist"
FAKETIME = Path(f"/usr/lib/{platform.machine()}-linux-gnu/faketime/libfaketime.so.1")
OWNER = "12345"
SHOWN = 20


def main() -> int:
    """Print what was built and how it compares; 1 if anything differs."""
    if subprocess.run(["git", "status", "--porcelain"], cwd=REPOSITORY, check=True, capture_output=True).stdout:
        print("cannot compare: this checkout has changes that are not committed, and the second build would lack them")
        return 1
    subprocess.run(["git", "log", "-1", "--format=commit %H"], cwd=REPOSITORY, check=True)
    print(f"first build: {build(['image/build', 'debian'], REPOSITORY, {}):.0f} s", flush=True)
    with tempfile.TemporaryDirectory(prefix="elsewhere-", dir="/var/tmp") as folder:
        checkout = Path(folder, "inkvm")
        print(f"second build, elsewhere and from nothing: {elsewhere(checkout):.0f} s", flush=True)
        faults = compare(FIRST, checkout / "dist")
    print("image", (FIRST / "inkvm-debian.img.zst.sha256").read_text().split()[0])
    print("\n".join(faults) or "identical: the image and every record of it")
    return 1 if faults else 0


def elsewhere(checkout: Path) -> float:
    """Clone and build as somebody else, on another machine, at another time; the seconds it took."""
    clone = f"umask 077 && git clone --quiet {REPOSITORY} {checkout} && chown -R {OWNER}:{OWNER} {checkout}"
    subprocess.run(["sh", "-c", clone], check=True)
    clock = checkout / "build/libfaketime.so.1"  # the build sees its checkout wherever it runs
    clock.parent.mkdir()
    shutil.copy(FAKETIME, clock)
    # Another clock is no other file system: without NO_FAKE_STAT the files' own times would be moved as well.
    settings = {
        "USER": "somebody", "LOGNAME": "somebody", "SUDO_UID": OWNER, "HOME": str(checkout.parent), "LANG": "tr_TR.UTF-8",
        "TZ": "Pacific/Kiritimati", "LD_PRELOAD": str(clock), "FAKETIME": "+400d", "NO_FAKE_STAT": "1", "RELEASE_URL": f"file://{FIRST}",
    }  # fmt: skip
    script = "hostname elsewhere && umask 077 && exec image/build debian"
    return build(["unshare", "--uts", "sh", "-c", script], checkout, settings)


def build(command: list[str], checkout: Path, settings: dict[str, str]) -> float:
    """Run a build with these settings besides the environment's; the seconds it took. Its output is shown if it fails."""
    began = time.monotonic()
    done = subprocess.run(command, cwd=checkout, env=os.environ | settings, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"{done.stdout}{done.stderr}\nthe build in {checkout} failed")
    return time.monotonic() - began


def compare(first: Path, second: Path) -> list[str]:
    """What differs between two builds' folders: first the image's files, then what describes them."""
    lists = [parse((folder / "inkvm-debian.files").read_text()) for folder in (first, second)]
    differ = [f"{path}: {what}" for path, what in differences(*lists).items()]
    faults = differ[:SHOWN]
    if len(differ) > SHOWN:
        faults.append(f"and {len(differ) - SHOWN} more files")
    names = sorted(path.name for path in first.glob("inkvm-debian.*"))
    if names != sorted(path.name for path in second.glob("inkvm-debian.*")):
        faults.append(f"{first} and {second} do not hold the same files")
    return faults + [f"{name} differs" for name in names if not same(first / name, second / name)]


def same(first: Path, second: Path) -> bool:
    """Whether two files have the same content."""
    return second.exists() and subprocess.run(["cmp", "--silent", first, second]).returncode == 0


if __name__ == "__main__":
    sys.exit(main())
