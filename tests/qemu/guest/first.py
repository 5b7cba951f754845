"""Runs inside the machine: one start of the video path, from the interpreter's to the first access unit. Prints the steps as JSON.

Its argument is when it was started, by CLOCK_MONOTONIC. The machine has an input (vivid) and no H.264 encoder: it is the daemon's own way with the one in software.
"""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from collections.abc import Sequence

STARTED = time.monotonic()

from app.status import Encoder as EncoderStatus  # noqa: E402
from app.status import Signal  # noqa: E402
from app.video.encoder import Encoder  # noqa: E402
from app.video.encoders import Encoders  # noqa: E402
from app.video.feeder import Feeder  # noqa: E402
from app.video.finder import find_capture, find_codec  # noqa: E402
from app.video.frame import AccessUnit, RawFormat  # noqa: E402
from app.video.lanes import lanes  # noqa: E402
from app.video.node import Node  # noqa: E402
from app.video.pipeline import Pipeline  # noqa: E402
from app.video.presets import DEFAULT, preset  # noqa: E402
from app.video.recovery import Recovery  # noqa: E402
from app.video.v4l2 import V4L2Source  # noqa: E402

PATIENCE = 120.0
steps = {"interpreter started": STARTED, "modules loaded": time.monotonic()}
came = threading.Event()


def done(step: str) -> None:
    """It took until now; a step that is done again counts with its first time."""
    steps.setdefault(step, time.monotonic())


class Input(V4L2Source):
    """Says when it was offered the EDID, and when it streams."""

    def offer(self, edid: bytes) -> None:
        super().offer(edid)
        done("EDID offered")

    def start(self) -> tuple[RawFormat, tuple[int, ...]]:
        started = super().start()
        done("stream started")
        return started


def open_source() -> Input:
    source = Input(Node(find_capture()), lanes)
    done("input found and opened")
    return source


def clock() -> int:
    return time.monotonic_ns() // 1000


EDID = preset(DEFAULT, f"{os.getpid()}").build()
"""With a name of its own: one that the input has already would not be written."""
encoders = Encoders(lambda: find_codec("H264"), clock, 4_000_000)


def make_encoder(raw: RawFormat, buffers: Sequence[int]) -> Encoder:
    encoder = encoders(raw, buffers)
    done(f"encoder ({encoder.name}) loaded and made")
    return encoder


def publish(unit: AccessUnit) -> None:
    done(f"first access unit ({unit.width}x{unit.height})")
    came.set()


told: list[EncoderStatus | Signal] = []
feeder = Feeder(make_encoder, Recovery(clock, lambda _why: "no reboot here"), clock, told.append, publish)
pipeline = Pipeline(open_source, feeder, clock, told.append, EDID)
pipeline.watch(True)
pipeline.start()
assert came.wait(PATIENCE), told
pipeline.stop()
begins = [float(sys.argv[1]), *steps.values()]
print(json.dumps({step: end - began for (step, end), began in zip(steps.items(), begins, strict=False)}))
