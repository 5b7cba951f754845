"""What is wrong with an EDID that somebody brings along: each thing by itself, in words, before the driver's one errno for all."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise, zip_longest

from app.video.edid import BLOCK, BLOCKS_MAX, CTA, HEADER, Detailed, Edid, data_blocks, parse
from app.video.receiver import Link, refusal


class BadEdid(ValueError):
    """An EDID that cannot be used; `flaws` are all the reasons, in words."""

    def __init__(self, flaws: tuple[str, ...]) -> None:
        self.flaws = flaws
        super().__init__("; ".join(flaws))


def decode(upload: bytes) -> bytes:
    """The EDID's bytes: as they are, or from hexadecimal text. Raises BadEdid."""
    try:
        text = upload.decode("ascii")
        # No EDID is text: it begins with a zero byte.
        return upload if text.startswith("\0") else bytes.fromhex("".join(text.split()))
    except UnicodeDecodeError:
        return upload
    except ValueError:
        raise BadEdid(("it is text, but not an even number of hexadecimal digits",)) from None


def examine(data: bytes, link: Link | None) -> tuple[Edid, tuple[str, ...]]:
    """Read a foreign EDID. Returns it with warnings: modes that it offers beside its preferred one and that cannot be received.

    Raises:
        BadEdid: its form is broken, the bridge's driver would refuse it, or its preferred mode cannot be received: most
            targets would send that one, and show nothing.
    """
    flaws = tuple(_flaws(data))
    if flaws:
        raise BadEdid(flaws)
    edid = parse(data)
    clocks = (timing.clock for timing in edid.detailed)  # the modes that come first
    preferred, *others = [refusal(mode, link, clock) for mode, clock in zip_longest(edid.modes(), clocks)]
    if preferred:
        raise BadEdid((f"its preferred mode cannot be received: {preferred}",))
    return edid, tuple(dict.fromkeys(words for words in others if words))


def _flaws(data: bytes) -> Iterator[str]:
    if not data or len(data) % BLOCK:
        yield f"it has {len(data)} bytes, expected a multiple of {BLOCK}"
        return
    blocks = [data[at : at + BLOCK] for at in range(0, len(data), BLOCK)]
    if len(blocks) > BLOCKS_MAX:
        yield f"it has {len(blocks)} blocks of {BLOCK} bytes, the bridge holds {BLOCKS_MAX}"
    if data[:8] != HEADER:
        yield f"it begins with {data[:8].hex(' ')}, expected {HEADER.hex(' ')}"
    if data[18] != 1:
        yield f"byte 18: its version is {data[18]}.{data[19]}, expected 1.x"
    if data[126] != len(blocks) - 1:
        yield f"byte 126 counts {data[126]} extension blocks, there are {len(blocks) - 1}"
    for number, block in enumerate(blocks):
        if sum(block) % 256:
            yield f"block {number}: its checksum is {block[-1]:#04x}, expected {-sum(block[:-1]) % 256:#04x}"
    if data[54:56] == b"\0\0":
        yield "byte 54: the first descriptor is no detailed timing, so there is no preferred mode"
    for at in range(54, 126, 18):
        yield from _timing_flaws(f"byte {at}", data[at : at + 18])
    for number, block in enumerate(blocks[1:], 1):
        if block[0] == CTA:
            yield from _extension_flaws(number, block)


def _extension_flaws(number: int, block: bytes) -> Iterator[str]:
    timings = block[2]
    if timings and not 4 <= timings < BLOCK:
        yield f"block {number}: its detailed timings begin at byte {timings}, expected 0 or 4 to {BLOCK - 1}"
        return
    at = 4
    for kind, content in data_blocks(block):
        length = block[at] & 31
        if length > len(content):
            yield f"block {number}: the data block at byte {at} has {length} bytes, and {len(content)} before the timings"
        elif kind == 3 and content[:3] == b"\x03\x0c\x00" and length >= 5:
            yield from _address_flaws(number, content[3:5])
        at += 1 + length
    for start in range(timings or BLOCK, BLOCK - 18, 18):
        if block[start : start + 2] == b"\0\0":
            break
        yield from _timing_flaws(f"block {number}, byte {start}", block[start : start + 18])


def _address_flaws(number: int, address: bytes) -> Iterator[str]:
    """A zero ends the path through the tree of devices (the kernel's v4l2_phys_addr_validate); f.f.f.f stands for none."""
    path = [address[0] >> 4, address[0] & 15, address[1] >> 4, address[1] & 15]
    if any(upper == 0 != lower for upper, lower in pairwise(path)):
        shown = ".".join(f"{step:x}" for step in path)
        yield f"block {number}: its CEC physical address is {shown}, expected no zero before another number"


def _timing_flaws(where: str, code: bytes) -> Iterator[str]:
    if code[:2] == b"\0\0":
        return
    timing = Detailed.parse(code)
    if not timing.width or not timing.height or timing.hback < 0 or timing.vback < 0:
        yield f"{where}: a detailed timing of {timing.width}x{timing.height} whose blanking is shorter than its sync"
