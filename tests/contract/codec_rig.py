"""An encoder and memory to feed it from, simulated or real."""

from __future__ import annotations

import fcntl
import os
import struct
import subprocess
from typing import Protocol

from app.sim.codec import Firmware, SimCodec
from app.video.codec import Codec


class CodecRig(Protocol):
    """What the tests run against."""

    driver: str
    """Whose manners to expect: `board`, or a stand-in of `differences.toml`."""
    coding: str

    def open(self) -> Codec:
        """The node; the caller closes it."""

    def memory(self, size: int) -> int:
        """A DMABUF of at least that many bytes, all nought; the caller closes it."""


class SimCodecRig:
    """The simulated board."""

    driver = "board"
    coding = "H264"

    def open(self) -> SimCodec:
        return SimCodec(Firmware(), lambda _seconds: None)

    def memory(self, size: int) -> int:
        descriptor = os.memfd_create("dmabuf")
        os.ftruncate(descriptor, size)
        return descriptor


class VicodecRig:
    """The kernel's vicodec, loaded anew, and pages of ours as DMABUFs."""

    driver = "vicodec"
    coding = "FWHT"

    _CREATE = 0x40187542
    """UDMABUF_CREATE of linux/udmabuf.h."""

    def __init__(self, planes: str) -> None:
        subprocess.run(["rmmod", "vicodec"], check=True)
        subprocess.run(["insmod", "vicodec.ko", f"multiplanar={int(planes == 'multi-planar')}"], check=True)

    def open(self) -> Codec:
        from app.video.finder import find_codec

        return find_codec(self.coding)

    def memory(self, size: int) -> int:
        pages = -(-size // 4096) * 4096
        file = os.memfd_create("dmabuf", os.MFD_ALLOW_SEALING | os.MFD_CLOEXEC)
        os.ftruncate(file, pages)
        fcntl.fcntl(file, fcntl.F_ADD_SEALS, fcntl.F_SEAL_SHRINK)
        maker = os.open("/dev/udmabuf", os.O_RDWR | os.O_CLOEXEC)
        try:
            return fcntl.ioctl(maker, self._CREATE, bytearray(struct.pack("=IIQQ", file, 1, 0, pages)))
        finally:
            os.close(maker)
            os.close(file)
