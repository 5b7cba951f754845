"""H.264 by a hardware encoder: the raw frames' DMABUFs are handed to it, and nobody here ever sees what is in them.

A capture buffer has the same index in the encoder: a buffer that changes its DMABUF would be mapped anew each time. The order of calls
and what is done where a control is missing follow bcm2835-codec, the board's driver.
"""

from __future__ import annotations

import errno
import select
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

from app.video.annexb import Headers
from app.video.codec import Codec, Coded, Control
from app.video.encoder import EncoderError, Unfit
from app.video.frame import AccessUnit, PixelFormat, RawFormat, RawFrame
from app.video.reported import Reported

_CODED_BUFFERS = 3
"""One that is filled, one that is read, one to spare."""
_SMALLEST = 1 << 20
"""Bytes of a coded buffer. bcm2835-codec's own choice of 512 KiB cut large key frames short (ustreamer 169, linux 5232)."""
_GOP = 600
"""Frames between key frames nobody asked for: viewers ask when they need one."""
_HIGHEST_BITRATE = 20_000_000
"""Bits per second; level 4.0 forbids 25 million, and the board's encoder does not start then."""
_VBR, _JOINED, _CONSTRAINED_BASELINE = 0, 1, 1
_LEVELS = ((8_192, 245_760, 11), (8_704, 522_240, 13), (36_864, 983_040, 15))
"""Macroblocks in a frame and in a second, V4L2's number of the level: 4.0, which is what the board's encoder is made for, 4.2, 5.1."""
_DRAIN_MS = 200
"""For the frame inside, before the queues are stopped: stopping with DMABUFs held can hang the board's encoder (linux 7163)."""
_GIVEN_UP = 250_000
"""Microseconds from a buffer's return after which no access unit is expected from it any more."""


@dataclass(slots=True)
class _Inside:
    """A frame that the encoder has been given."""

    frame: RawFrame
    began: int
    returned: int | None = None
    """When the encoder let go of the buffer."""
    coded: bool = False
    """Its access unit has come, or that of a later frame."""


class M2MEncoder:
    """One session of a hardware encoder.

    Args:
        codec: the opened node; this closes it.
        raw: what the frames look like.
        buffers: DMABUF descriptors by buffer index.
        clock: microseconds, monotonic.
        bitrate: bits per second to aim at.
        coding: V4L2's name of what is to come out; parameter sets are kept with key frames of H.264.

    Raises:
        Unfit: the encoder takes no such frames.
        EncoderError: it does not start.
    """

    name = "m2m"
    reason = ""

    def __init__(
        self,
        codec: Codec,
        raw: RawFormat,
        buffers: Sequence[int],
        clock: Callable[[], int],
        *,
        bitrate: int,
        coding: str,
    ) -> None:
        self._codec = codec
        self._raw = raw
        self._buffers = buffers
        self._clock = clock
        self._headers = Headers() if coding == "H264" else None
        self._inside: dict[int, _Inside] = {}
        """By buffer index; in the order of going in."""
        try:
            with _reported("start the encoder"):
                self._bytes = self._set_up(coding, bitrate)
        except EncoderError:
            self.close()
            raise

    def _set_up(self, coding: str, bitrate: int) -> int:
        """The order of calls that every stateful encoder takes; how many bytes it takes for a frame."""
        fps = round(self._raw.fps) or 30
        self._controls(fps, bitrate)
        taken = self._codec.set_raw_format(self._raw)
        self._check(taken)
        room = max(_SMALLEST, self._raw.width * self._raw.height)
        coded, _size = self._codec.set_coded_format(coding, self._raw.width, self._raw.height, room)
        if coded != coding:
            raise Unfit(f"the encoder makes {coded}, not {coding}")
        _optional(self._codec.set_rate, fps)
        self._codec.import_buffers(len(self._buffers))
        self._codec.make_buffers(_CODED_BUFFERS)
        self._codec.start()
        return taken.sizeimage

    def _controls(self, fps: int, bitrate: int) -> None:
        """What has to be said before the encoder starts. A control that it does not have, or a value it does not know, stays its own.

        So do the bounds of the quantiser, 20 to 51 with bcm2835-codec: nobody sees finer ones, and coarser ones would break the rate.
        """
        wanted: list[tuple[Control, int]] = [
            ("profile", _CONSTRAINED_BASELINE), ("level", self._level(fps)), ("bitrate_mode", _VBR),
            ("bitrate", min(bitrate, _HIGHEST_BITRATE)), ("header_mode", _JOINED), ("repeat_header", 1),
        ]  # fmt: skip
        for control, value in wanted:
            _optional(self._codec.set_control, control, value)
        # An encoder that cannot be asked for a key frame gives one a second.
        gop = _GOP if _optional(self._codec.set_control, "force_key", 1) else fps
        # bcm2835-codec has GOP_SIZE since linux 6.6 only, and the other always.
        if not _optional(self._codec.set_control, "gop", gop):
            _optional(self._codec.set_control, "i_period", gop)

    def _level(self, fps: int) -> int:
        """The lowest that the board is known to work with; one that is too low for the size never gives a frame (linux 4906)."""
        blocks = -(-self._raw.width // 16) * -(-self._raw.height // 16)
        fitting = [number for frame, second, number in _LEVELS if blocks <= frame and blocks * fps <= second]
        return fitting[0] if fitting else _LEVELS[-1][2]

    def _check(self, taken: PixelFormat) -> None:
        """That the encoder reads the source's buffers as they are."""
        raw = self._raw
        if (taken.width, taken.height, taken.fourcc) != (raw.width, raw.height, raw.fourcc):
            raise Unfit(
                f"the encoder takes {taken.width}x{taken.height} {taken.fourcc} for {raw.width}x{raw.height} {raw.fourcc}"
            )
        if taken.bytesperline != raw.bytesperline or taken.sizeimage > raw.sizeimage:
            raise Unfit(
                f"the encoder wants rows of {taken.bytesperline} bytes and frames of {taken.sizeimage}, "
                f"the input has {raw.bytesperline} and {raw.sizeimage}"
            )

    def descriptors(self) -> Mapping[int, int]:
        """The node: access units first, buffers only if they are late. Some drivers give both at once, and one wake-up is enough."""
        inside = self._inside.values()
        if any(not one.coded for one in inside):
            return {self._codec.fileno(): select.POLLIN}
        return {self._codec.fileno(): select.POLLOUT} if inside else {}

    def submit(self, frame: RawFrame) -> None:
        """Queue it, all bytes used: none at all would be the end of the stream."""
        self._inside[frame.index] = _Inside(frame, self._clock())
        with _reported("give the encoder a frame"):
            self._codec.put_raw(frame.index, self._buffers[frame.index], self._bytes, frame.captured_us)

    def collect(self) -> tuple[Sequence[int], Sequence[AccessUnit]]:
        """What has come out. A frame whose buffer is back and whose access unit is not waits a little for it."""
        units = []
        inside = self._inside.values()
        with _reported("take the encoder's frames"):
            while any(not one.coded for one in inside) and (coded := self._codec.take_coded()) is not None:
                unit = self._unit(coded)
                self._codec.give_coded(coded.index)
                if unit is not None:
                    units.append(unit)
            while any(one.returned is None for one in inside) and (index := self._codec.take_raw()) is not None:
                self._inside[index].returned = self._clock()
        now = self._clock()
        finished = [
            index
            for index, one in self._inside.items()
            if one.returned is not None and (one.coded or now - one.returned > _GIVEN_UP)
        ]
        for index in finished:
            del self._inside[index]
        return finished, units

    def _unit(self, coded: Coded) -> AccessUnit | None:
        """The access unit, matched by its time; None for parameter sets alone, for what is damaged, and for what nobody gave."""
        data: bytes | None = self._codec.read(coded)
        if self._headers is not None and data is not None:
            data = self._headers.complete(data, coded.key)
        matched = [one for one in self._inside.values() if one.frame.captured_us == coded.captured_us]
        if data is None or not matched:
            return None
        for one in self._inside.values():
            one.coded |= one.frame.captured_us <= coded.captured_us
        if coded.damaged:
            return None
        frame, took = matched[0].frame, self._clock() - matched[0].began
        return AccessUnit(data, coded.key, frame.sequence, frame.captured_us, took, self._raw.width, self._raw.height)

    def request_key(self) -> None:
        """Make the next frame an IDR frame, if the encoder can."""
        with _reported("ask the encoder for a key frame"):
            _optional(self._codec.set_control, "force_key", 1)

    def set_bitrate(self, bits_per_second: int) -> None:
        """It takes a new rate while it runs."""
        with _reported("set the encoder's rate"):
            _optional(self._codec.set_control, "bitrate", min(bits_per_second, _HIGHEST_BITRATE))

    def set_frame_rate(self, fps: float) -> None:
        """It takes a new one while it runs, and shares its bits out by it: with fewer frames most of the bitrate would go unused."""
        with _reported("set the encoder's frame rate"):
            _optional(self._codec.set_rate, max(1, round(fps)))

    def close(self) -> None:
        """Let the frame inside out, stop, and give the node back. The kernel frees what an encoder that fails here has left."""
        poller = select.poll()
        poller.register(self._codec.fileno(), select.POLLIN | select.POLLOUT)
        with suppress(OSError, EncoderError):
            for _news in range(2 * len(self._inside)):  # its buffer and its access unit
                if not self._inside or not poller.poll(_DRAIN_MS):
                    break
                self.collect()
        with suppress(OSError):
            self._codec.stop()
        self._codec.close()


def _optional(call: Callable[..., object], *arguments: object) -> bool:
    """Whether the encoder has this, and takes the value."""
    try:
        call(*arguments)
    except OSError as error:
        if error.errno in {errno.EINVAL, errno.ERANGE, errno.ENOTTY}:
            return False
        raise
    return True


def _reported(what: str) -> Reported:
    """Turn the kernel's errors into the encoder's."""
    return Reported(lambda error: EncoderError(f"cannot {what}: {error.strerror}"))
