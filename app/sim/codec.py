"""The simulated board's H.264 encoder: bcm2835-codec's manners and quirks, with libx264 behind them.

Sources: the driver (drivers/staging/vc04_services/bcm2835-codec of the Raspberry Pi kernel), and for what the firmware does the
reports named at each.
"""

from __future__ import annotations

import errno
import mmap
import os
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass

from app.video.annexb import split
from app.video.codec import Coded, Control
from app.video.frame import PixelFormat, RawFormat
from app.video.x264 import X264

_STRIDES = {"UYVY": 64, "YUYV": 64, "YU12": 64, "NV12": 32, "RGB3": 32}
_BYTES_PER_PIXEL = {"UYVY": 2.0, "YUYV": 2.0, "YU12": 1.5, "NV12": 1.5, "RGB3": 3.0}
_CODINGS = ("H264", "MJPG")
_SMALLEST, _LARGEST = 32, 1920
_MINIMUM_BUFFERS = 2
"""The firmware's one, and one for the end of the stream."""
_ANSWER = 3.0
"""Seconds for which the driver waits for the firmware's."""
_RANGES: dict[Control, tuple[int, int, int]] = {
    "profile": (0, 4, 4), "level": (0, 11, 11), "bitrate_mode": (0, 1, 0), "bitrate": (25_000, 25_000_000, 10_000_000),
    "i_period": (0, 0x7FFFFFFF, 60), "header_mode": (0, 1, 1), "repeat_header": (0, 1, 0), "force_key": (0, 0, 0),
}  # fmt: skip
"""Lowest, highest, default. GOP_SIZE came with linux 6.6; a board's kernel may be older."""
_MENUS = {"profile", "level", "bitrate_mode", "header_mode"}
_CBR, _MAIN, _HIGH = 1, 2, 4
_LEVEL_BLOCKS = {4: 396, 5: 792, 6: 792, 7: 1620, 8: 1620, 9: 3600, 10: 5120, 11: 8192}
"""Macroblocks in a frame, by V4L2's number of the level (ITU-T H.264 table A-1)."""
_LEVEL_BITRATE = 20_000_000
"""Of level 4.0 in the lower profiles; 25 million with High."""


@dataclass
class Firmware:
    """The video processor behind the driver: what is wrong with it outlasts every opening of the node, until a reboot."""

    stuck: bool = False
    """Components cannot be made (pikvm 1704)."""
    silent: bool = False
    """The encoder takes frames and gives none."""
    losing: int = 0
    """So many of the next frames come to nothing: their buffers come back alone."""
    damaging: int = 0
    """So many of the next access units are damaged."""
    stops_left: int = 1 << 30
    """How many times the queues are still stopped with frames held before it hangs (linux 7163)."""
    contiguous: bool = True
    """Whether the input's buffers are contiguous memory; others cannot be imported."""


class SimCodec:
    """Implements `app.video.codec.Codec`. Encodes while a frame is put, and says so by its descriptor.

    Args:
        firmware: shared by all who open the node.
        sleep: takes seconds; stopping with a frame inside takes its time.
    """

    name = "bcm2835-codec-encode"

    def __init__(self, firmware: Firmware, sleep: Callable[[float], object] = time.sleep) -> None:
        self._firmware = firmware
        self._sleep = sleep
        self._news = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_SEMAPHORE | os.EFD_CLOEXEC)
        self._controls = {name: default for name, (_low, _high, default) in _RANGES.items()}
        self._raw = PixelFormat(_SMALLEST, _SMALLEST, "YU12", 64, 64 * _SMALLEST * 3 // 2)
        self._fps = 30
        self._coded_size = 512 << 10
        self._raw_count = self._coded_count = 0
        self._streaming = False
        self._x264: X264 | None = None
        self._inside: deque[tuple[int, int, int]] = deque()
        self._done: deque[int] = deque()
        self._free: deque[int] = deque()
        self._content: dict[int, bytes] = {}
        self._filled: deque[Coded] = deque()
        self._headers_given = False
        self._since_key = 0

    def fileno(self) -> int:
        """Readable once for every coded buffer."""
        return self._news

    def codings(self) -> Sequence[str]:
        """H.264, and still pictures on the same node."""
        return _CODINGS

    def set_control(self, control: Control, value: int) -> None:
        """Numbers beyond the range are brought into it, as V4L2's core does; choices are refused."""
        if control not in _RANGES:
            raise OSError(errno.EINVAL, "no such control")
        low, high, _default = _RANGES[control]
        if control in _MENUS and not low <= value <= high:
            raise OSError(errno.ERANGE, "no such choice")
        value = min(max(value, low), high)
        if control == "bitrate":
            value = value // 25_000 * 25_000
        self._controls[control] = value
        if self._x264 is not None and control == "bitrate":
            self._x264.set_bitrate(value)
        if self._x264 is not None and control == "force_key":
            self._x264.request_key()
            self._since_key = 0

    def set_raw_format(self, wanted: PixelFormat) -> PixelFormat:
        """An unknown format becomes the first one; rows are lengthened to the alignment, and no row is cut."""
        self._must(not self._raw_count, errno.EBUSY)
        fourcc = wanted.fourcc if wanted.fourcc in _STRIDES else "YU12"
        width, height = (min(max(size & ~1, _SMALLEST), _LARGEST) for size in (wanted.width, wanted.height))
        packed = fourcc in {"UYVY", "YUYV", "RGB3"}
        least = int(width * _BYTES_PER_PIXEL[fourcc]) if packed else width
        stride = -(-max(wanted.bytesperline, least) // _STRIDES[fourcc]) * _STRIDES[fourcc]
        size = stride * height if packed else stride * height * 3 // 2
        self._raw = PixelFormat(width, height, fourcc, stride, size)
        return self._raw

    def set_coded_format(self, coding: str, width: int, height: int, sizeimage: int) -> tuple[str, int]:
        """Buffers of the driver's size at least."""
        self._must(not self._coded_count, errno.EBUSY)
        default = (512 << 10) if width * height <= 1280 * 720 else (768 << 10)
        self._coded_size = max(default, sizeimage)
        return (coding if coding in _CODINGS else _CODINGS[0]), self._coded_size

    def set_rate(self, fps: int) -> None:
        """Anything but nothing."""
        self._must(fps > 0, errno.EINVAL)
        self._fps = fps

    def import_buffers(self, count: int) -> int:
        """Makes the component, which fails when the firmware is stuck."""
        self._must(not self._firmware.stuck, errno.EINVAL)
        self._raw_count = max(count, _MINIMUM_BUFFERS)
        return self._raw_count

    def make_buffers(self, count: int) -> int:
        """All queued."""
        self._coded_count = max(count, _MINIMUM_BUFFERS)
        self._free.extend(range(self._coded_count))
        return self._coded_count

    def start(self) -> None:
        """A rate beyond the level is refused (linux 4938), and so is CBR with Main at 1080p, late (linux 5360); a level too low for the
        size is taken, and nothing ever comes out (linux 4906).
        """
        self._must(self._raw_count and self._coded_count, errno.EINVAL)
        controls = self._controls
        self._must(controls["profile"] == _HIGH or controls["bitrate"] <= _LEVEL_BITRATE, errno.ESRCH)
        blocks = -(-self._raw.width // 16) * -(-self._raw.height // 16)
        if blocks > _LEVEL_BLOCKS.get(controls["level"], 99):
            self._firmware.silent = True
        if controls["bitrate_mode"] == _CBR and controls["profile"] == _MAIN and self._raw.height >= 1080:
            self._sleep(_ANSWER)
            raise OSError(errno.ETIME, os.strerror(errno.ETIME))
        self._x264 = X264(RawFormat(**asdict(self._raw), fps=self._fps), controls["bitrate"])
        self._streaming = True

    def put_raw(self, index: int, dmabuf: int, bytesused: int, captured_us: int) -> None:
        """Imports the memory, if it is long enough and in one piece."""
        self._must(index < self._raw_count, errno.EINVAL)
        self._must(not bytesused or bytesused >= self._raw.sizeimage, errno.EINVAL)
        self._must(os.fstat(dmabuf).st_size >= self._raw.sizeimage, errno.EFAULT)
        self._must(self._firmware.contiguous, errno.EINVAL)
        self._must(index not in [inside[0] for inside in self._inside] and index not in self._done, errno.EINVAL)
        self._inside.append((index, dmabuf, captured_us if bytesused else -1))
        self._work()

    def take_raw(self) -> int | None:
        """In the order of putting."""
        return self._done.popleft() if self._done else None

    def take_coded(self) -> Coded | None:
        """In the order of putting."""
        if not self._filled:
            return None
        os.eventfd_read(self._news)
        return self._filled.popleft()

    def read(self, coded: Coded) -> bytes:
        """As long as the buffer is the caller's."""
        return self._content[coded.index]

    def give_coded(self, index: int) -> None:
        """The encoder may have waited for it."""
        self._must(index in self._content, errno.EINVAL)
        del self._content[index]
        self._free.append(index)
        self._work()

    def stop(self) -> None:
        """Waits two seconds for frames that do not come out (linux 4592)."""
        if self._streaming and self._inside:
            self._sleep(2.0)
            self._firmware.stops_left -= 1
            self._firmware.stuck |= self._firmware.stops_left < 0
        while self.take_coded() is not None:
            pass
        for queue in (self._inside, self._done, self._free):
            queue.clear()
        self._content.clear()
        self._raw_count = self._coded_count = 0
        self._streaming, self._x264 = False, None

    def close(self) -> None:
        """As the kernel does with what is left."""
        self.stop()
        os.close(self._news)

    def _work(self) -> None:
        while self._x264 is not None and self._inside and self._free and not self._firmware.silent:
            index, dmabuf, captured = self._inside.popleft()
            self._done.append(index)
            if captured < 0:  # the end of the stream: nothing more comes out
                self._firmware.silent = True
                return
            if self._firmware.losing:
                self._firmware.losing -= 1
                continue
            self._encode(self._x264, dmabuf, captured)

    def _encode(self, x264: X264, dmabuf: int, captured: int) -> None:
        """The parameter sets come in a buffer of their own first, with no time of any frame (ustreamer drops what it cannot match)."""
        self._since_key += 1
        if self._since_key >= max(self._controls["i_period"], 1):
            x264.request_key()
        with mmap.mmap(dmabuf, self._raw.sizeimage, prot=mmap.PROT_READ) as pixels, memoryview(pixels) as view:
            made = x264.encode(view, captured)
        for data, key in made:
            sets, picture = split(data)
            if key:
                self._since_key = 0
            if not self._headers_given and len(self._free) > 1:
                self._headers_given = True
                self._fill(sets, 0, key=False)
            self._fill(data if self._controls["repeat_header"] else picture, captured, key)

    def _fill(self, data: bytes, captured: int, key: bool) -> None:
        """What does not fit is cut off (linux 5232)."""
        index = self._free.popleft()
        self._content[index] = data[: self._coded_size]
        damaged = bool(captured and self._firmware.damaging)
        self._firmware.damaging -= damaged
        self._filled.append(Coded(index, len(self._content[index]), captured, key, damaged))
        os.eventfd_write(self._news, 1)

    @staticmethod
    def _must(condition: object, otherwise: int) -> None:
        if not condition:
            raise OSError(otherwise, os.strerror(otherwise))
