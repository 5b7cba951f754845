"""The plug is pulled at random moments from the first start on: while it starts, grows, takes settings and uploads.

After each cut the card itself is judged, and the next start goes on from it; what was acknowledged has to be there.
"""

from __future__ import annotations

import json
import random
import subprocess
import threading
import time
from http.client import HTTPException
from pathlib import Path

import pytest

from tests.client import Client
from tests.conftest import EFFORT
from tests.qemu.card import SIZE, extracted, flashed, mounted, place, sound, strangers
from tests.qemu.conftest import PASSWORD, needed
from tests.qemu.machine import Machine

pytestmark = pytest.mark.soak

CUTS = 2 * EFFORT
SEED = 20261121
FRESH = 8
"""So many cuts until the next card: each card has a first start, and growth, of its own. Every second one is cut off in it."""
PATIENCE = 1800.0
TALKATIVE = "systemd.journald.forward_to_console=1"
"""A device that does not come up again says why."""
DATA = 7


class Owner(threading.Thread):
    """Uses the device until it is gone: tokens, one after the other, and a certificate between them."""

    def __init__(self, port: int, pem: dict[str, str], number: int) -> None:
        super().__init__(daemon=True)
        self._port = port
        self._pem = pem
        self.number = number
        self.acknowledged = ""
        self.uploads = 0
        self.trouble: Exception | None = None
        self.begun = threading.Event()
        """Something was acknowledged, or nothing will be."""

    def run(self) -> None:
        try:
            client = Client(f"https://localhost:{self._port}")
            assert client.login("admin", PASSWORD).status == 200
            self._use(client)
        except (OSError, HTTPException, AssertionError) as error:
            self.trouble = error
        finally:
            self.begun.set()

    def _use(self, client: Client) -> None:
        held: list[str] = []
        while True:
            name = f"t{self.number + 1}"
            answer = client.send("POST", "/api/auth/tokens", name=name, scopes=["view"])
            assert answer.status == 200, answer
            self.number, self.acknowledged = self.number + 1, name
            self.begun.set()
            held.append(answer.result["id"])
            if len(held) > 3:
                client.request("DELETE", f"/api/auth/tokens/{held.pop(0)}")
            if self.number % 4 == 0:
                assert client.send("PUT", "/api/tls/certificate", **self._pem).status == 200
                self.uploads += 1


@pytest.fixture(scope="module")
def pem(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """An owner's own certificate."""
    folder = tmp_path_factory.mktemp("pem")
    command = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:P-256",
        "-nodes",
        "-days",
        "90",
    ]
    command += ["-subj", "/CN=inkvm", "-addext", "subjectAltName=DNS:inkvm", "-keyout", "key", "-out", "chain"]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
    return {name: (folder / name).read_text() for name in ("chain", "key")}


def judged(card: Path, last: Owner | None, folder: Path) -> list[str]:
    """What is wrong with a card whose plug was pulled."""
    part = extracted(card, DATA, folder / "part")
    with mounted(part) as data:
        path = data / "access/tokens.json"
        tokens = [token["name"] for token in json.loads(path.read_text())] if path.exists() else []
        uploaded = (data / "tls/owner.pem").exists()
        stranger = strangers(data)
    flaws = [sound(part), f"the daemon cannot read {stranger}" if stranger else ""]
    if last is not None:
        flaws.append("" if last.acknowledged in tokens else f"{last.acknowledged} was acknowledged, there are {tokens}")
        flaws.append("" if uploaded or not last.uploads else "the certificate was acknowledged, and is not there")
    return [flaw for flaw in flaws if flaw]


def test_the_plug_is_pulled_and_nothing_acknowledged_is_lost(tmp_path: Path, pem: dict[str, str]) -> None:
    needed()
    dice = random.Random(SEED)
    last: Owner | None = None
    start, number, moments = 0.0, 0, []
    for cut in range(CUTS):
        which, age = divmod(cut, FRESH)
        if age == 0:
            card, last = flashed(tmp_path / "card"), None
        with Machine("virt", card, password=PASSWORD, keep=True, arguments=TALKATIVE) as machine:
            if start and (age % 2 or (age == 0 and which % 2)):
                share = dice.random()
                moments.append(f"{share:.0%} of {'the' if age else 'a first'} start")
                time.sleep(share * start)
            else:
                start = machine.wait_for_https(PATIENCE)
                last = Owner(machine.port, pem, number)
                last.start()
                assert last.begun.wait(PATIENCE), "the device answers nothing"
                assert last.acknowledged, last.trouble
                pause = dice.random() * 20
                moments.append(f"{pause:.1f} s of use")
                time.sleep(pause)
            machine.kill()
        if last is not None:
            last.join(PATIENCE)
            assert not isinstance(last.trouble, AssertionError), last.trouble
            number = last.number
        assert judged(card, last, tmp_path) == [], (SEED, cut, moments)
    print(f"seed {SEED}, {CUTS} cuts: {', '.join(moments)}; {number} settings acknowledged")
    _starts(card)


def _starts(card: Path) -> None:
    """After the last cut, the device comes up and finishes what was cut off: the data partition reaches the card's end."""
    with Machine("virt", card, password=PASSWORD, keep=True) as machine:
        machine.wait_for_https(PATIENCE)
        deadline = time.monotonic() + PATIENCE
        while sum(place(card, DATA)) != SIZE:
            assert time.monotonic() < deadline, "growth was not finished"
            time.sleep(1)  # the card has no event for whoever looks from outside
