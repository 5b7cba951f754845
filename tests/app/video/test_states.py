"""Everything that can happen to the cable, the bridge and the encoder, in any order, on the simulated board and a clock of its own."""

from __future__ import annotations

import select
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from app.sim.bridge import Bridge, Picture, mode
from app.sim.codec import Firmware, SimCodec
from app.sim.receiver import Receiver
from app.status import Encoder as EncoderStatus
from app.status import Signal
from app.video.capture import BARREN, Capture
from app.video.encoder import Encoder
from app.video.feeder import Feeder
from app.video.frame import AccessUnit, RawFormat
from app.video.m2m import M2MEncoder
from app.video.presets import NAMES, preset
from app.video.receiver import BOARD
from app.video.recovery import Recovery
from app.video.source import SourceGone
from app.video.v4l2 import V4L2Source
from tests.conftest import EFFORT
from tests.contract.rig import mark

STEPS = 50
WALKS = 10 * EFFORT
TICK = 50_000
SECOND = 1_000_000 // TICK
SLEEP = 10
"""Ticks without news after which the thread asks everybody."""
WOKEN = {-1: select.POLLIN}
"""What poll says of the thread's own descriptor, which is nothing to the capture."""
soon = st.integers(0, SECOND)


def mostly(usual: bool) -> st.SearchStrategy[bool]:
    return st.sampled_from([usual, usual, usual, not usual])


MODES = {
    "text": mode(720, 400, 70), "vga": mode(640, 480, 59.94), "svga": mode(800, 600, 60), "hd": mode(1280, 720, 60),
    "odd": mode(1366, 768, 60), "slow": mode(1920, 1080, 30), "full": mode(1920, 1080, 50),
}  # fmt: skip
TOO_MUCH = {"lanes": mode(1920, 1080, 60), "range": mode(2048, 1080, 30)}
PICTURES: list[int] = []
"""Of each walk."""
EDIDS = [preset(name, "1").build() for name in NAMES]


class Stamp:
    """In the place of libx264: a picture is the number that the buffer bears, and the first one is a key frame."""

    def __init__(self, _raw: RawFormat, _bitrate: int) -> None:
        self._key = True

    def encode(self, pixels: memoryview, _captured: int) -> Sequence[tuple[bytes, bool]]:
        key, self._key = self._key, False
        sets = b"\0\0\0\1\x67set\0\0\0\1\x68set" if key else b""
        return [(sets + (b"\0\0\0\1\x65" if key else b"\0\0\0\1\x41") + pixels[:4].hex().encode(), key)]

    def request_key(self) -> None:
        self._key = True

    def set_bitrate(self, _bits_per_second: int) -> None:
        pass


def descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


class Walk(RuleBasedStateMachine):
    """One board, from power on."""

    @initialize(counted=st.booleans())
    def begin(self, counted: bool) -> None:
        self.before = descriptors()
        self.asleep, self.hung, self.poked = 0, False, False
        self.spoilt = -1
        """How many pictures there were when the encoder spoilt frames last."""
        self.now = 1_000_000_000
        self.bridge = Bridge(lambda: self.now)
        self.lanes = BOARD if counted else None
        self.powered, self.sent = True, "hd"
        self.bridge.plug(True)
        self.bridge.send(MODES["hd"])
        self.edid = EDIDS[0]
        self.firmware = Firmware()
        self.watched = True
        self.signal, self.encoder = Signal(), EncoderStatus()
        self.fresh = False
        self.last: AccessUnit | None = None
        self.pictures = 0
        self._start()

    def _start(self) -> None:
        self.reboots = 0
        self.feeder = Feeder(
            self._make_encoder, Recovery(lambda: self.now, self._reboot), lambda: self.now, self._tell, self._publish
        )
        self._open()
        self._pass(5 * SECOND)

    def _open(self) -> None:
        self.node = Receiver(self.bridge, lambda: self.now, mark)
        source = V4L2Source(self.node, lambda _driver: self.lanes)
        self.capture = Capture(source, self.feeder, lambda: self.now, self._tell, self.edid)
        self.capture.watch(self.watched)

    def _make_encoder(self, raw: RawFormat, buffers: Sequence[int]) -> Encoder:
        self.fresh = True
        codec = SimCodec(self.firmware, self._sleep)
        return M2MEncoder(codec, raw, buffers, lambda: self.now, bitrate=4_000_000, coding="H264")

    def _sleep(self, seconds: float) -> None:
        self.now += round(seconds * 1_000_000)

    def _reboot(self, _why: str) -> str:
        self.reboots += 1
        return "the device reboots"

    def _tell(self, part: Signal | EncoderStatus) -> None:
        if isinstance(part, Signal):
            self.signal = part
        else:
            self.encoder = part
            self.hung |= self.firmware.silent or self.firmware.stuck
            assert part.state in {"idle", "running"} or self.hung, part

    def _publish(self, unit: AccessUnit) -> None:
        """A picture is of the mode that is told, begins with a key frame, and shows the buffer's own frame."""
        assert self.signal.state == "locked"
        assert (unit.width, unit.height) == (self.signal.width, self.signal.height)
        assert unit.key or not self.fresh
        assert unit.data.endswith(unit.sequence.to_bytes(4, "big").hex().encode())
        if self.last is not None and not self.fresh:
            assert unit.sequence > self.last.sequence
            assert unit.captured_us > self.last.captured_us
        self.hung = self.firmware.silent or self.firmware.stuck
        self.fresh, self.last = False, unit
        self.pictures += 1

    def _pass(self, ticks: int) -> None:
        for _ in range(ticks):
            self.now += TICK
            self.node.advance()
            try:
                self.capture.step(self._ready())
            except SourceGone:
                self.capture.close()
                self._open()

    def _ready(self) -> Mapping[int, int] | None:
        """What the thread's poll says: everybody is asked only after half a second without news."""
        poller = select.poll()
        for descriptor, events in self.capture.descriptors().items():
            poller.register(descriptor, events)
        woken, self.poked = self.poked, False
        ready = WOKEN if woken else dict(poller.poll(0))
        self.asleep = 0 if ready else self.asleep + 1
        if self.asleep == SLEEP:
            self.asleep = 0
            return None
        return ready or WOKEN

    @rule(powered=mostly(True), ticks=soon)
    def cable(self, powered: bool, ticks: int) -> None:
        self.powered = powered
        self.bridge.plug(powered)
        self._pass(ticks)

    @rule(name=st.sampled_from([*MODES, *TOO_MUCH, "off", "unstable"]), ticks=soon)
    def target_sends(self, name: str, ticks: int) -> None:
        self.sent = name
        picture: Picture = "unstable" if name == "unstable" else {**MODES, **TOO_MUCH}.get(name, "off")
        self.bridge.send(picture)
        self._pass(ticks)

    @rule(watched=mostly(True), ticks=soon)
    def somebody_watches(self, watched: bool, ticks: int) -> None:
        self.watched = watched
        self.capture.watch(watched)
        self.poked = True
        self._pass(ticks)

    @rule(edid=st.sampled_from(EDIDS), ticks=soon)
    def replug(self, edid: bytes, ticks: int) -> None:
        self.edid = edid
        self.capture.replug(edid)
        self._pass(ticks)

    @rule(ticks=soon)
    def bridge_loses_its_supply(self, ticks: int) -> None:
        self.bridge.power_cycle()
        self._pass(ticks)

    @rule()
    def device_goes_away(self) -> None:
        self.node.disconnect()
        self._pass(1)

    @rule(silent=mostly(False), ticks=soon)
    def encoder_hangs_or_not(self, silent: bool, ticks: int) -> None:
        self.firmware.silent = silent
        self.hung |= silent
        self._pass(ticks)

    @rule(lost=st.integers(0, 2), damaged=st.integers(0, 2), ticks=soon)
    def encoder_spoils_frames(self, lost: int, damaged: int, ticks: int) -> None:
        """A few, and then it works for long enough not to be called stalled."""
        if self.pictures > self.spoilt:  # what nobody was there for would come on top, and more in a row are a stall
            self.firmware.losing, self.firmware.damaging = lost, damaged
            self.spoilt = self.pictures
        self._pass(ticks + 2 * SECOND)

    @rule(barren=mostly(False), ticks=soon)
    def frames_do_not_arrive(self, barren: bool, ticks: int) -> None:
        self.bridge.barren = barren
        self._pass(ticks)

    @precondition(lambda self: self.pictures > 20)
    @rule(ticks=soon)
    def encoder_is_stuck_until_the_reboot(self, ticks: int) -> None:
        self.firmware.stuck = True
        self._pass(ticks)

    @precondition(lambda self: self.reboots)
    @rule()
    def reboot(self) -> None:
        self.capture.close()
        self.firmware.stuck = self.firmware.silent = False
        self._start()

    @rule(ticks=st.integers(1, 2 * SECOND))
    def time_passes(self, ticks: int) -> None:
        self._pass(ticks)

    @rule()
    def all_is_told_in_time(self) -> None:
        """The bridge's second, the driver's tenth for hot plug, our own second, and the replug's: then the state is the truth."""
        self._pass(5 * SECOND)
        assert self.signal.state == self._true_state(), (self.signal, self.powered, self.sent)
        if self.signal.state == "unsupported":
            refused = "cannot stream 1920x1080 at 60 Hz: Invalid argument; the mode may be too fast for the receiver"
            assert (
                self.signal.reason
                == {
                    "range": "the mode is outside what the input can take",
                    "lanes": "1920x1080 at 60 Hz needs 3 CSI lanes, this board has 2" if self.lanes else refused,
                }[self.sent]
            )
        if self.powered and self.sent in MODES:
            now = MODES[self.sent]
            assert (self.signal.width, self.signal.height) == (now.width, now.height)
            assert self.bridge.edid() == self.edid

    def _true_state(self) -> str:
        if not self.powered:
            return "no_power"
        if self.sent in MODES or (self.sent == "lanes" and self.lanes is None and not self._streams()):
            return "locked"
        return {"off": "no_signal", "unstable": "no_lock"}.get(self.sent, "unsupported")

    def _streams(self) -> bool:
        """Whether anything is begun for those who watch: an encoder that fails in a row is left alone for a while."""
        return self.watched and self.feeder.ready

    @rule()
    def pictures_come_when_they_can(self) -> None:
        before, tried = self.pictures, self._streams()
        self._pass(8 * SECOND)
        if not (self.powered and self.sent in MODES and self._streams()):
            return
        if self.bridge.barren:
            assert self.signal.reason == BARREN or not tried
        elif not self.firmware.silent and not self.firmware.stuck:
            assert self.pictures > before
            assert self.encoder.state == "running"
            assert not self.signal.reason

    @invariant()
    def nothing_is_owned_twice(self) -> None:
        if hasattr(self, "signal"):
            assert "buffer" not in self.signal.reason

    def teardown(self) -> None:
        if hasattr(self, "capture"):
            self.capture.close()
            assert descriptors() == self.before
            PICTURES.append(self.pictures)


@pytest.fixture(autouse=True)
def stamped(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr("app.sim.codec.X264", Stamp)
    yield
    print(f"{len(PICTURES)} walks of at most {STEPS} steps, {sum(PICTURES)} pictures")
    assert sum(PICTURES) > 100 * WALKS, "walks without pictures prove nothing"


Walk.TestCase.settings = settings(max_examples=WALKS, stateful_step_count=STEPS)
TestWalk = Walk.TestCase
