"""What is a network's name, and what a passphrase: the same for the card, the page and the set-up's page."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.firstrun import checks
from app.net.profiles import BadNetwork, station
from app.wifi import is_key, is_secret, shown

KEY = "0123456789abcdefABCDEF0123456789" * 2


@pytest.mark.parametrize(
    "secret", ["8 chars!", "x" * 63, " " * 8, "".join(map(chr, range(32, 95))), "größen", "\x80" * 4, KEY, "f" * 63]
)
def test_8_to_63_bytes_or_a_key_are_a_secret(secret: str) -> None:
    assert is_secret(secret)


@pytest.mark.parametrize(
    "secret",
    ["", "7 chars", "größe", "x" * 64, "é" * 32, KEY[1:] + "g", KEY + "0", "eight\tch", "del\x7f eight", "\ud800" * 8],
)
def test_nothing_else_is(secret: str) -> None:
    assert not is_secret(secret)


def test_a_key_is_64_digits() -> None:
    assert is_key(KEY)
    assert not is_key(KEY[1:])
    assert not is_key("٣" * 64)


@given(st.text(max_size=70) | st.text("0aF", min_size=64, max_size=64))
def test_the_page_takes_what_the_card_takes(secret: str) -> None:
    try:
        station(b"home", secret)
        taken = True
    except BadNetwork:
        taken = False
    stands_for_another = not secret.strip("*")
    assert taken == checks.is_wifi_secret(secret) or stands_for_another


def test_any_bytes_can_be_shown() -> None:
    assert shown("Café".encode()) == "Café"
    assert shown(b"\xff\x00\n\x1b[31m") == "\\xff\\x00\\n\\x1b[31m"
    assert shown("right\N{RIGHT-TO-LEFT OVERRIDE}left".encode()) == "right\\u202eleft"


@given(st.binary(max_size=32))
def test_what_is_shown_is_one_line_of_text(ssid: bytes) -> None:
    assert shown(ssid).isprintable()
