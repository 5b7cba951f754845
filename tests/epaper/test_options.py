"""The command line."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from epaper.options import parse


def test_a_board_needs_to_say_nothing():
    options = parse([], {})
    assert (options.socket, options.settings) == (Path("/run/inkvm/status.sock"), Path("/var/lib/inkvm/settings.toml"))
    assert (options.spi, options.gpiochip) == ((0, 0), "/dev/gpiochip0")
    assert (options.simulate, options.page, options.runtime) == (None, None, None)
    assert options.state == Path("/var/lib/inkvm/panel")


def test_systemds_folders_are_the_defaults():
    folders = {"STATE_DIRECTORY": "/state", "RUNTIME_DIRECTORY": "/runtime"}
    options = parse(["--state", "/mine"], folders)
    assert (options.state, options.runtime) == (Path("/mine"), Path("/runtime"))


def test_what_is_said_counts_and_the_rest_is_as_on_a_board():
    options = parse(["--spi", "1.2", "--simulate", "x.png", "--page", "ready", "--font-dir", "/fonts"], {})
    assert (options.spi, options.simulate, options.page) == ((1, 2), Path("x.png"), "ready")
    assert options.font_dir == Path("/fonts")
    assert options.gpiochip == "/dev/gpiochip0"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--spi", "0"], "argument --spi: '0', expected BUS.SELECT, such as 0.0"),
        (["--spi", "a.b"], "argument --spi: 'a.b', expected BUS.SELECT, such as 0.0"),
        (["--page", "ready"], "--page draws into a file: give --simulate OUT.png, too"),
        (["--nonsense"], "unrecognized arguments: --nonsense"),
    ],
)
def test_what_is_not_understood_is_named(arguments, words, capsys):
    with pytest.raises(SystemExit, match="2"):
        parse(arguments, {})
    assert capsys.readouterr().err.endswith(f"error: {words}\n")


def test_nothing_is_loaded_to_read_nothing():
    program = "import sys; from epaper.options import parse; parse([], {}); print('argparse' in sys.modules)"
    assert (
        subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout == "False\n"
    )
