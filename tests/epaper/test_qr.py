"""QR codes by part of a library, read back by another one; the whole library says the same."""

from __future__ import annotations

import pytest
import segno
import zxingcpp
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from epaper import qr


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("https://192.168.1.42/#K7WQM-2XD9P", ["https", "://192.168.1.42/", "#", "K7WQM-2XD9P"]),
        ("x", ["x"]),
        ("http://" + "y" * 46, ["http://" + "y" * 46]),
    ],
)
def test_it_is_the_code_of_the_whole_library_and_is_read_back(text, pieces):
    rows = qr.rows(text, 3)
    matrix = segno.make_qr(pieces, version=3, error="l").matrix
    assert rows == tuple(tuple(bool(module) for module in row) for row in matrix)
    side = len(rows) + 8
    picture = Image.new("L", (side, side), 255)
    for y, row in enumerate(rows):
        for x, black in enumerate(row):
            if black:
                picture.putpixel((x + 4, y + 4), 0)
    (code,) = zxingcpp.read_barcodes(picture.resize((side * 3, side * 3), Image.Resampling.NEAREST))
    assert code.text == text


@given(st.ip_addresses(v=4))
def test_the_small_version_holds_the_set_up_s_url_with_any_ipv4_address(address):
    assert qr.rows(f"https://{address}/#K7WQM-2XD9P", 2) is not None


def test_what_does_not_fit_is_none():
    assert qr.rows("x" * 54, 3) is None


def test_a_missing_library_is_named(monkeypatch):
    monkeypatch.delitem(qr.sys.modules, "segno.encoder", raising=False)
    monkeypatch.setattr(qr.importlib.util, "find_spec", lambda _: None)
    with pytest.raises(ModuleNotFoundError, match="install the package python3-segno"):
        qr.rows("x", 3)
