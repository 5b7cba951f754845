"""The serial number, from a board's device tree, and what a host may be called."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.identity import is_hostname, serial


def test_a_board_has_its_own(tmp_path: Path) -> None:
    (tmp_path / "proc/device-tree").mkdir(parents=True)
    (tmp_path / "proc/device-tree/serial-number").write_bytes(b"10000000c0ffee42\0")
    assert serial(tmp_path) == "10000000c0ffee42"


def test_another_machine_has_none_rather_than_one_that_changes(tmp_path: Path) -> None:
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc/machine-id").write_text("0123456789abcdef0123456789abcdef\n")
    assert serial(tmp_path) is None


@pytest.mark.parametrize("name", ["a", "KVM-rack3", "0", "x" * 63, "localhosts"])
def test_one_label_is_a_host_s_name(name: str) -> None:
    assert is_hostname(name)


@pytest.mark.parametrize("name", ["", "-a", "a-", "rack_3", "a.b", "x" * 64, "grün", "a\n", "localhost", "LocalHost"])
def test_other_words_are_none(name: str) -> None:
    assert not is_hostname(name)
