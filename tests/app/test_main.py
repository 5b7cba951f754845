"""The command line as a person meets it: what it prints, and how it ends."""

from __future__ import annotations

import os
import re
import signal
import socket
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from app import status_line
from tests.appliance import ROOT
from tests.client import Client


class Process:
    """`python3 -m app` with its state in a folder of the test's own."""

    def __init__(self, folder: Path, *arguments: str, **environment: str) -> None:
        self.folder = folder
        command = [sys.executable, "-m", "app", "--listen", "127.0.0.1", "--port", "0"]
        command += ["--state", str(folder / "state"), "--runtime", str(folder / "run"), *arguments]
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("INKVM")}
        self.process = subprocess.Popen(
            command,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=folder,
            env={**inherited, "PYTHONPATH": str(ROOT), **environment},
        )

    def lines(self, count: int) -> list[str]:
        """The next lines it prints."""
        assert self.process.stdout is not None
        return [self.process.stdout.readline().rstrip("\n") for _ in range(count)]

    def end(self, number: signal.Signals | None = None) -> tuple[int, str]:
        """Send a signal if one is given; the exit status and what it said on standard error."""
        if number is not None:
            self.process.send_signal(number)
        _out, words = self.process.communicate(timeout=30)
        return self.process.returncode, words


@pytest.fixture
def start(tmp_path: Path) -> Iterator[type[Process]]:
    started: list[Process] = []

    def start(*arguments: str, **environment: str) -> Process:
        started.append(Process(tmp_path, *arguments, **environment))
        return started[-1]

    yield start  # type: ignore[misc]
    for each in started:
        each.process.kill()
        each.process.communicate()


def test_it_says_where_it_is_and_how_to_get_in(start: type[Process]) -> None:
    daemon = start("--simulate")
    url, login, panel, certificate = daemon.lines(4)
    assert re.fullmatch(r"inkvm is at https://127\.0\.0\.1:\d+/", url)
    match = re.fullmatch(r"log in as   admin, password ([-a-z2-9]{14})", login)
    assert match is not None
    assert panel == f"panel at    {daemon.folder}/run/panel.png"
    assert re.fullmatch(r"certificate SHA-256 ([0-9A-F]{2}:){31}[0-9A-F]{2}", certificate)
    client = Client(url.removeprefix("inkvm is at ").rstrip("/"))
    assert client.login("admin", match[1]).status == 200
    client.close()
    assert daemon.end(signal.SIGTERM) == (0, "")


def test_each_start_has_a_password_of_its_own_but_one_certificate(start: type[Process]) -> None:
    first = start("--simulate").lines(4)
    second = start("--simulate").lines(4)
    assert first[1] != second[1]
    assert first[3] == second[3]


def test_a_preset_password_is_taken_and_not_printed(start: type[Process]) -> None:
    lines = start("--simulate", INKVM_ADMIN_PASSWORD="correct horse").lines(4)
    assert lines[1] == "log in as   admin, password as in INKVM_ADMIN_PASSWORD"
    assert "correct horse" not in "".join(lines)


def test_a_systemd_credential_is_a_preset_password(start: type[Process], tmp_path: Path) -> None:
    (tmp_path / "inkvm.admin-password").write_text("battery staple\n")
    url = start("--simulate", CREDENTIALS_DIRECTORY=str(tmp_path)).lines(1)[0]
    client = Client(url.removeprefix("inkvm is at ").rstrip("/"))
    assert client.login("admin", "battery staple").status == 200
    client.close()


def test_the_panel_is_told_the_code_and_nobody_else(start: type[Process]) -> None:
    daemon = start("--simulate")
    password = daemon.lines(2)[1].rpartition(" ")[2]
    path = daemon.folder / "run" / "status.sock"
    assert stat.S_IMODE(path.stat().st_mode) == 0o660
    with socket.socket(socket.AF_UNIX) as panel, panel.makefile("rb") as lines:
        panel.connect(str(path))
        device = status_line.from_json(lines.readline())
        assert device.claim is not None
        assert device.claim.code == password
        assert daemon.end(signal.SIGINT) == (0, "")
        while lines.readline():
            pass
    assert not path.exists()


def test_files_with_secrets_are_its_own(start: type[Process]) -> None:
    daemon = start("--simulate")
    daemon.lines(1)
    state = daemon.folder / "state"
    assert stat.S_IMODE(state.stat().st_mode) & 0o007 == 0
    modes = {path.relative_to(state).as_posix(): stat.S_IMODE(path.stat().st_mode) for path in state.rglob("*.pem")}
    assert modes == {"authority/key.pem": 0o600, "tls/leaf.pem": 0o600, "tls/authority.pem": 0o644}


def one_line(daemon: Process) -> str:
    """It must fail, and say why in one line."""
    code, words = daemon.end()
    assert code == 1
    assert words.endswith("\n")
    assert words.count("\n") == 1
    return words.strip()


def test_a_port_in_use_is_one_clear_line(start: type[Process]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        words = one_line(start("--simulate", "--port", port))
    assert (
        words
        == f"inkvm: cannot listen on 127.0.0.1:{port}: Address already in use; choose another with --listen and --port"
    )


def test_a_broken_settings_file_is_one_clear_line(start: type[Process], tmp_path: Path) -> None:
    (tmp_path / "settings.toml").write_text("[web]\nport = 70000\n")
    words = one_line(start("--simulate", "--settings", "settings.toml"))
    assert words == "inkvm: settings.toml: key 'web.port' has value 70000, expected a whole number from 1 to 65535"


def test_a_missing_codec_is_one_clear_line(start: type[Process], tmp_path: Path) -> None:
    """PyAV without libx264 is what a distribution without it would ship."""
    (tmp_path / "sitecustomize.py").write_text(
        "import av\n"
        "create = av.CodecContext.create\n"
        "def without(name, *rest):\n"
        "    if name == 'libx264': raise av.error.EncoderNotFoundError(1, 'Encoder not found', name)\n"
        "    return create(name, *rest)\n"
        "class CodecContext:\n"
        "    create = staticmethod(without)\n"
        "av.CodecContext = CodecContext\n"
    )
    words = one_line(start("--simulate", PYTHONPATH=f"{tmp_path}:{ROOT}"))
    assert words.startswith("inkvm: cannot encode H.264: ")
    assert "libx264" in words


def test_a_folder_that_cannot_be_made_is_one_clear_line(start: type[Process], tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    words = one_line(start("--simulate", "--state", str(tmp_path / "file" / "state")))
    assert words == f"inkvm: cannot make {tmp_path}/file/state: Not a directory; see --state and --runtime"


def test_a_broken_account_file_is_one_clear_line_and_lets_nobody_in(start: type[Process], tmp_path: Path) -> None:
    (tmp_path / "state" / "access").mkdir(parents=True)
    (tmp_path / "state" / "access" / "accounts.json").write_text('[{"name": "eve", "role": "admin", "password": ""}]')
    words = one_line(start("--simulate"))
    assert "accounts.json: not an account" in words
    assert "SECURITY.md" in words
