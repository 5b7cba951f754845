"""Where what lasts lies, chosen in a root of the test's own: with a card, with one that takes no writes, and with none."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

CHOOSER = Path(__file__).resolve().parents[2] / "rootfs-overlay/usr/libexec/inkvm/choose-data"
STAGE = """
set -e
cd "$1"
mkdir -p usr data run/inkvm-data/memory proc
ln -s usr/bin usr/sbin usr/lib usr/lib64 .
mount --bind /usr usr
mount -t proc proc proc
mount -t tmpfs -o mode=0755 memory run/inkvm-data/memory
# As systemd shows it to the service: writable below, and so a mount point of its own, card or not.
mount --bind data data
if [ "$2" = none ]; then
    mount -o remount,bind,ro data
else
    mount -t tmpfs -o mode=0755 card data
    mkdir -m 0700 data/access data/media
    echo '[]' >data/access/accounts.json
    chown -R 900:900 data/access
    truncate -s 2M data/media/large.iso
    [ "$2" != read-only ] || mount -o remount,ro data
fi
cp "$3" run/choose-data
chroot . /bin/sh /run/choose-data
cd run/inkvm-data
python3 - <<END
import json, os
state = os.stat("chosen/access/accounts.json") if os.path.exists("chosen/access/accounts.json") else None
print(json.dumps({
    "chosen": os.readlink("chosen"),
    "reason": open("reason").read() if os.path.exists("reason") else None,
    "copied": sorted(os.path.join(folder, name) for folder, _, names in os.walk("memory") for name in names),
    "owner": state and [state.st_uid, oct(os.stat("chosen/access").st_mode)],
}))
END
"""

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="mounting needs root")


def chosen(folder: Path, card: str) -> dict[str, object]:
    command = ["unshare", "--mount", "--propagation", "private", "sh", "-c", STAGE, "sh", folder, card, CHOOSER]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    found: dict[str, object] = json.loads(done.stdout.splitlines()[-1])
    return found


def test_a_card_that_works_is_chosen_and_nothing_is_said(tmp_path: Path) -> None:
    found = chosen(tmp_path, "writable")
    assert (found["chosen"], found["reason"], found["copied"]) == ("/data", None, [])


def test_a_card_that_takes_no_writes_is_copied_with_its_owners_but_for_what_is_large(tmp_path: Path) -> None:
    found = chosen(tmp_path, "read-only")
    assert found["chosen"] == "memory"
    assert found["reason"] == "card takes no more writes, changes are lost\n"
    assert found["copied"] == ["memory/access/accounts.json"]
    assert found["owner"] == [900, "0o40700"]


def test_without_a_card_there_is_memory(tmp_path: Path) -> None:
    found = chosen(tmp_path, "none")
    assert (found["chosen"], found["copied"]) == ("memory", [])
    assert found["reason"] == "card's data cannot be read, settings are lost\n"
