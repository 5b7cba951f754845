"""Brings the USB gadget up or takes it down: `python3 -m app.gadget up|down`. Needs root; runs before the network."""

from __future__ import annotations

import argparse
import hashlib
import sys
from pathlib import Path

from app.gadget.apply import Gadget
from app.gadget.plan import GADGET, INPUT, GadgetError, Identity, plan
from app.gadget.udc import Controller


def main() -> int:
    """0 when the gadget is as asked; 1 and one line on stderr when not."""
    options = _arguments().parse_args()
    gadget = Gadget(options.configfs, GADGET)
    try:
        if options.action == "down":
            gadget.down()
            return 0
        identity = Identity("KVM", _serial(Path("/")))
        udc = Controller(options.sysfs, options.udc).wait(options.wait)
        changed = gadget.up(plan(identity, INPUT), udc)
    except (GadgetError, OSError) as error:
        print(f"gadget: {error}", file=sys.stderr)
        return 1
    print(f"gadget: {'up on' if changed else 'already up on'} {udc}")
    return 0


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python3 -m app.gadget", description="The USB keyboard and mice.")
    parser.add_argument("action", choices=("up", "down"))
    parser.add_argument("--configfs", type=Path, default=Path("/sys/kernel/config"), help="ConfigFS's mount point")
    parser.add_argument("--sysfs", type=Path, default=Path("/sys"), help="sysfs's mount point")
    parser.add_argument("--udc", help="the USB device controller, by its name in /sys/class/udc (the first)")
    parser.add_argument("--wait", type=float, default=10.0, help="seconds to wait for the controller (10)")
    return parser


def _serial(root: Path) -> str | None:
    """The board's serial number; on other machines a digest of the machine's id, which is itself nobody's business."""
    board, machine = root / "proc/device-tree/serial-number", root / "etc/machine-id"
    if board.is_file():
        return board.read_text().rstrip("\0\n")
    if machine.is_file() and (identifier := machine.read_bytes().strip()):
        return hashlib.blake2b(identifier, person=b"inkvm usb", digest_size=8).hexdigest()
    return None


if __name__ == "__main__":
    sys.exit(main())
