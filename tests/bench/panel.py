"""What the panel's process costs: `python3 -m tests.bench.panel [SECONDS]`, with so many seconds for each count of wake-ups.

CPU time is this machine's; the board's processor is several times slower. Simulating the panel is left out of it: the port
here counts bytes and does nothing else.
"""

from __future__ import annotations

import asyncio
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

from app.status import Claim, Device, Network, Signal
from epaper.command import CONTROLLERS
from epaper.display import Display
from epaper.own import Own
from epaper.page import page
from epaper.typeface import Terminus
from epaper.view import View
from tests.appliance import ROOT
from tests.epaper.statusd import StatusDaemon

CHANGES = 200
STAND_IN = """\
The daemon of the wake-ups is a stand-in that is silent once it has greeted: a real one says a line more whenever the
temperature, which it reads every half minute, is another whole degree, and whenever the Wi-Fi's strength changes."""
READY = Device(signal=Signal("locked", 1920, 1080, 50.0), network=Network("inkvm", ("192.168.1.42",)))
SETTLE = 15.0
"""Seconds until the panel is asleep after its first pictures."""


class Counter:
    """A Port that counts."""

    def __init__(self) -> None:
        self.bytes = self.looks = 0
        self._busy = False

    def power(self, on: bool) -> None:
        """See Port."""

    def reset(self, held: bool) -> None:
        """See Port."""

    def command(self, code: int) -> None:
        """See Port."""
        self.bytes += 1
        self._busy = code == 0x20

    def data(self, data: bytes) -> None:
        """See Port."""
        self.bytes += len(data)

    def busy(self) -> bool:
        """See Port."""
        self.looks += 1
        was, self._busy = self._busy, False
        return was

    def close(self) -> None:
        """See Port."""


async def no_sleep(_: float) -> None:
    """Waiting costs nothing here."""


async def changes(version: str) -> None:
    """Bytes per refresh, and CPU time from a status to the last byte."""
    port, view, own = Counter(), View(Terminus()), Own("inkvm")
    display = Display(lambda: port, CONTROLLERS[version], time.monotonic, no_sleep)  # type: ignore[index, return-value]
    frames = [view.frame(page(replace(READY, network=Network("inkvm", (f"10.0.0.{n}",))), own), "") for n in (1, 2)]

    async def cost(draw: Callable[[bytes], Awaitable[None]], frame: bytes) -> int:
        before = port.bytes
        await draw(frame)
        return port.bytes - before

    full = await cost(display.full, frames[0])
    partial = await cost(display.partial, frames[1])
    fast = await cost(display.fast, frames[0])
    await display.rest()
    woken = await cost(display.partial, frames[1])
    began = time.process_time()
    for number in range(CHANGES):
        device = replace(READY, network=Network("inkvm", (f"10.0.{number}.1",)))
        await display.partial(view.frame(page(device, own), f"{number}"))
    spent = (time.process_time() - began) / CHANGES
    print(f"- {version}: SPI bytes: partial {partial}, partial from sleep {woken}, full {full}, fast {fast}; "
          f"CPU per status change {spent * 1000:.1f} ms")  # fmt: skip


class Process:
    """The panel's process, on a simulated panel."""

    def __init__(self, folder: Path) -> None:
        self.socket = folder / "status.sock"
        self.picture = folder / "glass.png"
        self._began = time.monotonic()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "epaper", "--socket", str(self.socket), "--settings", str(folder / "none"),
             "--state", str(folder), "--runtime", str(folder), "--simulate", str(self.picture)],
            cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, stderr=subprocess.DEVNULL,
        )  # fmt: skip

    async def first_picture(self) -> float:
        """Seconds from the start of the process."""
        while not self.picture.exists():
            await asyncio.sleep(0.005)
        return time.monotonic() - self._began

    def _status(self, key: str) -> int:
        lines = Path(f"/proc/{self._process.pid}/status").read_text().splitlines()
        return int(dict(line.split(":", 1) for line in lines)[key].split()[0])

    @property
    def megabytes(self) -> float:
        """Resident."""
        return self._status("VmRSS") / 1024

    @property
    def wake_ups(self) -> int:
        """Since its start: how often it stopped waiting."""
        return self._status("voluntary_ctxt_switches")

    def end(self) -> None:
        """Orderly, with a last picture."""
        self._process.terminate()
        self._process.wait()


async def life(seconds: float) -> None:
    """One process: its first picture, its memory, and how often it wakes with a daemon and without one."""
    with tempfile.TemporaryDirectory() as name:
        process = Process(Path(name))
        try:
            print(f"- first picture {await process.first_picture():.2f} s after the start of the process")
            async with StatusDaemon(process.socket, READY) as daemon:
                await daemon.connected.wait()
                await asyncio.sleep(SETTLE)
                print(f"- resident with the ready page {process.megabytes:.1f} MB")
                await count(process, seconds, "a daemon that has nothing to say")
                daemon.say(replace(READY, claim=Claim("https://192.168.1.42/#K7WQM-2XD9P", "K7WQM-2XD9P")))
                await asyncio.sleep(SETTLE)
                print(f"- resident with the set-up page {process.megabytes:.1f} MB")
            await asyncio.sleep(SETTLE + 60)
            await count(process, seconds, "no daemon")
        finally:
            process.end()


async def count(process: Process, seconds: float, when: str) -> None:
    """Wake-ups in a while, as what they would be in an hour."""
    before = process.wake_ups
    await asyncio.sleep(seconds)
    woken = process.wake_ups - before
    print(f"- wake-ups with {when}: {woken} in {seconds:.0f} s, {woken * 3600 / seconds:.0f} an hour")


async def redraw() -> None:
    """What the hourly redraw adds, on a panel that takes as long as the real one."""
    from epaper.sim import SimulatedPanel

    naps = 0

    async def nap(seconds: float) -> None:
        nonlocal naps, now
        naps, now = naps + 1, now + seconds

    now = 0.0
    display = Display(lambda: SimulatedPanel(lambda _: None, lambda: now), CONTROLLERS["v4"], lambda: now, nap)
    view, shown = View(Terminus()), page(READY, Own("inkvm"))
    await display.full(view.frame(shown, ""))
    await display.rest()
    naps = 0
    await display.partial(view.frame(shown, "an hour later"))
    await display.rest()
    print(f"- the hourly redraw adds {naps + 2} wake-ups")


def main(seconds: float) -> None:
    """All of it."""
    print("# What the panel's process costs\n")
    print(f"{platform.machine()}, Python {platform.python_version()}, load {os.getloadavg()[0]:.1f} at the start.\n")
    print(f"{STAND_IN}\n")
    for version in CONTROLLERS:
        asyncio.run(changes(version))
    asyncio.run(redraw())
    asyncio.run(life(seconds))


if __name__ == "__main__":
    main(float(sys.argv[1]) if len(sys.argv) > 1 else 120.0)
