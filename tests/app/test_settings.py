from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app import settings
from app.settings import BadSettings, Panel, Settings, Video, Web


def test_no_file_means_the_defaults(tmp_path: Path) -> None:
    assert settings.load(tmp_path / "none.toml") == Settings(Web("", 443), Video(4_000_000))


def test_layouts_are_named_as_xkeyboard_config_does() -> None:
    assert settings.parse("[hid]\nkeymap = 'us(dvorak-alt-intl)'").hid.keymap == "us(dvorak-alt-intl)"
    assert settings.parse("").hid.keymap == "us"


def test_what_is_set_is_taken_and_the_rest_is_the_default() -> None:
    assert settings.parse("[web]\nlisten = '::1'\nport = 8443\n") == Settings(Web("::1", 8443), Video(4_000_000))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[web]\nport = 0", "key 'web.port' has value 0, expected a whole number from 1 to 65535"),
        ("[web]\nport = true", "key 'web.port' has value True, expected a whole number"),
        ("[web]\nport = '443'", "key 'web.port' has value '443', expected a whole number"),
        ("[web]\nlisten = 'here'", "key 'web.listen' has value 'here', expected an IPv4 or IPv6 address"),
        (
            "[web]\nprot = 1",
            "key 'web.prot' is not known, expected one of web.listen, web.port, web.hosts, video.bitrate",
        ),
        ("[wob]\nport = 1", "key 'wob.port' is not known"),
        ("web = 1", "key 'web' has value 1, expected a [section]"),
        ("[web", "Expected"),
        (
            "[hid]\nkeymap = 'German'",
            "key 'hid.keymap' has value 'German', expected a layout such as 'us' or 'de(neo)'",
        ),
        (
            "[video]\nedid = '1080p60'",
            "key 'video.edid' has value '1080p60', expected 720p60, 1080p30, 1080p50, or the absolute path of a file",
        ),
        ("[panel]\nversion = 'v5'", "key 'panel.version' has value 'v5', expected v2, v3 or v4"),
        (
            "[panel]\ndc = 8",
            "key 'panel.dc' has value 8, expected a line from 2 to 27 that is not one of SPI's 7 to 11",
        ),
        ("[panel]\npower = 'off'", "key 'panel.power' has value 'off', expected a line from 2 to 27"),
        ("[panel]\npower = true", "key 'panel.power' has value True, expected a line from 2 to 27"),
        ("[panel]\nbusy = 17", "key 'panel.busy' has value 17, expected another line than panel.reset"),
        ("[panel]\nthumbnail = 1", "key 'panel.thumbnail' has value 1, expected true or false"),
    ],
)
def test_a_bad_file_names_key_value_and_what_is_accepted(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "settings.toml"
    path.write_text(text)
    with pytest.raises(BadSettings) as caught:
        settings.load(path)
    assert words in str(caught.value)
    assert str(caught.value).startswith(str(path))
    assert "\n" not in str(caught.value)


def test_the_panel_as_it_is_wired() -> None:
    text = "[panel]\nversion = 'v2'\nreset = 5\ndc = 6\nbusy = 12\npower = 'none'\nthumbnail = true\n"
    assert settings.parse(text).panel == Panel("v2", 5, 6, 12, "none", True)
    assert settings.parse("").panel == Panel("v4", 17, 25, 24, 18, False)


def test_a_file_that_is_not_text_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(BadSettings, match="settings.toml"):
        settings.load(path)


def test_changed_settings_stand_beside_those_that_were_there() -> None:
    text = settings.merged(
        "[video]\nbitrate = 1000000\n[web]\nport = 8443\n", {"web.hosts": ("a", "b"), "web.port": 444}
    )
    assert settings.parse(text) == Settings(Web("", 444, ("a", "b")), Video(1_000_000))
    assert settings.merged("", {}) == ""


@given(path=st.text().map("/".__add__), flag=st.booleans())
def test_whatever_is_set_is_read_back(path: str, flag: bool) -> None:
    read = settings.parse(settings.merged("", {"video.edid": path, "hid.jiggler": flag}))
    assert (read.video.edid, read.hid.jiggler) == (path, flag)


@pytest.mark.parametrize(
    ("before", "changes"), [("[web", {}), ("", {"web.port": 0}), ("[panel]\ndc = 6\n", {"panel.busy": 6})]
)
def test_settings_that_make_no_sense_are_not_merged(before: str, changes: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="Expected|expected"):
        settings.merged(before, changes)


def test_a_long_value_is_not_shown_at_length() -> None:
    with pytest.raises(BadSettings, match=f"has value '{'X' * 56}..., expected"):
        settings.parse(f"[hid]\nkeymap = '{'X' * 1000}'")
