"""The command, on folders as a user has them."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from image.firmware.__main__ import main
from tests.image.firmware.compiled import overlay
from tests.image.firmware.told import FOLDER, SHIPPED


@pytest.fixture
def card(tmp_path: Path) -> Path:
    """A slot's partition: what it has of the device's own files."""
    for name in ("config.txt", "cmdline.txt"):
        shutil.copy(FOLDER / name, tmp_path)
    return tmp_path


def test_the_repository_passes(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 0
    assert capsys.readouterr().err == ""


def test_a_card_passes(card: Path) -> None:
    assert main([str(card)]) == 0


def test_every_finding_has_file_and_line(card: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config, command = card / "config.txt", card / "cmdline.txt"
    config.write_text(config.read_text() + "cma=96M\n")
    command.write_text(command.read_text().replace(" ro ", " "))
    (card / "autoboot.txt").write_text("[pi4]\n")
    assert main([str(card)]) == 1
    assert [line.partition(" ")[0] for line in capsys.readouterr().err.splitlines()] == [
        f"{config}:{SHIPPED.count(chr(10)) + 1}:",
        f"{command}:",
        f"{card / 'autoboot.txt'}:1:",
    ]


def test_the_owners_wires_count(card: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config, wires = card / "config.txt", card / "settings.toml"
    config.write_text(config.read_text() + "dtoverlay=tc358743-audio\n")
    assert main([str(card)]) == 1
    assert "GPIO 18 is wanted by dtoverlay=tc358743-audio (I2S) and by panel.power" in capsys.readouterr().err
    wires.write_text("[panel]\npower = 26\n")
    assert main([str(card), "--settings", str(wires)]) == 0


def test_wires_on_the_command_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--wire", "atx.power_led=24"]) == 1
    assert "GPIO 24 is wanted by panel.busy and by atx.power_led" in capsys.readouterr().err
    assert main(["--wire", "bell=23"]) == 1
    assert main(["--wire", "bell=23", "--wire", "atx.power_button=none"]) == 0


@pytest.mark.parametrize("wire", ["24", "=24", "bell=", "bell=28", "bell=-1"])
def test_a_wire_that_is_none(wire: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--wire", wire])
    assert f"{wire!r}, expected NAME=LINE with a line from 0 to 27, or NAME=none" in capsys.readouterr().err


@pytest.mark.parametrize("missing", ["config.txt", "cmdline.txt"])
def test_a_missing_file_is_named(card: Path, missing: str, capsys: pytest.CaptureFixture[str]) -> None:
    (card / missing).unlink()
    assert main([str(card)]) == 2
    assert str(card / missing) in capsys.readouterr().err


@pytest.mark.parametrize("text", ["[panel]\npower = 8\n", None])
def test_settings_that_cannot_be_used(card: Path, text: str | None, capsys: pytest.CaptureFixture[str]) -> None:
    file = card / "settings.toml"
    if text is not None:
        file.write_text(text)
    assert main([str(card), "--settings", str(file)]) == 2
    assert str(file) in capsys.readouterr().err


def test_overlays_that_are_shipped_know_what_is_asked_of_them(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, params in {"disable-bt": (), "tc358743": ("4lane",), "dwc2": ("dr_mode",), "cma": ("cma-64",)}.items():
        (tmp_path / f"{name}.dtbo").write_bytes(overlay(*params))
    assert main(["--overlays", str(tmp_path)]) == 1
    assert capsys.readouterr().err.endswith(": parameter 'cma-96' is none that the shipped overlay 'cma' takes\n")
    (tmp_path / "cma.dtbo").write_bytes(overlay("cma-64", "cma-96"))
    assert main(["--overlays", str(tmp_path)]) == 0
    (tmp_path / "dwc2.dtbo").unlink()
    assert main(["--overlays", str(tmp_path)]) == 1
    assert capsys.readouterr().err.endswith(": overlay 'dwc2' is not among those that are shipped\n")
    (tmp_path / "dwc2.dtbo").write_bytes(b"version https://git-lfs\n")
    assert main(["--overlays", str(tmp_path)]) == 2
    assert f"{tmp_path}/dwc2.dtbo: not a device tree" in capsys.readouterr().err
