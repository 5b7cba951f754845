"""The way of the picture, from the video thread to the viewers on the loop, and to the panel."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable
from dataclasses import replace
from functools import partial

from app.bus import Bus
from app.hardware import Hardware
from app.reboot import Reboot
from app.settings import Settings
from app.status import Part, Thumbnail
from app.stream.hub import Hub
from app.stream.rate import Rate
from app.supervisor import Supervisor
from app.video import thumbnail
from app.video.encoders import Encoders
from app.video.feeder import Feeder
from app.video.frame import AccessUnit
from app.video.pipeline import Pipeline
from app.video.recovery import Recovery
from app.video.snapshot import snapshot
from app.video.vigil import Vigil
from app.web.fallback import Fallback

_REVIEW = 1.0
"""Seconds."""


def assemble(
    hardware: Hardware, wanted: Settings, edid: bytes, reboot: Reboot, *, bus: Bus, supervisor: Supervisor
) -> tuple[Pipeline, Hub]:
    """Both ends of it, on the running loop; the thread is still to be started."""
    loop = asyncio.get_running_loop()

    def report(part: Part) -> None:
        loop.call_soon_threadsafe(bus.publish, part)

    def unreviewed() -> None:
        bus.publish(replace(bus.device.viewers, bitrate=0, each=()))

    handover = Handover(loop)
    feeder = Feeder(
        Encoders(hardware.open_codec, _microseconds, wanted.video.bitrate),
        Recovery(_microseconds, reboot.request),
        _microseconds,
        report,
        handover.give,
    )
    pipeline = Pipeline(hardware.open_source, feeder, _microseconds, report, edid)
    hub = Hub(_microseconds, pipeline, Rate(wanted.video.bitrate), bus.publish, wanted.stream.bound_ms * 1000)
    handover.publish = hub.publish
    hub.still_demand = Fallback(hub, supervisor.start).want
    vigil = Vigil(
        pipeline.busy, lambda: bus.device.encoder, bus.publish, lambda why: asyncio.to_thread(reboot.request, why)
    )
    supervisor.start("encoder watch", vigil.follow)
    supervisor.start("bitrate control", partial(_reviews, hub), unreviewed)
    if wanted.panel.thumbnail:
        small = partial(thumbnail.follow, lambda: bus.device, partial(snapshot, pipeline), bus.publish)
        supervisor.start("small picture", small, lambda: bus.publish(Thumbnail(0, 0, "")))
    return pipeline, hub


class Handover:
    """From the video thread to the loop. What came while the loop was busy arrives at once: then all but the newest may be too old."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.publish: Callable[..., object] = lambda *units: None
        """Called on the loop, with what there is."""
        self._loop = loop
        self._units: deque[AccessUnit] = deque()

    def give(self, unit: AccessUnit) -> None:
        """Called on the video thread."""
        self._units.append(unit)
        self._loop.call_soon_threadsafe(self._take)

    def _take(self) -> None:
        units = [self._units.popleft() for _ in range(len(self._units))]
        if units:
            self.publish(*units)


async def _reviews(hub: Hub) -> None:
    """The encoder follows its viewers, once a second while there are any."""
    while True:
        await hub.occupied.wait()
        await asyncio.sleep(_REVIEW)
        hub.review()


def _microseconds() -> int:
    """CLOCK_MONOTONIC, which also stamps the kernel's frames."""
    return time.monotonic_ns() // 1000
