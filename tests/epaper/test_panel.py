"""The bytes on the wire, against Waveshare's three drivers as the hardware notes quote them."""

from __future__ import annotations

import hashlib

import pytest

from epaper import v2, v3, v4
from epaper.panel import Idle, Pause, Reset, Send

FRAME = bytes(range(250)) * 16
TURNED = b"".join(FRAME[at : at + 16] for at in range(3984, -1, -16))
"""The same from the last row to the first."""
FLASHING = {v2: "c8acdd0b81b83babb49dd0cfd48fafd84366e5475d21e7fa30f73f60a1c56d22",
            v3: "0e2096d1fc9f20b9ba3bd00745d4594133336c7aeec60eb3c37437745779507e"}  # fmt: skip
DIFFERENTIAL = {v2: "6f302fc4469af407ad56193b4a43f7eba82735f22935751959205345a6e0d2d1",
                v3: "e68de4947601a3b59607d107cc34640a018f522ae56edc03a17544e3c6ad150e"}  # fmt: skip
"""SHA-256 of the waveforms as Waveshare publishes them."""
WAVEFORMS = {**dict.fromkeys(FLASHING.values(), "FLASHING"),
             **dict.fromkeys(DIFFERENTIAL.values(), "DIFFERENTIAL")}  # fmt: skip
WINDOW = ["44 00 0F", "45 00 00 F9 00", "4E 00", "4F 00 00"]


def script(steps) -> list[str]:
    """Steps as the notes write them; a frame and a waveform become a word."""
    lines = []
    for step in steps:
        match step:
            case Send(command, data) if data == FRAME:
                lines.append(f"{command:02X} DATA")
            case Send(command, data) if data == TURNED:
                lines.append(f"{command:02X} TURNED")
            case Send(command, data) if data == bytes(byte ^ 0xFF for byte in TURNED):
                lines.append(f"{command:02X} OPPOSITE")
            case Send(0x32, data):
                lines.append(f"32 {WAVEFORMS[hashlib.sha256(data).hexdigest()]}")
            case Send(command, data):
                lines.append(bytes([command, *data]).hex(" ").upper())
            case Idle(timeout):
                lines.append(f"busy {timeout:g}")
            case Reset(held):
                lines.append(f"RST {int(not held)}")
            case Pause(seconds):
                lines.append(f"{seconds * 1000:g} ms")
    return lines


RESET = ["RST 1", "20 ms", "RST 0", "2 ms", "RST 1", "20 ms"]
RESET_V2 = ["RST 1", "200 ms", "RST 0", "5 ms", "RST 1", "200 ms"]
VOLTAGES_V3 = ["3F 22", "03 17", "04 41 00 32", "2C 36"]


def test_init_v4():
    assert script(v4.init()) == [
        *RESET, "busy 10", "12", "busy 10",
        "01 F9 00 00", "11 03", *WINDOW, "3C 05", "21 00 80", "18 80", "busy 10",
    ]  # fmt: skip


def test_init_v3():
    assert script(v3.init()) == [*script(v4.init()), "32 FLASHING", "busy 10", *VOLTAGES_V3]


def test_init_v2():
    assert script(v2.init()) == [
        *RESET_V2, "busy 10", "12", "busy 10",
        "74 54", "7E 3B", "01 F9 00 00", "11 01", "44 00 0F", "45 F9 00 00 00", "3C 03", "2C 55",
        "03 15", "04 41 A8 32", "3A 30", "3B 0A", "32 FLASHING", "4E 00", "4F F9 00", "busy 10",
    ]  # fmt: skip


@pytest.mark.parametrize(("version", "data", "trigger"), [(v4, "DATA", "F7"), (v3, "DATA", "C7"), (v2, "TURNED", "C7")])
def test_full_refresh_and_base_image(version, data, trigger):
    refresh = [f"22 {trigger}", "20", "busy 10"]
    assert script(version.full(FRAME)) == [f"24 {data}", *refresh]
    assert script(version.base(FRAME)) == [f"24 {data}", f"26 {data}", *refresh]


def test_fast_refresh_v4():
    assert script(v4.fast(FRAME)) == [
        *RESET, "busy 10", "12", "busy 10", "18 80", "11 03", *WINDOW,
        "22 B1", "20", "busy 10", "1A 64 00", "22 91", "20", "busy 10",
        "24 DATA", "26 DATA", "22 C7", "20", "busy 10",
    ]  # fmt: skip


@pytest.mark.parametrize("version", [v2, v3])
def test_fast_refresh_is_the_only_one_where_there_is_no_other(version):
    assert script(version.fast(FRAME)) == [*script(version.init()), *script(version.base(FRAME))]


def test_partial_keeps_the_old_image_in_step_v4():
    assert script(v4.partial(FRAME)) == [
        "RST 0", "1 ms", "RST 1", "busy 3", "3C 80", "01 F9 00 00", "11 03", *WINDOW,
        "24 DATA", "22 FF", "20", "busy 3", "26 DATA",
    ]  # fmt: skip


def test_partial_keeps_the_old_image_in_step_v3():
    assert script(v3.partial(FRAME)) == [
        "RST 0", "1 ms", "RST 1", "busy 3", "32 DIFFERENTIAL", "busy 10", *VOLTAGES_V3,
        "37 00 00 00 00 00 40 00 00 00 00", "3C 80", "22 C0", "20", "busy 3", *WINDOW,
        "24 DATA", "22 0F", "20", "busy 3", "26 DATA",
    ]  # fmt: skip


def test_partial_drives_every_pixel_v2():
    assert script(v2.partial(FRAME)) == [
        *RESET_V2, "busy 3", "2C 26", "busy 10", "32 DIFFERENTIAL", "37 00 00 00 00 40 00 00", "22 C0", "20", "busy 3", "3C 01",
        "24 TURNED", "26 OPPOSITE", "22 0C", "20", "busy 3",
    ]  # fmt: skip


@pytest.mark.parametrize(("version", "mode"), [(v4, "01"), (v3, "01"), (v2, "03")])
def test_deep_sleep(version, mode):
    assert script(version.deep_sleep()) == ["busy 10", f"10 {mode}", "100 ms"]


@pytest.mark.parametrize("version", [v2, v3, v4])
@pytest.mark.parametrize("sequence", ["full", "base", "fast", "partial", "restore"])
def test_a_frame_of_the_wrong_size_is_refused(version, sequence):
    with pytest.raises(ValueError, match="3999 bytes, expected 4000"):
        list(getattr(version, sequence)(bytes(3999)))


@pytest.mark.parametrize("version", [v2, v3, v4])
def test_only_a_displaying_refresh_has_to_raise_busy(version):
    """Loading a waveform may be over before anybody looks."""
    steps = [*version.fast(FRAME), *version.partial(FRAME)]
    for chosen, _, wait in zip(steps, steps[1:], steps[2:], strict=False):
        if isinstance(chosen, Send) and chosen.command == 0x22:
            assert wait.answers == bool(chosen.data[0] & 0x04)
