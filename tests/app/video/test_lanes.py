"""How many lanes the device tree gives the HDMI input."""

from __future__ import annotations

from pathlib import Path

from app.video.lanes import lanes
from app.video.receiver import BOARD, Link


def tree(sysfs: Path, lanes: bytes, cycles: bytes) -> None:
    endpoint = sysfs / "bus/i2c/drivers/tc358743/10-000f/of_node/port/endpoint"
    endpoint.mkdir(parents=True)
    (endpoint / "data-lanes").write_bytes(lanes)
    (endpoint / "link-frequencies").write_bytes(cycles)


def test_the_lanes_are_the_device_trees(tmp_path: Path) -> None:
    tree(tmp_path, bytes.fromhex("0000000100000002"), (297_000_000).to_bytes(8, "big"))
    assert lanes("unicam", tmp_path) == Link(2, 594_000_000)


def test_four_lanes_are_four(tmp_path: Path) -> None:
    tree(tmp_path, bytes.fromhex("00000001000000020000000300000004"), (486_000_000).to_bytes(8, "big"))
    assert lanes("unicam", tmp_path) == Link(4, 972_000_000)


def test_a_board_without_a_word_has_the_overlays_defaults(tmp_path: Path) -> None:
    assert lanes("unicam", tmp_path) == BOARD
    tree(tmp_path, b"", b"")
    assert lanes("unicam", tmp_path) == BOARD


def test_other_drivers_have_no_lanes(tmp_path: Path) -> None:
    assert lanes("vivid", tmp_path) is None
