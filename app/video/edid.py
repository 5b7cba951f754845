"""An EDID as values: what a display tells a computer about itself, built to bytes and read from them.

Sources: VESA E-EDID 1.3 and 1.4 (base block), CTA-861-H section 7.5 (extension), HDMI 1.4b section 8.3.2 (vendor-specific data block).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from app.video.modes import ESTABLISHED, VICS, Mode, from_standard, standard

BLOCK = 128
BLOCKS_MAX = 8
"""The bridge's memory (tc358743.c, EDID_NUM_BLOCKS_MAX)."""
HEADER = b"\0\xff\xff\xff\xff\xff\xff\0"
CTA, _CTA_REVISION = 0x02, 3
_VIDEO, _VENDOR = 2, 3
_HDMI = b"\x03\x0c\x00"
_CAPABILITIES = bytes((7 << 5 | 2, 0, 0x4A))
"""Video capabilities: nothing gets cut off at the edges, and the bridge goes by the range of colours that the source says it sends."""
_UNDERSCANNED = 0x80
_SERIAL, _LIMITS, _NAME, _STANDARD, _DUMMY = 0xFF, 0xFD, 0xFC, 0xFA, 0x10
_SRGB = bytes.fromhex("ee91a3544c99260f5054")
"""Chromaticity: sRGB's primaries and white, as every plain display says."""


@dataclass(frozen=True, slots=True)
class Detailed:
    """A detailed timing: a mode with its blanking. Pixels across, lines down, the clock in Hz in steps of 10 kHz."""

    clock: int
    width: int
    hfront: int
    hsync: int
    hback: int
    height: int
    vfront: int
    vsync: int
    vback: int
    hpositive: bool = True
    vpositive: bool = True
    interlaced: bool = False

    @property
    def mode(self) -> Mode:
        """What it shows."""
        across = self.width + self.hfront + self.hsync + self.hback
        down = self.height + self.vfront + self.vsync + self.vback
        height = self.height * 2 if self.interlaced else self.height
        return Mode(self.width, height, round(self.clock / (across * down)), self.interlaced)

    def build(self) -> bytes:
        """18 bytes."""
        hblank, vblank = self.hfront + self.hsync + self.hback, self.vfront + self.vsync + self.vback
        flags = 0x18 | self.interlaced << 7 | self.vpositive << 2 | self.hpositive << 1
        return struct.pack(
            "<H10B4xBB", self.clock // 10_000,
            self.width & 255, hblank & 255, self.width >> 8 << 4 | hblank >> 8,
            self.height & 255, vblank & 255, self.height >> 8 << 4 | vblank >> 8,
            self.hfront & 255, self.hsync & 255, (self.vfront & 15) << 4 | self.vsync & 15,
            self.hfront >> 8 << 6 | self.hsync >> 8 << 4 | self.vfront >> 4 << 2 | self.vsync >> 4,
            0, flags,
        )  # fmt: skip

    @classmethod
    def parse(cls, code: bytes) -> Detailed:
        """Read 18 bytes; the picture's size and borders are nothing to us."""
        clock, w, hb, wh, h, vb, hv, hf, hs, vfs, high, flags = struct.unpack("<H10B5xB", code)
        width, hblank = w | wh >> 4 << 8, hb | (wh & 15) << 8
        height, vblank = h | hv >> 4 << 8, vb | (hv & 15) << 8
        hfront, hsync = hf | high >> 6 << 8, hs | (high >> 4 & 3) << 8
        vfront, vsync = vfs >> 4 | (high >> 2 & 3) << 4, vfs & 15 | (high & 3) << 4
        return cls(
            clock * 10_000, width, hfront, hsync, hblank - hfront - hsync, height, vfront, vsync, vblank - vfront - vsync,
            bool(flags & 2), bool(flags & 4), bool(flags & 128),
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Limits:
    """Ranges, both ends included: Hz, kHz, and the greatest clock in Hz, in steps of 10 MHz."""

    vertical: tuple[int, int]
    horizontal: tuple[int, int]
    clock: int

    def build(self) -> bytes:
        """A descriptor of 18 bytes, without a formula by which a source might make up modes of its own."""
        content = bytes((*self.vertical, *self.horizontal, self.clock // 10_000_000, 0))
        return bytes((0, 0, 0, _LIMITS, 0)) + content + b"\n      "

    @classmethod
    def parse(cls, code: bytes) -> Limits:
        """Read the descriptor."""
        return cls((code[5], code[6]), (code[7], code[8]), code[9] * 10_000_000)


@dataclass(frozen=True, slots=True)
class Edid:
    """A display with an HDMI input. The first detailed timing is the preferred mode."""

    manufacturer: str
    """Three capital letters."""
    product: int
    serial: int
    year: int
    name: str
    """At most 13 characters, like `serial_text`."""
    serial_text: str
    detailed: tuple[Detailed, ...]
    established: tuple[Mode, ...] = ()
    standards: tuple[Mode, ...] = ()
    limits: Limits | None = None
    vics: tuple[int, ...] = ()
    """Video identification codes, the dearest first."""
    physical_address: int | None = None
    """CEC's, `0x1000` for 1.0.0.0; None for a display without an HDMI data block."""

    def modes(self) -> Iterator[Mode]:
        """Everything it offers, the preferred mode first; codes that are not in the table are left out."""
        yield from (timing.mode for timing in self.detailed)
        yield from (VICS[vic] for vic in self.vics if vic in VICS)
        yield from self.established
        yield from self.standards

    def build(self) -> bytes:
        """The base block and one CTA-861 extension."""
        letters = 0
        for letter in self.manufacturer:
            letters = letters << 5 | ord(letter) - ord("A") + 1
        established = sum(1 << 23 - ESTABLISHED.index(mode) for mode in self.established)
        base = (
            HEADER + struct.pack(">H", letters) + struct.pack("<HIBB", self.product, self.serial, 0, self.year - 1990)
        )
        # Version 1.3; a digital input, of no given size and of gamma 2.2; RGB, its colours sRGB's, the first timing preferred.
        base += bytes((1, 3, 0x80, 0, 0, 120, 0x0E)) + _SRGB + established.to_bytes(3, "big")
        base += b"".join(standard(mode) for mode in self.standards).ljust(16, b"\1")
        base += self.detailed[0].build() + _text(_SERIAL, self.serial_text)
        base += (self.limits.build() if self.limits else bytes((0, 0, 0, _DUMMY)) + bytes(14)) + _text(_NAME, self.name)
        return _summed(base + b"\1") + self._extension()

    def _extension(self) -> bytes:
        blocks = b""
        if self.vics:
            blocks += bytes((_VIDEO << 5 | len(self.vics), *self.vics))
        if self.physical_address is not None:
            blocks += bytes((_VENDOR << 5 | 5,)) + _HDMI + struct.pack(">H", self.physical_address)
            blocks += _CAPABILITIES
        timings = b"".join(timing.build() for timing in self.detailed[1:])
        head = bytes((CTA, _CTA_REVISION, 4 + len(blocks), _UNDERSCANNED | 1))
        return _summed((head + blocks + timings).ljust(BLOCK - 1, b"\0"))


def _summed(block: bytes) -> bytes:
    return block + bytes((-sum(block) % 256,))


def _text(tag: int, text: str) -> bytes:
    if not text:
        return bytes((0, 0, 0, _DUMMY)) + bytes(14)
    return bytes((0, 0, 0, tag, 0)) + (text.encode("ascii") + b"\n" * (len(text) < 13)).ljust(13)


def parse(data: bytes) -> Edid:
    """Read an EDID whose form `app.video.flaws` finds nothing wrong with; what is not a value here is skipped."""
    letters = int.from_bytes(data[8:10], "big")
    product, serial, _week, year = struct.unpack_from("<HIBB", data, 10)
    bits = int.from_bytes(data[35:38], "big")
    codes = [data[at : at + 2] for at in range(38, 54, 2)]
    detailed: list[Detailed] = []
    texts = {_SERIAL: "", _NAME: ""}
    limits = None
    for descriptor in (data[at : at + 18] for at in range(54, 126, 18)):
        tag = descriptor[3]
        if descriptor[:2] != b"\0\0":
            detailed.append(Detailed.parse(descriptor))
        elif tag in texts:
            texts[tag] = descriptor[5:].partition(b"\n")[0].decode("ascii", "replace").rstrip()
        elif tag == _LIMITS:
            limits = Limits.parse(descriptor)
        elif tag == _STANDARD:
            codes += [descriptor[at : at + 2] for at in range(5, 17, 2)]
    vics, address = _extensions(data, detailed)
    return Edid(
        manufacturer="".join(chr(ord("A") - 1 + (letters >> shift & 31)) for shift in (10, 5, 0)),
        product=product,
        serial=serial,
        year=1990 + year,
        name=texts[_NAME],
        serial_text=texts[_SERIAL],
        detailed=tuple(detailed),
        established=tuple(mode for bit, mode in enumerate(ESTABLISHED) if bits >> 23 - bit & 1),
        standards=tuple(mode for code in codes if (mode := from_standard(code)) is not None),
        limits=limits,
        vics=vics,
        physical_address=address,
    )


def _extensions(data: bytes, detailed: list[Detailed]) -> tuple[tuple[int, ...], int | None]:
    """Codes and physical address of the CTA-861 blocks; their timings are added to `detailed`."""
    vics: list[int] = []
    address = None
    for block in (data[at : at + BLOCK] for at in range(BLOCK, len(data), BLOCK)):
        if block[0] != CTA:
            continue
        for kind, content in data_blocks(block):
            if kind == _VIDEO:
                # From 193 on the codes have eight bits; below, the top bit says native.
                vics += [code if code > 192 else code & 127 for code in content]
            elif kind == _VENDOR and content[:3] == _HDMI and len(content) >= 5:
                address = int.from_bytes(content[3:5], "big")
        at = block[2] or BLOCK
        while at + 18 < BLOCK and block[at : at + 2] != b"\0\0":
            detailed.append(Detailed.parse(block[at : at + 18]))
            at += 18
    return tuple(vics), address


def data_blocks(block: bytes) -> Iterator[tuple[int, bytes]]:
    """Kind and content of a CTA-861 extension's data blocks; one that is cut off by the timings comes short."""
    at, end = 4, block[2]
    while at < end:
        length = block[at] & 31
        yield block[at] >> 5, block[at + 1 : min(at + 1 + length, end)]
        at += 1 + length
