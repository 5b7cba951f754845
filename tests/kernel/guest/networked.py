"""The real daemon on a machine whose radio is virtual: what its panel would show, and what its page answers."""

from __future__ import annotations

import json
import os
import shutil
import socket
import ssl
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from app.status import Device
from app.status_line import from_json
from tests.kernel.guest.registry import Registry, asked
from tests.kernel.guest.wireless import KEYFILES, PASSPHRASE, PATIENCE, until

PASSWORD = "battery staple"
PORT = 8443


class Daemon:
    """`python3 -m app`, claimed or not."""

    def __init__(self, folder: Path, *, claimed: bool, port: int = PORT) -> None:
        self._socket = folder / "run/status.sock"
        self._socket.unlink(missing_ok=True)  # of one that was killed
        command = [
            sys.executable,
            "-m",
            "app",
            "--port",
            str(port),
            "--state",
            str(folder / "state"),
            "--runtime",
            str(folder / "run"),
        ]
        environment = {**os.environ, **({"INKVM_ADMIN_PASSWORD": PASSWORD} if claimed else {})}
        self._process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
        until(self._socket.exists, "the daemon does not start")

    def __enter__(self) -> Daemon:
        return self

    def __exit__(self, *_failure: object) -> None:
        """Whatever has happened: the next one wants its port."""
        self.kill()

    def stop(self) -> None:
        """Ask it to end."""
        self._process.terminate()
        self._process.wait(PATIENCE)

    def kill(self) -> None:
        """End it without warning."""
        self._process.kill()
        self._process.wait()

    def shows(self, what: Callable[[Device], object], patience: float = PATIENCE) -> Device:
        """Return the first state in which it is so, from the socket that the panel reads."""
        deadline, last = time.monotonic() + patience, Device()
        with socket.socket(socket.AF_UNIX) as connection:
            connection.connect(str(self._socket))
            connection.settimeout(patience)
            with suppress(TimeoutError):  # nothing has changed at all
                for line in connection.makefile("rb"):
                    last = from_json(line)
                    if what(last):
                        return last
                    if time.monotonic() > deadline:
                        break
        raise AssertionError(f"not so within {patience:.0f} s: {last.network} {last.hotspot}")


class Page:
    """A browser of the administrator's, at one address of the device, which it may know by a name."""

    def __init__(self, address: str, name: str = "") -> None:
        self._address = f"https://{address}:{PORT}"
        self._host = f"{name or address}:{PORT}"
        self._cookie = ""
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        self._opener = urllib.request.build_opener(urllib.request.HTTPSHandler(context=context))
        form = urllib.parse.urlencode({"user": "admin", "passwd": PASSWORD}).encode()
        answer = self._opener.open(self._request("POST", "/api/auth/login", form), timeout=PATIENCE)
        self._cookie = answer.headers["Set-Cookie"].partition(";")[0]

    def _request(self, method: str, path: str, body: bytes | None) -> urllib.request.Request:
        headers = {"Host": self._host, "Origin": f"https://{self._host}", "Cookie": self._cookie}
        return urllib.request.Request(self._address + path, body, headers, method=method)

    def ask(self, method: str, path: str, **body: object) -> tuple[int, Any]:
        """Status and result."""
        try:
            answer = self._opener.open(
                self._request(method, path, json.dumps(body).encode() if body else None), timeout=PATIENCE
            )
        except urllib.error.HTTPError as refusal:
            return refusal.code, json.loads(refusal.read())["result"]
        return answer.status, json.loads(answer.read())["result"]


def card(
    name: str, ssid: str, passphrase: str = PASSPHRASE, *, connection: str = "", wifi: str = "", security: str = ""
) -> None:
    """A network that the card names, and NetworkManager reads it."""
    number = sum(name.encode())
    file = KEYFILES / f"{name}.nmconnection"
    file.write_text(
        f"[connection]\nid={name}\nuuid=4b564d00-0000-4000-8000-{number:012d}\ntype=wifi\n{connection}\n"
        f"[wifi]\nssid={ssid}\nmode=infrastructure\n{wifi}\n[wifi-security]\nkey-mgmt=wpa-psk\npsk={passphrase}\n{security}\n"
    )
    file.chmod(0o600)
    asked(Registry.reload)


def applied(folder: Path, file: str, text: str) -> str:
    """Root's one-shot, with this file on the card; what is on the card after it."""
    for name in ("boot", "run"):
        (folder / name).mkdir(exist_ok=True)
    (folder / "boot" / file).write_text(text)
    places = f"--boot={folder}/boot", f"--state={KEYFILES.parent}", f"--runtime={folder}/run"
    done = subprocess.run([sys.executable, "-m", "app.firstrun", *places], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    return (folder / "boot" / file).read_text()


def forget() -> None:
    """No network is known any more, and no card has ever been read."""
    for file in KEYFILES.iterdir():
        file.unlink()
    shutil.rmtree(KEYFILES.parent / "firstrun", ignore_errors=True)
    asked(Registry.reload)
