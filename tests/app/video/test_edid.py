"""EDIDs there and back, and the presets before a judge of somebody else's."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.video.edid import BLOCK, Detailed, Edid, Limits, parse
from app.video.modes import ESTABLISHED, VICS, Mode
from app.video.presets import NAMES, preset
from app.video.receiver import BOARD, refusal

STANDARDS = [Mode(1280, 1024, 60), Mode(1440, 900, 75), Mode(1600, 900, 123), Mode(1152, 864, 75), Mode(256, 160, 60)]


@st.composite
def timings(draw: st.DrawFn) -> Detailed:
    across = [draw(st.integers(0, 1000)) for _ in range(3)]
    down = [draw(st.integers(0, 63)), draw(st.integers(0, 63)), draw(st.integers(0, 1000))]
    return Detailed(
        draw(st.integers(1, 65535)) * 10_000, draw(st.integers(1, 4095)), *across, draw(st.integers(1, 4095)), *down,
        draw(st.booleans()), draw(st.booleans()), draw(st.booleans()),
    )  # fmt: skip


text = st.text("ABCdef 0123-", max_size=13).map(str.strip)
edids = st.builds(
    Edid,
    manufacturer=st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ", min_size=3, max_size=3),
    product=st.integers(0, 65535),
    serial=st.integers(0, 2**32 - 1),
    year=st.integers(1990, 2245),
    name=text,
    serial_text=text,
    detailed=st.lists(timings(), min_size=1, max_size=5).map(tuple),
    established=st.sets(st.sampled_from(ESTABLISHED)).map(lambda modes: tuple(m for m in ESTABLISHED if m in modes)),
    standards=st.lists(st.sampled_from(STANDARDS), max_size=8).map(tuple),
    limits=st.none() | st.builds(
        Limits, *[st.tuples(st.integers(0, 255), st.integers(0, 255))] * 2, st.integers(0, 255).map(lambda tens: tens * 10_000_000)
    ),
    vics=st.lists(st.sampled_from(sorted(VICS)), max_size=20).map(tuple),
    physical_address=st.none() | st.integers(0, 65535),
)  # fmt: skip


@given(edids)
def test_what_is_built_is_read_back(edid: Edid) -> None:
    data = edid.build()
    assert len(data) == 2 * BLOCK
    assert [sum(data[:BLOCK]) % 256, sum(data[BLOCK:]) % 256] == [0, 0]
    assert parse(data) == edid


def judged(data: bytes, folder: Path) -> tuple[int, str]:
    """edid-decode's exit status and what it says."""
    file = folder / "edid.bin"
    file.write_bytes(data)
    done = subprocess.run(["edid-decode", "--check", str(file)], capture_output=True, text=True)
    return done.returncode, done.stdout


@pytest.mark.parametrize("name", NAMES)
def test_presets_pass_the_judge(name: str, tmp_path: Path) -> None:
    status, words = judged(preset(name, "10000000c0ffee42").build(), tmp_path)
    assert "EDID conformity: PASS" in words, words
    assert "Warnings" not in words
    assert status == 0


def test_the_judge_condemns(tmp_path: Path) -> None:
    status, words = judged(preset("720p60", "1").build()[:-1] + b"\x55", tmp_path)
    assert status != 0
    assert "EDID conformity: FAIL" in words


@pytest.mark.parametrize(
    ("name", "preferred"),
    [("720p60", Mode(1280, 720, 60)), ("1080p30", Mode(1920, 1080, 30)), ("1080p50", Mode(1920, 1080, 50))],
)
def test_presets_offer_only_what_the_board_carries(name: str, preferred: Mode) -> None:
    edid = parse(preset(name, "10000000c0ffee42").build())
    modes = list(edid.modes())
    assert modes[0] == preferred
    assert len(modes) > 10
    for mode in modes:
        assert refusal(mode, BOARD) == ""
        assert mode.width % 32 == 0, "the encoder takes its rows as they come"
    assert edid.limits is not None
    # The range would let a source make up modes: not even one without any blanking is too much.
    assert edid.limits.clock * 16 <= BOARD.lanes * BOARD.rate
    assert all(edid.limits.vertical[0] <= mode.fps <= edid.limits.vertical[1] for mode in modes)
    assert all(timing.clock <= edid.limits.clock for timing in edid.detailed)


def test_reduced_blanking_carries_1080p50_below_the_limit() -> None:
    first = preset("1080p50", "1").detailed[0]
    assert (first.clock, first.width + 160, first.height + 26) == (115_020_000, 2080, 1106)
    assert first.hfront + first.hsync + first.hback == 160
    assert first.vfront + first.vsync + first.vback == 26


def test_two_devices_are_two_displays() -> None:
    one, other = (preset("720p60", serial) for serial in ("10000000c0ffee42", "10000000c0ffee43"))
    assert one.build() != other.build()
    assert one.serial_text == "0000c0ffee42"[-12:]
