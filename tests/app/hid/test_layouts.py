"""Every layout there is, typed and read back by a system that has it."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from app.hid import libxkbcommon, xkb
from app.hid.keymaps import Keymaps
from app.hid.layouts import Name, NoLayouts, UnknownLayout, reports
from tests.app.hid.system import System
from tests.conftest import EFFORT

KEYMAPS = Keymaps("us")
COMMON = ["us", "gb", "de", "fr", "es", "it", "se", "ch", "br", "jp", "pl", "cz", "ru", "tr"]
COUNTED = {"us": 95, "gb": 562, "de": 499, "fr": 524, "ch": 546, "jp": 95, "pl": 559, "ru": 96, "tr": 405}
"""Characters that another binding found by trying: each key with Shift, Level3 and Level5, after none or one dead key."""
BATCHES = 20


def _typed(name: str, text: str, *, caps: bool) -> str:
    """What a system with that layout reads when the text is typed on it; it must be left as it was."""
    ways = KEYMAPS.layout(name).ways(caps=caps)
    with closing(System(name, caps=caps)) as system:
        for character in text:
            system.receive(reports(ways[character]))
        assert system.idle, f"{name}: something is left down, or a dead key waits"
        assert system.caps == caps, f"{name}: Caps Lock is not as it was"
        return system.text


@pytest.mark.parametrize("batch", range(BATCHES))
def test_every_character_of_every_layout_is_read_back(batch: int) -> None:
    """With Caps Lock off and on; without effort, every layout with one of them."""
    names = list(KEYMAPS.titles)[batch::BATCHES]
    assert len(names) > 10
    for number, name in enumerate(names):
        layout = KEYMAPS.layout(name)
        for caps in (False, True) if EFFORT > 1 else (bool(number % 2),):
            text = "".join(sorted(layout.ways(caps=caps)))
            assert _typed(name, text, caps=caps) == text, f"{name}, Caps Lock {'on' if caps else 'off'}"


@pytest.mark.parametrize("name", COMMON)
def test_common_layouts_type_the_same_with_caps_lock_on(name: str) -> None:
    layout = KEYMAPS.layout(name)
    assert layout.on.keys() == layout.off.keys()
    assert len(layout.off) >= COUNTED.get(name, 95) + len("\n\t")


@pytest.mark.parametrize("name", [name for name in COMMON if name != "ru"])
def test_common_layouts_type_all_of_ascii(name: str) -> None:
    printable = {chr(code) for code in range(0x20, 0x7F)} | {"\n", "\t"}
    assert printable <= KEYMAPS.layout(name).off.keys()


def _way(name: str, character: str, *, caps: bool = False) -> tuple[tuple[str, ...], ...]:
    return KEYMAPS.layout(name).ways(caps=caps)[character]


def test_the_plainest_way_is_chosen() -> None:
    assert _way("us", "a") == (("KeyA",),)
    assert _way("us", "<") == (("ShiftLeft", "Comma"),), (
        "not the key beside the left Shift, which an American keyboard lacks"
    )
    assert _way("de", "<") == (("IntlBackslash",),)
    assert _way("de", "y") == (("KeyZ",),)
    assert _way("de", "@") == (("AltRight", "KeyQ"),)
    assert _way("de", "^") == (("Backquote",), ("Space",)), "not twice: some systems type two of them then"
    assert _way("de", "é") == (("Equal",), ("KeyE",))
    assert _way("de(neo)", "^") == (("Backslash", "KeyT"),), "levels have keys of their own there"
    assert _way("mao", "¿") == (("AltRight", "ShiftLeft", "Minus"),), (
        "under Shift, the right Alt is a compose key there"
    )
    assert _way("br", "/") == (("IntlRo",),)
    assert _way("us", "\n") == (("Enter",),)


def test_caps_lock_is_not_shift() -> None:
    assert _way("us", "a", caps=True) == (("ShiftLeft", "KeyA"),)
    assert _way("us", "1", caps=True) == (("Digit1",),)
    assert _way("fr", "É", caps=True) == (("Digit2",),)
    assert _way("fr", "é", caps=True) == (("AltRight", "KeyM"), ("ShiftLeft", "KeyE")), "the key é gives É now"
    off_for_one_character = (("CapsLock",), ("Minus",), ("CapsLock",))
    assert _way("de", "ß", caps=True) == off_for_one_character, "the key ß gives ẞ now, and there is no other"
    assert _way("ch", "Ü", caps=True) == (("BracketLeft",),)


def test_keys_go_down_one_by_one_and_up_together() -> None:
    assert list(reports((("KeyA",),))) == [bytes([0, 0, 4, 0, 0, 0, 0, 0]), bytes(8)]
    assert list(reports((("AltRight", "Backslash", "KeyA"), ("Tab",)))) == [
        bytes([0x40, 0, 0, 0, 0, 0, 0, 0]),
        bytes([0x40, 0, 0x31, 0, 0, 0, 0, 0]),
        bytes([0x40, 0, 0x31, 0x04, 0, 0, 0, 0]),
        bytes(8),
        bytes([0, 0, 0x2B, 0, 0, 0, 0, 0]),
        bytes(8),
    ]


def test_names_are_xkeyboard_configs_and_pikvms() -> None:
    assert KEYMAPS.titles["de(neo)"] == "German (Neo 2)"
    assert "custom" not in KEYMAPS.titles, "which is no layout"
    assert list(KEYMAPS.titles.values()) == sorted(KEYMAPS.titles.values())
    assert KEYMAPS.layout("pt-br") is KEYMAPS.layout("br")
    assert KEYMAPS.layout("en-us") is KEYMAPS.layout("us")


@pytest.mark.parametrize("name", ["", "xx", "de(", "de()", "../us", "custom", "us\0", "us,de"])
def test_a_name_that_is_not_listed_is_refused(name: str) -> None:
    with pytest.raises(UnknownLayout, match="expected a layout such as 'us'"):
        KEYMAPS.layout(name)


def test_what_is_not_installed_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(NoLayouts, match="xkb-data.*evdev.xml"):
        _ = Keymaps("us", tmp_path).titles
    with pytest.raises(NoLayouts, match="libx11-data.*Compose"):
        xkb.XkbKeymap(Name("us"), compose=tmp_path / "Compose")
    with pytest.raises(NoLayouts, match="no folder"):
        xkb.XkbKeymap(Name("us"), layouts=tmp_path / "nowhere")
    with pytest.raises(UnknownLayout):
        xkb.XkbKeymap(Name("nowhere"))
    monkeypatch.setattr(libxkbcommon, "LIBRARY", "libnowhere.so.0")
    with pytest.raises(NoLayouts, match="libxkbcommon0.*libnowhere"):
        xkb.XkbKeymap(Name("us"))


def test_layouts_without_a_key_for_caps_lock_do_not_pretend_to_toggle_it() -> None:
    layout = KEYMAPS.layout("us(colemak)")
    assert not any(("CapsLock",) in way for ways in (layout.off, layout.on) for way in ways.values())
