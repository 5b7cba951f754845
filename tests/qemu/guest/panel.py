"""Runs inside the machine, as root: changes the device and waits until the panel shows the truth.

What the truth is, is computed here from the kernel's addresses and the daemon's status: the picture has to be that page, pixel
for pixel. Prints one line per step; the test outside reads them off the console.
"""

import fcntl
import json
import os
import platform
import socket
import struct
import subprocess
import time
from pathlib import Path

from app import __version__
from app.net.addresses import Addresses
from app.status_line import from_json
from epaper.news import Silence
from epaper.own import Own
from epaper.page import page
from epaper.picture import png, unpack
from epaper.steady import Steady
from epaper.typeface import Terminus
from epaper.view import View

RUN = Path("/run/inkvm-epaper")
DROP_IN = Path("/run/systemd/system/inkvm-epaper.service.d/wires.conf")
ADDRESS = "198.51.100.7/24"
PATIENCE = 300.0
"""Longer than the policy's own worst case: a flash that nobody waits for, 180 s after the one before."""

view, addresses = View(Terminus()), Addresses()


def say(*words: object) -> None:
    # On a line of its own, whatever systemd has begun to say on the same console.
    print("\npanel:", *words, flush=True)


def systemctl(*words: str) -> str:
    return subprocess.run(["systemctl", *words], capture_output=True, text=True, check=True).stdout.strip()


def shown() -> bytes:
    try:
        return (RUN / "panel.png").read_bytes()
    except FileNotFoundError:
        return b""


def news():
    try:
        with socket.socket(socket.AF_UNIX) as daemon, daemon.makefile("rb") as lines:
            daemon.connect("/run/inkvm/status.sock")
            return Steady().settle(from_json(lines.readline()))
    except OSError:
        return Silence.GONE


def truth() -> bytes:
    try:
        facts = json.loads((RUN / "panel.json").read_text())
    except FileNotFoundError:
        return b"nothing"
    own = Own(platform.node(), addresses.now(), __version__, facts["boots"])
    return png(unpack(view.frame(page(news(), own), facts["as_of"])))


def expect(step: str) -> None:
    """The picture changes, and is the truth."""
    before, began = shown(), time.monotonic()
    DOINGS[step]()
    while shown() == before or shown() != truth():
        if time.monotonic() - began > PATIENCE:
            raise SystemExit(f"{step}: not shown within {PATIENCE:.0f} s")
        time.sleep(0.2)
    say(step, "shown")


def uplink() -> str:
    return next(
        name
        for name in os.listdir("/sys/class/net")
        if name != "lo" and (Path("/sys/class/net") / name / "device").exists()
    )


def ip(action: str) -> None:
    subprocess.run(["ip", "address", action, ADDRESS, "dev", uplink()], check=True)


def signal_mode(mode: int) -> None:
    """Vivid's control, found by its name: struct v4l2_queryctrl is 68 bytes, v4l2_control 8."""
    for node in sorted(Path("/dev").glob("video*")):
        with node.open("rb", buffering=0) as video:
            control = 0
            while True:
                query = bytearray(struct.pack("=I64x", control | 0x80000000))
                try:
                    fcntl.ioctl(video, 0xC0445624, query)
                except OSError:
                    break
                control, name = struct.unpack_from("=I4x32s", query)
                if name.rstrip(b"\0") == b"DV Timings Signal Mode":
                    fcntl.ioctl(video, 0xC008561C, bytearray(struct.pack("=Ii", control, mode)))
                    return
    raise SystemExit("vivid has no such control")


DOINGS = {
    "address added": lambda: ip("add"),
    "address removed": lambda: ip("del"),
    "signal lost": lambda: signal_mode(1),
    "signal found": lambda: signal_mode(0),
    "daemon stopped": lambda: systemctl("stop", "inkvm.service"),
    "daemon started": lambda: systemctl("start", "inkvm.service"),
}


def until_there(file: Path, pause: float) -> None:
    deadline = time.monotonic() + PATIENCE
    while not file.exists():
        if time.monotonic() > deadline:
            raise SystemExit(f"no {file} within {PATIENCE:.0f} s")
        time.sleep(pause)


def resident(when: str) -> None:
    process = systemctl("show", "--value", "-p", "MainPID", "inkvm-epaper.service")
    status = dict(line.split(":", 1) for line in Path(f"/proc/{process}/status").read_text().splitlines())
    say(f"resident {when} {int(status['VmRSS'].split()[0]) / 1024:.1f} MB")


def measure() -> None:
    """From the start of the process to its first picture, and what it then holds in memory."""
    systemctl("stop", "inkvm-epaper.service")
    (RUN / "glass.png").unlink(missing_ok=True)
    systemctl("start", "--no-block", "inkvm-epaper.service")
    until_there(RUN / "glass.png", 0.02)
    drawn = time.clock_gettime(time.CLOCK_MONOTONIC)
    started = int(systemctl("show", "--value", "-p", "ExecMainStartTimestampMonotonic", "inkvm-epaper.service")) / 1e6
    began = time.monotonic()
    subprocess.run(["python3", "-c", "import tornado.web"], check=True)
    yardstick = time.monotonic() - began
    say(
        f"first picture {drawn - started:.2f} s after the start of the process; a bare import of tornado.web takes {yardstick:.2f} s"
    )
    until_there(RUN / "panel.json", 0.2)
    resident("simulated")


def wires() -> None:
    """The unit as it is on a board, on a machine that has no SPI."""
    DROP_IN.parent.mkdir(parents=True, exist_ok=True)
    DROP_IN.write_text("[Service]\nExecStart=\nExecStart=/usr/bin/python3 -m epaper\n")
    systemctl("daemon-reload")
    systemctl("restart", "inkvm-epaper.service")
    invocation = systemctl("show", "--value", "-p", "InvocationID", "inkvm-epaper.service")
    time.sleep(40)  # the first attempts, 5, 10 and 20 s apart
    journal = ["journalctl", "-q", "-o", "cat", f"_SYSTEMD_INVOCATION_ID={invocation}"]
    lines = subprocess.run(journal, capture_output=True, text=True, check=True).stdout.splitlines()
    resident("without SPI")
    say("without SPI:", systemctl("is-active", "inkvm-epaper.service"), systemctl("is-active", "inkvm.service"), lines)


def story() -> None:
    deadline = time.monotonic() + 600
    while shown() != truth() or isinstance(news(), Silence):
        if time.monotonic() > deadline:
            raise SystemExit("never true")
        time.sleep(0.5)
    say("ready shown")
    for step in DOINGS:
        expect(step)
    measure()
    wires()


try:
    story()
except BaseException as error:  # the test outside waits for a last line, whatever happens
    say("gave up:", repr(error))
    raise
say("end")
