"""A broken card in the machine's own words: what lies where, and what the panel is told."""

import json
import socket
from pathlib import Path

from tests.qemu.guest.say import fact, run, until


def told():
    """The daemon's line to the panel."""
    with socket.socket(socket.AF_UNIX) as daemon, daemon.makefile("rb") as lines:
        daemon.connect("/run/inkvm/status.sock")
        return json.loads(lines.readline())


until("the daemon listens to the panel", Path("/run/inkvm/status.sock").exists)
until("it has looked at the card", lambda: told()["health"]["faults"])
status = told()
fact("faults", status["health"]["faults"])
fact("claim", "claim" in status)
fact("usb", status["usb"]["state"])
fact("kept", run("findmnt", "--noheadings", "--output", "FSTYPE", "/var/lib/inkvm"))
fact("panel", run("systemctl", "is-active", "inkvm-epaper.service"))
fact("end", True)
