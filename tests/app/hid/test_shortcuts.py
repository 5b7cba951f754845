from __future__ import annotations

from pathlib import Path

import pytest

from app.hid.shortcuts import MOST, BadShortcut, NoShortcut, Shortcuts
from app.hid.usages import UnknownKey


def test_they_are_kept_in_their_order_and_replaced_by_name(tmp_path: Path) -> None:
    shortcuts = Shortcuts(tmp_path / "shortcuts.json")
    shortcuts.put("Lock it", ["MetaLeft", "KeyL"])
    shortcuts.put("Console 2", ["ControlLeft", "AltLeft", "F2"])
    shortcuts.put("Lock it", ["ControlLeft", "AltLeft", "KeyL"])
    again = Shortcuts(tmp_path / "shortcuts.json").all()
    assert again == {"Lock it": ("ControlLeft", "AltLeft", "KeyL"), "Console 2": ("ControlLeft", "AltLeft", "F2")}
    assert list(again) == ["Lock it", "Console 2"]
    shortcuts.remove("Lock it")
    with pytest.raises(NoShortcut, match="there is no shortcut 'Lock it'"):
        shortcuts.remove("Lock it")
    assert list(Shortcuts(tmp_path / "shortcuts.json").all()) == ["Console 2"]


@pytest.mark.parametrize(
    ("name", "keys", "error", "words"),
    [
        ("", ["KeyA"], BadShortcut, "name has value '', expected 1 to 40 printable characters"),
        (" ", ["KeyA"], BadShortcut, "name has value ' '"),
        ("x" * 41, ["KeyA"], BadShortcut, "expected 1 to 40"),
        ("a\nb", ["KeyA"], BadShortcut, "expected 1 to 40 printable"),
        (None, ["KeyA"], BadShortcut, "name has value None"),
        ("x", [], BadShortcut, "keys has value [], expected a list"),
        ("x", "KeyA", BadShortcut, "keys has value 'KeyA', expected a list"),
        ("x", [1], BadShortcut, "expected a list of KeyboardEvent.codes"),
        ("x", ["Kea"], UnknownKey, "key has value 'Kea'"),
        ("x", ["KeyA", "KeyA"], BadShortcut, "expected each once"),
        ("x", [f"Key{letter}" for letter in "ABCDEFG"], BadShortcut, "at most 6 beside modifiers"),
    ],
)
def test_what_cannot_be_kept_is_explained(
    tmp_path: Path, name: object, keys: object, error: type[Exception], words: str
) -> None:
    shortcuts = Shortcuts(tmp_path / "shortcuts.json")
    with pytest.raises(error) as refused:
        shortcuts.put(name, keys)
    assert words in str(refused.value)
    assert list(tmp_path.iterdir()) == []


def test_there_are_not_more_than_can_be_shown(tmp_path: Path) -> None:
    shortcuts = Shortcuts(tmp_path / "shortcuts.json")
    for number in range(MOST):
        shortcuts.put(str(number), ["KeyA"])
    with pytest.raises(BadShortcut, match="there are 32 shortcuts already"):
        shortcuts.put("one more", ["KeyA"])
    shortcuts.put("0", ["KeyB"])


@pytest.mark.parametrize("content", [b"", b"[]", b'{"x": ["Kea"]}', b'{"x": "KeyA"}', b"\xff"])
def test_a_damaged_file_counts_as_none_and_is_told(
    tmp_path: Path, content: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "shortcuts.json"
    path.write_bytes(content)
    assert Shortcuts(path).all() == {}
    assert "shortcuts.json is not used" in caplog.text


def test_a_card_that_takes_nothing_changes_nothing(tmp_path: Path) -> None:
    shortcuts = Shortcuts(tmp_path / "gone" / "shortcuts.json")
    with pytest.raises(OSError, match="No such file"):
        shortcuts.put("x", ["KeyA"])
    assert shortcuts.all() == {}
