"""When the machine was of use, since its kernel began, and what its services hold; on a bare Debian only the first."""

import json
import os
import socket
import time
from pathlib import Path

from tests.qemu.guest.say import fact, shown, until

UNITS = ["inkvm", "inkvm-epaper", "inkvm-journal"]


def watched():
    """Whether somebody sees the picture."""
    with socket.socket(socket.AF_UNIX) as daemon, daemon.makefile("rb") as lines:
        daemon.connect("/run/inkvm/status.sock")
        return json.loads(lines.readline())["viewers"]["count"] == 1


def held(unit):
    """Bytes of all its processes: resident, and resident by its share of what is shared."""
    folder = Path("/sys/fs/cgroup/system.slice", f"{unit}.service", "cgroup.procs")
    lines = []
    for process in folder.read_text().split():
        lines += Path("/proc", process, "smaps_rollup").read_text().splitlines()
    return [1024 * sum(int(line.split()[1]) for line in lines if line.startswith(kind)) for kind in ("Rss:", "Pss:")]


def seconds(unit, name):
    return int(shown(unit, name)) / 1e6


until("the start is over", lambda: shown("multi-user.target", "ActiveState") == "active")
fact("multi-user", seconds("multi-user.target", "ActiveEnterTimestampMonotonic"))
if Path("/usr/lib/inkvm").exists():
    fact("gadget", seconds("inkvm-gadget.service", "ActiveEnterTimestampMonotonic"))
    fact("panel", seconds("inkvm-epaper.service", "ActiveEnterTimestampMonotonic"))
    fact("https", seconds("inkvm.service", "ActiveEnterTimestampMonotonic"))
if "inkvm.watched" in Path("/proc/cmdline").read_text():
    until("somebody watches", watched)
    time.sleep(20)  # what a viewer costs, once it is served
    fact("memory", {unit: held(unit) for unit in UNITS})
fact("end", os.getpid())
