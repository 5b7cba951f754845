"""What the glass shows, for others."""

from __future__ import annotations

import errno
import json
from pathlib import Path

from PIL import Image

from epaper import panel
from epaper.ledger import Ledger
from epaper.mirror import Mirror
from epaper.own import Own
from epaper.picture import png, unpack
from epaper.trouble import stopped

LEDGER = Ledger(Path("/nowhere/counts.json"), "a", print)
STRIPES = b"\xaa" * panel.FRAME_BYTES


def test_picture_and_facts(tmp_path):
    log = []
    counted = tmp_path / "counted"
    counted.mkdir()
    (counted / "counts.json").write_text('{"boot": "a", "boots": 3, "flashing": 10, "partial": 40}')
    ledger = Ledger(counted / "counts.json", "a", log.append)
    folder = tmp_path / "run"
    folder.mkdir()
    Mirror(folder, log.append, lambda: 61.5).show(STRIPES, stopped(Own("kvm")), "as of now", ledger)
    with Image.open(folder / "panel.png") as picture:
        assert (picture.format, picture.mode, picture.tobytes()) == ("PNG", "1", unpack(STRIPES).tobytes())
    assert json.loads((folder / "panel.json").read_text()) == {
        "page": "Notice", "as_of": "as of now", "drawn": 61.5, "boots": 3, "flashing_refreshes": 10, "partial_refreshes": 40,
    }  # fmt: skip
    assert {file.name for file in folder.iterdir()} == {"panel.png", "panel.json"}
    assert log == []


def test_a_new_run_begins_with_nothing(tmp_path):
    Mirror(tmp_path, print, lambda: 61.5).show(STRIPES, stopped(Own("kvm")), "", LEDGER)
    Mirror(tmp_path, print, lambda: 61.5)
    assert list(tmp_path.iterdir()) == []


def test_what_is_not_known_is_not_shown(tmp_path):
    mirror = Mirror(tmp_path, print, lambda: 61.5)
    mirror.show(STRIPES, stopped(Own("kvm")), "", LEDGER)
    mirror.forget()
    assert list(tmp_path.iterdir()) == []


def test_a_picture_that_cannot_be_written_leaves_no_older_one(tmp_path, monkeypatch):
    log = []
    mirror = Mirror(tmp_path, log.append, lambda: 61.5)
    mirror.show(STRIPES, stopped(Own("kvm")), "", LEDGER)
    monkeypatch.setattr("pathlib.Path.write_text", full)
    mirror.show(STRIPES, stopped(Own("kvm")), "", LEDGER)
    assert list(tmp_path.glob("panel.*")) == []
    assert log == ["cannot show the panel's picture to others: [Errno 28] No space left on device"]


def full(*_):
    raise OSError(errno.ENOSPC, "No space left on device")


def test_a_folder_that_is_gone_is_said_once(tmp_path):
    log = []
    mirror = Mirror(tmp_path / "gone", log.append, lambda: 61.5)
    for _ in range(3):
        mirror.show(STRIPES, stopped(Own("kvm")), "", LEDGER)
    assert len(log) == 1
    assert "cannot show the panel's picture to others" in log[0]


def test_png_of_an_odd_width():
    picture = Image.new("1", (13, 3), 1)
    picture.putpixel((12, 2), 0)
    import io

    with Image.open(io.BytesIO(png(picture))) as read:
        read.load()
        assert (read.size, read.tobytes()) == (picture.size, picture.tobytes())
