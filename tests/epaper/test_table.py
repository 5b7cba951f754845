"""Rows by what there is to say, and as large as all of them can be whole."""

from __future__ import annotations

from dataclasses import replace

import pytest

from epaper.sample import samples
from epaper.table import Row, rows, table
from epaper.typeset import Block, Text

READY = samples()["ready"]
ROOM = (5, 50, 245, 122)


def texts(lines, room=ROOM):
    return [(item.text, item.size) for item in table(lines, room) if isinstance(item, Text)]


@pytest.mark.parametrize(
    ("change", "labels"),
    [
        ({}, ["HDMI", "USB", "Wi-Fi", "Web"]),
        ({"wifi": "", "bars": None}, ["HDMI", "USB", "Web"]),
        ({"network": "no gateway on wlan0"}, ["HDMI", "USB", "Net", "Web"]),
        ({"heat": "80 °C"}, ["HDMI", "USB", "Wi-Fi", "Heat", "Web"]),
        ({"card": "ignored: ssh"}, ["HDMI", "USB", "Wi-Fi", "Card"]),
        ({"card": "ignored: ssh", "in_use": True}, ["HDMI", "USB", "Wi-Fi"]),
    ],
)
def test_a_row_for_all_there_is_to_say(change, labels):
    assert [row.label for row in rows(replace(READY, **change))] == labels


def test_rows_are_large_where_there_is_room():
    assert texts([Row("HDMI", "none"), Row("USB", "ok")]) == [("HDMI", 16), ("none", 16), ("USB", 16), ("ok", 16)]
    assert texts([Row("USB", "ok")] * 5) == [("USB", 14), ("ok", 14)] * 5
    assert texts([Row("USB", "ok")] * 6) == [("USB", 12), ("ok", 12)] * 6
    assert texts([Row("USB", "ok")], (5, 50, 174, 122)) == [("USB", 12), ("ok", 12)]


def test_a_long_value_is_small_and_makes_all_rows_small_before_it_is_cut():
    assert texts([Row("Net", "wrong password for workshop")]) == [("Net", 16), ("wrong password for workshop", 12)]
    lines = [Row("HDMI", "none"), Row("Card", "card takes no more writes, changes are lost")]
    assert texts(lines, (5, 86, 245, 122)) == [
        ("HDMI", 12),
        ("none", 12),
        ("Card", 12),
        ("card takes no more writes, changes", 12),
        ("are lost", 12),
    ]


@pytest.mark.parametrize("bars", range(5))
def test_as_many_bars_are_full_as_are_given(bars):
    heights = [
        item.box[3] - item.box[1] for item in table([Row("Wi-Fi", "shop", bars)], ROOM) if isinstance(item, Block)
    ]
    assert heights == [3, 5, 7, 9][:bars] + [1] * (4 - bars)


def test_no_gauge_without_a_strength():
    assert not any(isinstance(item, Block) for item in table([Row("Wi-Fi", "shop")], ROOM))
