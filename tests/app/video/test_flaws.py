"""Every flaw of a foreign EDID in words of its own."""

from __future__ import annotations

import dataclasses
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.video.edid import BLOCK, Detailed
from app.video.flaws import BadEdid, decode, examine
from app.video.modes import Mode
from app.video.presets import preset
from app.video.receiver import BOARD

GOOD = preset("720p60", "1").build()
_1080P60 = Detailed(148_500_000, 1920, 88, 44, 148, 1080, 4, 5, 36)


def patched(changes: dict[int, int], *, mend: bool = True) -> bytes:
    """The good one with other bytes, the checksums right again."""
    data = bytearray(GOOD)
    for at, value in changes.items():
        data[at] = value
    for end in (BLOCK - 1, 2 * BLOCK - 1):
        if mend:
            data[end] = -sum(data[end + 1 - BLOCK : end]) % 256
    return bytes(data)


def flaws(data: bytes) -> tuple[str, ...]:
    with pytest.raises(BadEdid) as caught:
        examine(data, BOARD)
    return caught.value.flaws


def test_a_good_one_has_none() -> None:
    edid, warnings = examine(GOOD, BOARD)
    assert next(edid.modes()) == Mode(1280, 720, 60)
    assert warnings == ()


HDMI = GOOD.index(b"\x03\x0c\x00", BLOCK)
CTA_TIMINGS = GOOD[BLOCK + 2]


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "it has 0 bytes, expected a multiple of 128"),
        (GOOD[:200], "it has 200 bytes, expected a multiple of 128"),
        (patched({0: 1}), "it begins with 01 ff ff ff ff ff ff 00, expected 00 ff ff ff ff ff ff 00"),
        (patched({18: 2, 19: 0}), "byte 18: its version is 2.0, expected 1.x"),
        (patched({126: 0}), "byte 126 counts 0 extension blocks, there are 1"),
        (patched({126: 3}), "byte 126 counts 3 extension blocks, there are 1"),
        (
            patched({127: GOOD[127] ^ 0x10}, mend=False),
            f"block 0: its checksum is {GOOD[127] ^ 0x10:#04x}, expected {GOOD[127]:#04x}",
        ),
        (
            patched({255: GOOD[255] ^ 0x01}, mend=False),
            f"block 1: its checksum is {GOOD[255] ^ 0x01:#04x}, expected {GOOD[255]:#04x}",
        ),
        (patched({54: 0, 55: 0}), "byte 54: the first descriptor is no detailed timing, so there is no preferred mode"),
        (patched({57: 0, 58: 0x50}), "byte 54: a detailed timing of 1280x720 whose blanking is shorter than its sync"),
        (
            patched({HDMI + 3: 0x01}),
            "block 1: its CEC physical address is 0.1.0.0, expected no zero before another number",
        ),
        (
            patched({HDMI + 3: 0x10, HDMI + 4: 0x20}),
            "block 1: its CEC physical address is 1.0.2.0, expected no zero before another number",
        ),
        (patched({BLOCK + 2: 3}), "block 1: its detailed timings begin at byte 3, expected 0 or 4 to 127"),
        (patched({BLOCK + 2: 128}), "block 1: its detailed timings begin at byte 128, expected 0 or 4 to 127"),
        (
            patched({BLOCK + CTA_TIMINGS - 3: 0xE9}),
            f"block 1: the data block at byte {CTA_TIMINGS - 3} has 9 bytes, and 2 before the timings",
        ),
    ],
)
def test_each_flaw_is_named_alone(data: bytes, words: str) -> None:
    assert flaws(data) == (words,)


def test_more_blocks_than_the_bridge_holds_are_refused() -> None:
    empty = bytes((0x02, 3, 4, 0)) + bytes(123)
    empty += bytes((-sum(empty) % 256,))
    base = patched({126: 8})[:BLOCK]
    assert flaws(base + empty * 8) == ("it has 9 blocks of 128 bytes, the bridge holds 8",)
    assert examine(patched({126: 7})[:BLOCK] + empty * 7, BOARD)[1] == ()


def test_all_flaws_are_told_at_once() -> None:
    assert len(flaws(patched({0: 1, 18: 2, 126: 9, HDMI + 3: 0x01}))) == 4


def test_a_preferred_mode_beyond_the_lanes_is_an_error_and_another_one_a_warning() -> None:
    first = preset("720p60", "1").detailed[0]
    wide = dataclasses.replace(preset("720p60", "1"), detailed=(_1080P60, first))
    assert flaws(wide.build()) == (
        "its preferred mode cannot be received: 1920x1080 at 60 Hz needs 3 CSI lanes, this board has 2",
    )
    second = dataclasses.replace(wide, detailed=(first, _1080P60), vics=(16, 5, 2))
    _edid, warnings = examine(second.build(), BOARD)
    assert warnings == (
        "1920x1080 at 60 Hz needs 3 CSI lanes, this board has 2",
        "1920x1080 is interlaced, the input takes whole frames only",
    )


def test_hexadecimal_text_is_taken_for_what_it_says() -> None:
    lines = "\r\n".join(GOOD.hex(" ")[at : at + 48] for at in range(0, len(GOOD) * 3, 48))
    assert decode(lines.encode()) == GOOD
    assert decode(GOOD) == GOOD
    for text in (b"EDID (hex):", b"00ff0"):
        with pytest.raises(BadEdid, match="it is text, but not an even number of hexadecimal digits"):
            decode(text)


@given(st.binary(min_size=BLOCK * 2, max_size=BLOCK * 2))
def test_noise_is_refused_in_words_and_nothing_else(noise: bytes) -> None:
    assert all(flaws(noise))


@given(st.dictionaries(st.integers(8, 2 * BLOCK - 1), st.integers(0, 255), max_size=4))
def test_whatever_is_not_refused_can_be_read(changes: dict[int, int]) -> None:
    with suppress(BadEdid):
        edid, warnings = examine(patched(changes), BOARD)
        assert list(edid.modes())
        assert all(warnings)


@pytest.mark.parametrize("clock", [12_990_000, 165_010_000])
def test_a_pixel_clock_beyond_the_bridge_is_refused_and_warned_of(clock: int) -> None:
    """The blanking makes it, in a mode that is none too large."""
    sizes = (
        {"hfront": 110, "hsync": 40, "hback": 220}
        if clock < 20_000_000
        else {"hfront": 700, "hsync": 500, "hback": 1100}
    )
    timing = Detailed(clock, 640, sizes["hfront"], sizes["hsync"], sizes["hback"], 480, 5, 5, 20)
    words = f"{timing.mode} has a pixel clock of {clock / 1e6:g} MHz, the input takes 13 to 165"
    good = preset("720p60", "1")
    with pytest.raises(BadEdid, match=words):
        examine(dataclasses.replace(good, detailed=(timing,)).build(), BOARD)
    edid = dataclasses.replace(good, detailed=(good.detailed[0], timing)).build()
    assert examine(edid, BOARD)[1] == (words,)


@pytest.mark.parametrize("clock", [13_000_000, 165_000_000])
def test_a_pixel_clock_at_the_bridges_limits_is_good(clock: int) -> None:
    timing = Detailed(clock, 640, 110, 40, 220, 480, 5, 5, 20)
    assert examine(dataclasses.replace(preset("720p60", "1"), detailed=(timing,)).build(), BOARD)[1] == ()
