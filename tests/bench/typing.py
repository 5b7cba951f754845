"""From a WebSocket message to the event at the USB host, against a C program's writes: `python3 -m tests.bench.typing`.

In the kernel's virtual machine (tests/kernel), twice. First its clock counts instructions, and its processors take turns: that is a slow
processor of a known speed, whatever else this computer does. Then both run at once, as fast as this computer emulates them:
the ratio says something, the milliseconds little. What a message costs the daemon is measured outside of it as well.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path

from tests.appliance import PASSWORD, USER, Appliance
from tests.client import Client
from tests.kernel.vm import STEADY
from tests.wire import Wire

RATE, SECONDS = 100, 20
"""Messages a second, outside the virtual machine, and for how long."""
SOURCE = Path(__file__).with_name("hidwrite.c")


def main() -> int:
    """Build the floor, measure in the guest, print the table."""
    with tempfile.TemporaryDirectory() as folder:
        program = Path(folder) / "hidwrite"
        subprocess.run(["cc", "-O2", "-static", "-Wall", "-Werror", "-o", program, SOURCE], check=True)
        print("# From a message to the event at the USB host\n\nMilliseconds.", flush=True)
        status = _table(
            program, f"Processors in turns, {STEADY // 1_000_000} million instructions a second together", "--steady"
        )
        load = f"Both at once, load {os.getloadavg()[0]:.1f} before: an emulated processor that has to share measures its sharing"
        status = _table(program, load) or status
    print(
        f"\nOn this computer itself, with a simulated target, the daemon computes for {cost() * 1e6:.0f} µs per message."
    )
    return status


def _table(program: Path, title: str, *options: str) -> int:
    """Measure in one guest and print it; its exit status."""
    command = ["-m", "tests.kernel.bench", *options, *sys.argv[1:], "--bring", str(program)]
    guest = subprocess.run(
        [sys.executable, *command, "-q", "-s", "tests/kernel/guest/measure_typing.py"],
        stdout=subprocess.PIPE,
        text=True,
    )
    print(f"\n{title}:\n")
    print("| | events a second | median | p99 | the last one | made one with a newer |\n|---|---|---|---|---|---|")
    rows = [line for line in guest.stdout.splitlines() if line.startswith("| ")]
    print("\n".join(rows) if guest.returncode == 0 else guest.stdout, flush=True)
    return guest.returncode


def cost() -> float:
    """Seconds of the daemon's processor time per message, what it does without any taken off."""
    with tempfile.TemporaryDirectory() as folder:
        appliance = Appliance(Path(folder))
        appliance.start()
        try:
            client = Client(appliance.url)
            client.login(USER, PASSWORD)
            with closing(Wire(int(client.host.rpartition(":")[2]), "/api/ws", client.cookie or "")) as wire:
                idle, busy = (_computed(appliance, wire, messages) for messages in (False, True))
            client.close()
        finally:
            appliance.kill()
    return (busy - idle) / (SECONDS * RATE)


def _computed(appliance: Appliance, wire: Wire, messages: bool) -> float:
    before, began = appliance.processor_time(), time.monotonic()
    for number in range(SECONDS * RATE):
        wire.live()
        time.sleep(max(0.0, began + number / RATE - time.monotonic()))
        if messages:
            wire.send(wire.sealed("mouse_move", to={"x": number, "y": number}))
    return appliance.processor_time() - before


if __name__ == "__main__":
    sys.exit(main())
