"""The process as systemd runs it."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from PIL import Image

from app.status import Device, Network
from epaper.arrival import Arrival
from epaper.command import _expect, main
from epaper.sample import samples
from tests.epaper.statusd import StatusDaemon

GOLDEN = Path(__file__).with_name("golden")


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "epaper", *arguments], capture_output=True, text=True, check=False)


@pytest.mark.parametrize(("number", "version"), [(signal.SIGTERM, "v4"), (signal.SIGINT, "v3"), (signal.SIGTERM, "v2")])
async def test_told_to_stop_it_says_so_draws_the_last_page_and_exits_with_0(tmp_path, number, version):
    """On each version of the panel: the simulator of one refuses the others' driver, so the picture is the proof."""
    (tmp_path / "settings.toml").write_text(f"[panel]\nversion = '{version}'\npower = 'none'\n")
    png, address = tmp_path / "glass.png", tmp_path / "status.sock"
    notified = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    notified.bind(str(tmp_path / "notify"))
    notified.settimeout(30)

    with notified:
        async with StatusDaemon(address, Device(network=Network("kvm", ("192.168.1.42",)))) as daemon:
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "epaper", "--socket", address, "--simulate", png,
                "--synchronised", tmp_path / "never", "--settings", tmp_path / "settings.toml",
                env={
                    **os.environ, "NOTIFY_SOCKET": str(tmp_path / "notify"),
                    "STATE_DIRECTORY": str(tmp_path), "RUNTIME_DIRECTORY": str(tmp_path),
                },
                stderr=subprocess.PIPE,
            )  # fmt: skip
            await asyncio.wait_for(daemon.connected.wait(), 30)
            assert notified.recv(100) == b"READY=1"
            process.send_signal(number)
            _, errors = await asyncio.wait_for(process.communicate(), 30)
            # The status may have come between the first page and the last.
            assert re.fullmatch(rb"2 flashing and [01] partial refreshes so far\n", errors)
            assert process.returncode == 0
            assert notified.recv(100) == b"STOPPING=1"
    with Image.open(png) as picture, Image.open(GOLDEN / "stopped.png") as golden:
        # Below the header, which has this machine's name and time.
        assert picture.crop((0, 30, 250, 122)).tobytes() == golden.crop((0, 30, 250, 122)).tobytes()


def test_page_is_drawn_without_a_daemon(tmp_path):
    assert main(["--page", "ready", "--simulate", str(tmp_path / "ready.png")]) == 0
    with Image.open(tmp_path / "ready.png") as picture:
        assert picture.size == (250, 122)


def test_a_page_that_does_not_exist_is_refused_with_those_that_do(tmp_path, capsys):
    assert main(["--page", "nonsense", "--simulate", str(tmp_path / "x.png")]) == 2
    assert capsys.readouterr().err == f"--page 'nonsense' is not known, expected one of {', '.join(samples())}\n"


@pytest.mark.parametrize("name", samples())
def test_every_page_can_be_drawn(tmp_path, name):
    assert main(["--page", name, "--simulate", str(tmp_path / "page.png")]) == 0
    with Image.open(tmp_path / "page.png") as picture, Image.open(GOLDEN / f"{name}.png") as golden:
        assert (picture.mode, picture.tobytes()) == ("1", golden.convert("1").tobytes())


def test_missing_font_is_one_clear_line():
    result = run("--font-dir", "/nowhere")
    expected = "font /nowhere/terminus-normal.otb is missing; install the package fonts-terminus-otb\n"
    assert (result.returncode, result.stderr) == (2, expected)


async def test_bad_settings_are_named_in_the_log_and_on_the_glass(tmp_path):
    """With no daemon, which would refuse them, too; the panel runs with the usual wires to say so."""
    (tmp_path / "settings.toml").write_text("[panel]\ndc = 8\n")
    process = await start(tmp_path)
    async with asyncio.timeout(60):
        line = await process.stderr.readline()
        while not (tmp_path / "panel.json").exists():
            await asyncio.sleep(0.05)
    words = "key 'panel.dc' has value 8, expected a line from 2 to 27 that is not one of SPI's 7 to 11"
    assert line.decode() == f"{tmp_path}/settings.toml: {words}; the panel runs with the usual settings\n"
    assert json.loads((tmp_path / "panel.json").read_text())["page"] == "Problem"
    process.terminate()
    await process.communicate()


async def test_a_device_that_comes_after_the_process_ends_the_waiting(tmp_path):
    tried: asyncio.Queue[None] = asyncio.Queue()
    service = SimpleNamespace(retry=lambda: tried.put_nowait(None))
    expecting = asyncio.create_task(_expect(Arrival(tmp_path / "spidev0.0"), service))
    async with asyncio.timeout(60):
        await tried.get()
        (tmp_path / "spidev0.0").touch()
        await tried.get()
        (tmp_path / "spidev0.0").chmod(0o660)
        await tried.get()
    expecting.cancel()


async def test_board_without_spi_costs_one_line_and_no_crash(tmp_path):
    process = await start(tmp_path, "--spi", "77.0", simulate=False)
    async with asyncio.timeout(60):
        line = await process.stderr.readline()
    assert line == b"no panel: /dev/spidev77.0: No such file or directory; trying again\n"
    process.terminate()
    _, errors = await process.communicate()
    assert (process.returncode, errors) == (0, b"0 flashing and 0 partial refreshes so far\n")
    assert not (tmp_path / "panel.png").exists()


def test_what_nobody_needs_stays_out_of_memory():
    """OpenSSL, compressors, HTTP: twelve megabytes, where 25 are the limit."""
    program = "import runpy, sys; sys.argv = ['epaper', '--font-dir', '/nowhere']\n"
    program += "try: runpy.run_module('epaper', run_name='__main__')\nexcept SystemExit: pass\n"
    program += "from epaper import qr; qr.rows('x', 3)\n"
    program += (
        "print(sorted(name for name in ('_ssl', '_hashlib', '_lzma', 'urllib.request') if sys.modules.get(name)))"
    )
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert result.stdout == "[]\n"


async def test_starts_that_a_broken_card_forgets_have_no_number(tmp_path):
    (tmp_path / "reason").write_text("card takes no more writes")
    process = await start(tmp_path, "--lost", tmp_path / "reason")
    async with asyncio.timeout(60):
        while not (tmp_path / "panel.json").exists():
            await asyncio.sleep(0.05)
    assert json.loads((tmp_path / "panel.json").read_text())["boots"] is None
    process.terminate()
    await process.communicate()


async def start(folder: Path, *arguments: str, simulate: bool = True) -> asyncio.subprocess.Process:
    """The process with all its folders in one."""
    environment = {**os.environ, "STATE_DIRECTORY": str(folder), "RUNTIME_DIRECTORY": str(folder)}
    simulated = ("--simulate", folder / "glass.png") if simulate else ()
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "epaper", "--socket", folder / "status.sock", "--settings", folder / "settings.toml",
        *simulated, *arguments, env=environment, stderr=subprocess.PIPE,
    )  # fmt: skip


def test_page_without_a_file_to_draw_into():
    result = run("--page", "ready")
    assert result.returncode == 2
    assert "--page draws into a file: give --simulate OUT.png, too" in result.stderr


FIRST = """
import os, signal, sys
from epaper import command
from epaper.service import Service

begin = Service.begin
def watched(service):
    begin(service)
    counted = os.path.join(os.environ["STATE_DIRECTORY"], "panel-counts.json")
    print("asyncio" in sys.modules, os.path.exists(sys.argv[-1]), os.path.exists(counted), flush=True)
    os.kill(os.getpid(), signal.SIGTERM)
Service.begin = watched
sys.exit(command.main(sys.argv[1:]))
"""


def test_the_first_page_is_drawn_before_the_event_loop_is_loaded_and_a_request_to_stop_waits(tmp_path):
    """Loading it takes longer than drawing. Whoever stops the process right then gets the last page all the same."""
    folders = {"STATE_DIRECTORY": str(tmp_path), "RUNTIME_DIRECTORY": str(tmp_path)}
    arguments = [
        "--socket",
        tmp_path / "status.sock",
        "--settings",
        tmp_path / "none",
        "--simulate",
        tmp_path / "glass.png",
    ]
    process = subprocess.run(
        [sys.executable, "-c", FIRST, *arguments], env={**os.environ, **folders}, capture_output=True, text=True
    )
    assert (process.returncode, process.stderr) == (0, "2 flashing and 0 partial refreshes so far\n")
    assert process.stdout == "False True False\n", "nor does it wait for the card"
    assert json.loads((tmp_path / "panel-counts.json").read_text())["boots"] == 1
    assert json.loads((tmp_path / "panel.json").read_text())["page"] == "Notice"
    with Image.open(tmp_path / "glass.png") as picture, Image.open(GOLDEN / "stopped.png") as golden:
        assert picture.crop((0, 30, 250, 122)).tobytes() == golden.crop((0, 30, 250, 122)).tobytes()
