"""The bytes on the wire, against Waveshare's V4 driver as the hardware notes quote it."""

from __future__ import annotations

import pytest

from epaper import panel
from epaper.panel import Idle, Pause, Reset, Send

FRAME = bytes(range(250)) * 16
WINDOW = ["44 00 0F", "45 00 00 F9 00", "4E 00", "4F 00 00"]


def script(steps) -> list[str]:
    """Steps as the notes write them; a frame's bytes become DATA."""
    lines = []
    for step in steps:
        match step:
            case Send(command, data) if data == FRAME:
                lines.append(f"{command:02X} DATA")
            case Send(command, data):
                lines.append(bytes([command, *data]).hex(" ").upper())
            case Idle(timeout):
                lines.append(f"busy {timeout:g}")
            case Reset(held):
                lines.append(f"RST {int(not held)}")
            case Pause(seconds):
                lines.append(f"{seconds * 1000:g} ms")
    return lines


def test_full_init():
    assert script(panel.init()) == [
        "RST 1", "20 ms", "RST 0", "2 ms", "RST 1", "20 ms",
        "busy 10", "12", "busy 10",
        "01 F9 00 00", "11 03", *WINDOW, "3C 05", "21 00 80", "18 80", "busy 10",
    ]  # fmt: skip


def test_full_refresh():
    assert script(panel.full(FRAME)) == ["24 DATA", "22 F7", "20", "busy 10"]


def test_base_image():
    assert script(panel.base(FRAME)) == ["24 DATA", "26 DATA", "22 F7", "20", "busy 10"]


def test_partial_keeps_the_old_image_in_step():
    assert script(panel.partial(FRAME)) == [
        "RST 0", "1 ms", "RST 1", "3C 80", "01 F9 00 00", "11 03", *WINDOW,
        "24 DATA", "22 FF", "20", "busy 3", "26 DATA",
    ]  # fmt: skip


def test_deep_sleep():
    assert script(panel.deep_sleep()) == ["10 01", "100 ms"]


@pytest.mark.parametrize("sequence", [panel.full, panel.base, panel.partial, panel.restore])
def test_a_frame_of_the_wrong_size_is_refused(sequence):
    with pytest.raises(ValueError, match="3999 bytes, expected 4000"):
        list(sequence(bytes(3999)))
