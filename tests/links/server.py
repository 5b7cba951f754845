"""The real hub and the real web server, with an encoder that spends exactly its bitrate: `python -m tests.links.server FOLDER CEILING`.

Says its port and a session's token on the first line; on SIGTERM it says what it did, as one line of JSON.
"""

from __future__ import annotations

import asyncio
import json
import signal
import sys
import time
from pathlib import Path
from typing import Any

from app.status import Viewers
from app.stream.hub import Hub
from app.stream.rate import Rate
from app.stream.viewer import Viewer
from app.stream.wire import Message
from app.video.frame import AccessUnit
from app.video.quality import STEPS, Quality
from app.video.stills import INTERVAL
from app.web.server import Server
from tests import door
from tests.links.wire import SERVER

FPS = 30
TEXT = (440_000, 335_000, 240_000, 155_000, 62_000, 38_000, 22_000)
"""Bytes of a JPEG of a screen full of text, at each step of its quality."""


def clock() -> int:
    return time.monotonic_ns() // 1000


class Camera:
    """Key frames of a quarter of a second's bits, as the software encoder makes them."""

    def __init__(self, ceiling: int) -> None:
        self.bitrate = ceiling
        self.divisor = 1
        self.key_wanted = False
        self.bitrates: list[int] = []
        self.sequence = 0

    def watch(self, watched: bool) -> None: ...

    def request_key(self) -> None:
        self.key_wanted = True

    def set_bitrate(self, bits_per_second: int) -> None:
        self.bitrate = bits_per_second
        self.bitrates.append(bits_per_second)

    def set_frame_divisor(self, divisor: int) -> None:
        self.divisor = divisor

    def frame(self, now: int) -> AccessUnit | None:
        self.sequence += 1
        if self.sequence % self.divisor:
            return None
        key, self.key_wanted = self.key_wanted, False
        size = self.bitrate // 8 // 4 if key else self.bitrate * self.divisor // 8 // FPS
        return AccessUnit(bytes(size), key, self.sequence, now, 0, 1280, 720)


class Stills:
    """JPEGs, five a second while somebody wants them, as large as a screen full of text makes them."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._quality = Quality()
        self._due = 0
        self._wanted = False
        self.sizes: list[int] = []
        hub.still_demand = self._want

    def follow(self, sequence: int, now: int) -> None:
        if not self._wanted or now < self._due:
            return
        self._due = max(self._due + INTERVAL, now)
        size = TEXT[STEPS.index(self._quality.step)]
        self._quality.made(size, self._hub.still_bytes)
        self.sizes.append(size)
        self._hub.publish_still(AccessUnit(bytes(size), True, sequence, now, 0, 1280, 720))

    def _want(self, wanted: bool) -> None:
        self._wanted = wanted


class Witness:
    """Notes when which frame started, and the most that was held for each viewer."""

    def __init__(self) -> None:
        self.started: dict[int, list[tuple[int, int, int]]] = {}
        """By viewer: time, sequence and age in microseconds."""
        self.held: dict[int, int] = {}
        self.viewers: list[Viewer] = []
        self.worst_lag = 0
        take = Viewer.take

        def witnessed(viewer: Viewer, now: int) -> Message | None:
            message = take(viewer, now)
            if message is not None:
                self.started.setdefault(viewer.number, []).append((now, message.sequence, now - message.captured_us))
            return message

        Viewer.take = witnessed  # type: ignore[method-assign]

    def look(self, hub: Hub, lag: int) -> None:
        if hub.occupied.is_set():
            self.worst_lag = max(self.worst_lag, lag)
        for viewer in hub._viewers.values():
            if viewer not in self.viewers:
                self.viewers.append(viewer)
            held = viewer.queued_bytes + viewer.pacer.in_flight
            self.held[viewer.number] = max(self.held.get(viewer.number, 0), held)

    def account(self, camera: Camera, stills: Stills) -> dict[str, Any]:
        return {
            "stills": stills.sizes,
            "bitrate": camera.bitrate,
            "bitrates": camera.bitrates,
            "divisor": camera.divisor,
            "worst_lag": self.worst_lag,
            "viewers": {
                viewer.number: {
                    "started": self.started.get(viewer.number, []),
                    "held": self.held.get(viewer.number, 0),
                    "drops": dict(viewer.drops),
                    "slide_show": viewer.slide_show,
                }
                for viewer in self.viewers
            },
        }


async def run(folder: Path, ceiling: int) -> None:
    camera, witness, stop = Camera(ceiling), Witness(), asyncio.Event()
    seen: list[Viewers] = []
    hub = Hub(clock, camera, Rate(ceiling), seen.append)
    stills = Stills(hub)
    services = door.services(hub, folder, SERVER)
    server = Server(services, lambda: services.certificates.context)
    server.start(SERVER, 0)
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    print(json.dumps([server.port, services.gate.sessions.open(door.USER)]), flush=True)
    due = clock()
    while not stop.is_set():
        due += 1_000_000 // FPS
        await asyncio.sleep(max(0, due - clock()) / 1_000_000)
        witness.look(hub, clock() - due)
        unit = camera.frame(clock())
        if unit is not None:
            hub.publish(unit)
        stills.follow(camera.sequence, clock())
        if camera.sequence % FPS == 0:
            hub.review()
    print(json.dumps(witness.account(camera, stills)), flush=True)


if __name__ == "__main__":
    asyncio.run(run(Path(sys.argv[1]), int(sys.argv[2])))
