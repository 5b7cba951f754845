"""What the glass shows, for others."""

from __future__ import annotations

import json

from PIL import Image

from epaper import panel
from epaper.ledger import Counts
from epaper.mirror import Mirror
from epaper.page import Own, stopped
from epaper.picture import png, unpack

STRIPES = b"\xaa" * panel.FRAME_BYTES


def test_picture_and_facts(tmp_path):
    log = []
    Mirror(tmp_path, log.append).show(STRIPES, stopped(Own("kvm")), "as of now", Counts("a", 3, 10, 40))
    with Image.open(tmp_path / "panel.png") as picture:
        assert (picture.format, picture.mode, picture.tobytes()) == ("PNG", "1", unpack(STRIPES).tobytes())
    assert json.loads((tmp_path / "panel.json").read_text()) == {
        "page": "Notice", "as_of": "as of now", "boots": 3, "flashing_refreshes": 10, "partial_refreshes": 40,
    }  # fmt: skip
    assert {file.name for file in tmp_path.iterdir()} == {"panel.png", "panel.json"}
    assert log == []


def test_a_new_run_begins_with_nothing(tmp_path):
    Mirror(tmp_path, print).show(STRIPES, stopped(Own("kvm")), "", Counts())
    Mirror(tmp_path, print)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_gone_is_said_once(tmp_path):
    log = []
    mirror = Mirror(tmp_path / "gone", log.append)
    for _ in range(3):
        mirror.show(STRIPES, stopped(Own("kvm")), "", Counts())
    assert len(log) == 1
    assert "cannot show the panel's picture to others" in log[0]


def test_png_of_an_odd_width():
    picture = Image.new("1", (13, 3), 1)
    picture.putpixel((12, 2), 0)
    import io

    with Image.open(io.BytesIO(png(picture))) as read:
        read.load()
        assert (read.size, read.tobytes()) == (picture.size, picture.tobytes())
