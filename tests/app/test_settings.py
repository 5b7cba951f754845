from __future__ import annotations

from pathlib import Path

import pytest

from app import settings
from app.settings import BadSettings, Panel, Settings, Video, Web


def test_no_file_means_the_defaults(tmp_path: Path) -> None:
    assert settings.load(tmp_path / "none.toml") == Settings(Web("", 443), Video(4_000_000))


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
