"""Brings the USB gadget up or takes it down: `python3 -m app.gadget up|down`. Needs root; runs before the network."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from app.gadget import request
from app.gadget.apply import Gadget
from app.gadget.functions import of, planned
from app.gadget.plan import GADGET, GadgetError, Identity
from app.gadget.udc import Controller
from app.identity import serial


def main() -> int:
    """0 when the gadget is as asked; 1 and one line on stderr when not."""
    options = _arguments().parse_args()
    gadget = Gadget(options.configfs, GADGET, options.sysfs / "class/udc")
    try:
        if options.action == "down":
            gadget.down()
            return 0
        udc = Controller(options.sysfs, options.udc).wait(options.wait)
        with request.alone(options.runtime):
            changed, refusal = False, ""
            for _ in request.until_unchanged(options.state):
                done, refusal = _up(gadget, options.state, udc)
                changed = changed or done
                request.answer(options.runtime, refusal)
    except (GadgetError, OSError) as error:
        print(f"gadget: {error}", file=sys.stderr)
        return 1
    print(f"gadget: {'up on' if changed else 'already up on'} {udc}")
    if refusal:
        print(f"gadget: not as asked: {refusal}", file=sys.stderr)
    return 1 if refusal else 0


def _up(gadget: Gadget, state: Path, udc: str) -> tuple[bool, str]:
    """Whether anything had to be done, and why the profile that is asked for cannot be had.

    The one there was stays then, or comes back; at the start of all that is the default.
    """
    identity = Identity("KVM", serial(Path("/")))
    before = of(gadget.functions() or ())
    try:
        return gadget.up(planned(identity, request.asked(state)), udc), ""
    except (GadgetError, OSError) as error:
        refusal = str(error)
    return gadget.up(planned(identity, before), udc), refusal


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python3 -m app.gadget", description="The USB keyboard and mice.")
    parser.add_argument("action", choices=("up", "down"))
    parser.add_argument("--configfs", type=Path, default=Path("/sys/kernel/config"), help="ConfigFS's mount point")
    parser.add_argument("--sysfs", type=Path, default=Path("/sys"), help="sysfs's mount point")
    parser.add_argument("--udc", help="the USB device controller, by its name in /sys/class/udc (the first)")
    parser.add_argument("--wait", type=float, default=10.0, help="seconds to wait for the controller (10)")
    parser.add_argument(
        "--state", type=Path, default=Path("/var/lib/inkvm"), help="where the daemon asks for a profile"
    )
    parser.add_argument("--runtime", type=Path, default=Path("/run/inkvm-gadget"), help="where it is answered")
    return parser


if __name__ == "__main__":
    sys.exit(main())
