"""The process as systemd runs it."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from app.status import Device, Network
from epaper.__main__ import main
from epaper.sample import samples
from tests.epaper.statusd import StatusDaemon

GOLDEN = Path(__file__).with_name("golden")


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "epaper", *arguments], capture_output=True, text=True, check=False)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_told_to_stop_it_says_so_draws_the_last_page_and_exits_with_0(tmp_path, number):
    png, address = tmp_path / "panel.png", tmp_path / "status.sock"
    notified = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    notified.bind(str(tmp_path / "notify"))
    notified.settimeout(30)

    with notified:
        async with StatusDaemon(address, Device(network=Network("kvm", ("192.168.1.42",)))) as daemon:
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "epaper", "--socket", address, "--simulate", png,
                "--synchronised", tmp_path / "never",
                env={**os.environ, "NOTIFY_SOCKET": str(tmp_path / "notify")},
                stderr=subprocess.PIPE,
            )  # fmt: skip
            await asyncio.wait_for(daemon.connected.wait(), 30)
            assert notified.recv(100) == b"READY=1"
            process.send_signal(number)
            _, errors = await asyncio.wait_for(process.communicate(), 30)
            assert (process.returncode, errors) == (0, b"")
            assert notified.recv(100) == b"STOPPING=1"
    with Image.open(png) as picture, Image.open(GOLDEN / "stopped.png") as golden:
        # Below the header, which has this machine's name and time.
        assert picture.crop((0, 30, 250, 122)).tobytes() == golden.crop((0, 30, 250, 122)).tobytes()


def test_page_is_drawn_without_a_daemon(tmp_path):
    assert main(["--page", "ready", "--simulate", str(tmp_path / "ready.png")]) == 0
    with Image.open(tmp_path / "ready.png") as picture:
        assert picture.size == (250, 122)


def test_the_pages_on_offer_are_the_samples():
    for name in samples():
        assert f"'{name}'" in run("--page", "nonsense", "--simulate", "x").stderr
    assert run("--page", "nonsense", "--simulate", "x").stderr.count("'") == 2 * len(samples()) + 2


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (
            ["--font-dir", "/nowhere"],
            "font /nowhere/terminus-normal.otb is missing; install the package fonts-terminus-otb",
        ),
        (["--dc", "8"], "pin dc is 8, which belongs to the SPI driver; expected none of 7 to 11"),
    ],
)
def test_what_cannot_work_is_one_clear_line(arguments, words):
    result = run(*arguments)
    assert (result.returncode, result.stderr) == (2, words + "\n")


@pytest.mark.parametrize(
    ("option", "value", "words"),
    [
        ("--spi", "0", "argument --spi: '0', expected BUS.SELECT, such as 0.0"),
        ("--power", "off", "argument --power: 'off', expected a BCM number or none"),
    ],
)
def test_an_option_that_is_not_understood_is_named(option, value, words, capsys):
    with pytest.raises(SystemExit, match="2"):
        main([option, value])
    assert words in capsys.readouterr().err


def test_page_without_a_file_to_draw_into():
    result = run("--page", "ready")
    assert result.returncode == 2
    assert "--page draws into a file: give --simulate OUT.png, too" in result.stderr
