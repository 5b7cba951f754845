"""Random trouble at the HDMI input, one after the other, under the appliance's own pipeline: vivid to vicodec."""

from __future__ import annotations

import queue
import random
import statistics
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from app.status import Encoder as EncoderStatus
from app.status import Signal
from app.video.encoder import Encoder
from app.video.encoders import Encoders
from app.video.feeder import Feeder
from app.video.finder import find_capture, find_codec, open_source
from app.video.frame import AccessUnit, RawFormat
from app.video.pipeline import Pipeline
from app.video.presets import DEFAULT, preset
from app.video.recovery import Recovery
from app.video.source import Source
from tests.conftest import EFFORT
from tests.kernel.guest.bridge import Bridge
from tests.kernel.guest.target import PATIENCE
from tests.kernel.guest.video import is_key

SWITCHES = 15 * EFFORT
SEED = 1743
MODES = {"640x480p59": (640, 480), "800x600p60": (800, 600), "720x480p59": (720, 480)}
"""Small ones: the encoder shares an emulated processor with everything else."""
FWHT_MAGIC = b"OOOO"
RESTORED = {"mode changed", "input gone"}
"""What leaves the mode as it was: another one is the only news that can come after it."""
EDIDS = [preset(DEFAULT, serial).build() for serial in ("1", "2")]


def clock() -> int:
    return time.monotonic_ns() // 1000


class Line:
    """The pipeline between vivid and vicodec, and what it says and shows, in its own order."""

    def __init__(self) -> None:
        self.signals: queue.Queue[Signal] = queue.Queue()
        self.units: queue.Queue[AccessUnit] = queue.Queue()
        self.wrong: list[str] = []
        self._signal = Signal()
        self._fresh = False
        self._last = -1
        self._hardware = Encoders(lambda: find_codec("FWHT"), clock, 1_000_000, "FWHT")
        feeder = Feeder(
            self._make_encoder, Recovery(clock, lambda why: f"no reboot here: {why}"), clock, self._told, self._show
        )
        self.pipeline = Pipeline(self._open, feeder, clock, self._told, edid=EDIDS[0])

    def _open(self) -> Source:
        return open_source(find_capture())

    def _make_encoder(self, raw: RawFormat, buffers: Sequence[int]) -> Encoder:
        self._fresh = True
        return self._hardware(raw, buffers)

    def _told(self, part: Signal | EncoderStatus) -> None:
        if isinstance(part, Signal):
            self._signal = part
            self.signals.put(part)
        elif part.state in {"stalled", "failed"}:
            self.wrong.append(f"encoder {part}")

    def _show(self, unit: AccessUnit) -> None:
        """On the video thread: between a report and the next, pictures are of what was reported."""
        told = self._signal
        if told.state != "locked" or (unit.width, unit.height) != (told.width, told.height):
            self.wrong.append(f"{unit.width}x{unit.height} shown while {told}")
        # vicodec takes no padded rows: such a mode is libx264's.
        if self._fresh and not (is_key(unit) if unit.data.startswith(FWHT_MAGIC) else unit.key):
            self.wrong.append("a mode began without a key frame")
        if not self._fresh and unit.sequence < self._last:
            self.wrong.append(f"frame {unit.sequence} after {self._last}")
        self._fresh, self._last = False, unit.sequence
        self.units.put(unit)

    def until(self, state: str, size: tuple[int, int] = (0, 0)) -> None:
        """Return when this is reported."""
        while True:
            told = self.signals.get(timeout=PATIENCE)
            if told.state == state and (told.width, told.height) == size:
                return

    def picture(self, size: tuple[int, int]) -> None:
        """Return when one of this size is shown."""
        while True:
            unit = self.units.get(timeout=PATIENCE)
            if (unit.width, unit.height) == size:
                break
        while not self.units.empty():  # what nobody looks at is no leak of the pipeline's
            self.units.get()


@pytest.fixture
def line(bridge: Bridge) -> Iterator[Line]:
    bridge.mode("640x480p59")
    bridge.set("percentage_of_dropped_buffers", 80)
    bridge.no_edid()
    line = Line()
    line.pipeline.start()  # loads ours, or nothing would ever be sent
    line.pipeline.watch(True)
    yield line
    line.pipeline.stop()
    bridge.set("percentage_of_dropped_buffers", 0)


Held = tuple[list[str], int, int]


def held() -> Held:
    """What the process has open, by kind; how many threads it has, and how many mappings of buffers."""
    kinds = []
    for link in Path("/proc/self/fd").iterdir():
        try:
            kinds.append(str(link.readlink()).partition(":[")[0])
        except FileNotFoundError:
            continue
    mapped = [
        line for line in Path("/proc/self/maps").read_text().splitlines() if "/dev/video" in line or "dmabuf" in line
    ]
    return sorted(kind for kind in kinds if not kind.endswith("/fd")), threading.active_count(), len(mapped)


def resident() -> int:
    """KiB of memory."""
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0])


def trouble(line: Line, bridge: Bridge, chance: random.Random) -> dict[str, tuple[Callable[[], object], str]]:
    """What can happen, and the state that it leads to; empty where the picture comes back by itself."""
    return {
        "no signal": (bridge.no_signal, "no_power"),
        "no lock": (bridge.no_lock, "no_lock"),
        "out of range": (bridge.out_of_range, "unsupported"),
        "replugged": (line.pipeline.replug, "no_signal"),
        "another display": (lambda: line.pipeline.show(chance.choice(EDIDS)), "no_signal"),
        "stream broken": (lambda: bridge.inject("inject_fatal_streaming_error"), "unsupported"),
        "input gone": (lambda: bridge.inject("disconnect"), "unknown"),
        "mode changed": (lambda: None, ""),
    }


def at_rest(line: Line, size: tuple[int, int], wanted: Held | None) -> Held:
    """What is held while pictures come: as wanted, or else the same twice. A late announcement may begin the stream anew meanwhile."""
    last = wanted
    for _picture in range(20):
        line.picture(size)
        now = held()
        if now == last:
            break
        last = wanted or now
    return now


def test_every_switch_ends_in_the_right_state_and_leaves_nothing_behind(line: Line, bridge: Bridge) -> None:
    chance = random.Random(SEED)
    size = (640, 480)
    line.until("locked", size)
    line.picture(size)
    took: dict[str, list[float]] = {}
    before: dict[tuple[int, int], Held] = {}
    memory = []
    troubles = trouble(line, bridge, chance)
    coming: list[str] = []
    for number in range(SWITCHES):
        if not coming:
            coming = chance.sample(sorted(troubles), len(troubles))
        what = coming.pop()
        happen, state = troubles[what]
        happen()
        began = time.monotonic()
        if state:
            line.until(state, size if what == "stream broken" else (0, 0))
        took.setdefault(what, []).append(time.monotonic() - began)
        if what == "input gone":
            line.until("locked", size)  # found again; until then nobody can open it
        name = chance.choice([mode for mode in MODES if MODES[mode] != size or what not in RESTORED])
        size = MODES[name]
        bridge.mode(name)
        line.until("locked", size)
        line.picture(size)
        where = f"switch {number}: {what}, then {name}"
        assert line.wrong == [], where
        # The mode decides which encoder is open.
        now = at_rest(line, size, before.get(size))
        assert now == before.setdefault(size, now), where
        memory.append(resident())
        assert memory[-1] - memory[min(9, number)] < 16_384, where
    compared = SWITCHES - len(before)
    print(
        f"\n{SWITCHES} switches, seed {SEED}: descriptors, mapped buffers and threads compared {compared} times, equal"
    )
    print(
        f"memory since the tenth: {memory[-1] - memory[9]:+d} KiB at the end, {max(memory[9:]) - memory[9]:+d} KiB at most"
    )
    for what, times in sorted(took.items()):
        print(
            f"{what}: {len(times)} times, told {statistics.median(times):.3f} s median, {max(times):.3f} s at most after the control was set"
        )
