"""Which display the target sees: the setting, what was chosen since, and what happens to a file that is no good."""

from __future__ import annotations

from pathlib import Path

import pytest

from app import settings
from app.video.display import Display
from app.video.edid import parse
from app.video.flaws import BadEdid
from app.video.presets import NAMES, preset
from app.video.receiver import Link

OWN = preset("1080p30", "somebody else's").build()


def test_the_settings_know_the_presets() -> None:
    for name in NAMES:
        assert settings.parse(f"[video]\nedid = '{name}'").video.edid == name
    assert settings.parse("").video.edid == NAMES[0]


def test_the_setting_is_a_preset_with_this_devices_serial(tmp_path: Path) -> None:
    display = Display(tmp_path, "1080p50", "10000000c0ffee42")
    assert display.name == "1080p50"
    assert parse(display.edid).serial_text == "0000c0ffee42"
    assert display.modes()[0] == "1920x1080 at 50 Hz"
    assert display.warnings == ()


def test_the_setting_is_a_file(tmp_path: Path) -> None:
    file = tmp_path / "mine.txt"
    file.write_text(OWN.hex())
    display = Display(tmp_path, str(file), "")
    assert display.edid == OWN
    assert display.name == "own"


@pytest.mark.parametrize("content", [None, OWN[:-1], OWN[:-1] + b"\1"])
def test_an_unusable_file_leaves_the_default_and_says_why(tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / "mine.bin"
    if content is not None:
        file.write_bytes(content)
    display = Display(tmp_path, str(file), "")
    assert display.name == NAMES[0]
    (warning,) = display.warnings
    assert warning.startswith(f"{file}: ")
    assert any(words in warning for words in ("no such file", "it has 255 bytes", "its checksum is 0x01"))


def test_a_choice_lasts_and_is_forgotten(tmp_path: Path) -> None:
    display = Display(tmp_path, "720p60", "1")
    display.choose("1080p30")
    assert Display(tmp_path, "720p60", "1").name == "1080p30"
    display.take(OWN)
    assert (display.name, Display(tmp_path, "720p60", "1").edid) == ("own", OWN)
    display.forget()
    display.forget()
    assert display.name == Display(tmp_path, "720p60", "1").name == "720p60"


def test_a_bad_choice_changes_nothing(tmp_path: Path) -> None:
    display = Display(tmp_path, "720p60", "1")
    with pytest.raises(BadEdid, match="there is no preset '4k', expected one of 720p60, 1080p30, 1080p50"):
        display.choose("4k")
    with pytest.raises(BadEdid, match="it has 255 bytes"):
        display.take(OWN[:-1])
    assert display.name == "720p60"
    assert list(tmp_path.iterdir()) == []


def test_a_torn_choice_is_told_and_the_setting_holds(tmp_path: Path) -> None:
    (tmp_path / "edid.bin").write_bytes(OWN[:100])
    display = Display(tmp_path, "1080p50", "1")
    assert display.name == "1080p50"
    assert display.warnings == (f"{tmp_path / 'edid.bin'}: it has 100 bytes, expected a multiple of 128",)


def test_slow_lanes_are_warned_of_before_anything_is_sent(tmp_path: Path) -> None:
    slow = Link(2, 594_000_000)
    words = "its preferred mode cannot be received: 1920x1080 at 50 Hz needs 3 CSI lanes, this board has 2"
    display = Display(tmp_path, "1080p50", "1", slow)
    assert (display.name, display.warnings) == ("1080p50", (words,))
    display.choose("720p60")
    assert words not in display.warnings
    display.choose("1080p50")
    assert (display.name, display.warnings) == ("1080p50", (words,))
    with pytest.raises(BadEdid, match=words):
        display.take(preset("1080p50", "somebody else's").build())
