"""The tables of modes, against edid-decode's."""

from __future__ import annotations

import re
import subprocess

import pytest

from app.video.modes import ESTABLISHED, VICS, Mode, from_standard, standard


def listed(option: str) -> dict[tuple[int, ...], Mode]:
    """What edid-decode lists: its numbers to the mode."""
    text = subprocess.run(["edid-decode", option], check=True, capture_output=True, text=True).stdout
    found = {}
    for line in text.splitlines():
        name = re.match(r"VIC +(\d+):|Byte 0x(\w+), Bit (\d)", line)
        mode = re.search(r"(\d+)x(\d+)(i?) +([\d.]+) Hz", line)
        if name and mode:
            numbers = (int(name[1]),) if name[1] else (int(name[2], 16), int(name[3]))
            found[numbers] = Mode(int(mode[1]), int(mode[2]), round(float(mode[4])), mode[3] == "i")
    return found


def test_identification_codes_are_those_of_the_standard() -> None:
    assert {(code,): mode for code, mode in VICS.items()} == {
        code: mode for code, mode in listed("--list-vics").items() if code[0] <= 107
    }


def test_established_timings_are_in_the_order_of_their_bits() -> None:
    assert {(0x23 + bit // 8, 7 - bit % 8): mode for bit, mode in enumerate(ESTABLISHED)} == {
        place: mode for place, mode in listed("--list-established-timings").items() if place[0] >= 0x23
    }


@pytest.mark.parametrize(
    ("code", "mode"),
    [
        ("8180", Mode(1280, 1024, 60)),
        ("9500", Mode(1440, 900, 60)),
        ("a9c0", Mode(1600, 900, 60)),
        ("614f", Mode(1024, 768, 75)),
    ],
)
def test_standard_timings_have_two_bytes(code: str, mode: Mode) -> None:
    assert standard(mode).hex() == code
    assert from_standard(bytes.fromhex(code)) == mode


def test_unused_standard_timings_are_none() -> None:
    assert from_standard(b"\1\1") is None
    assert from_standard(b"\0\0") is None


@pytest.mark.parametrize("mode", [Mode(1366, 768, 60), Mode(1280, 720, 50), Mode(1280, 720, 124), Mode(2560, 1440, 60)])
def test_what_is_no_standard_timing_is_refused(mode: Mode) -> None:
    with pytest.raises(ValueError, match=f"{mode} is no standard timing"):
        standard(mode)
