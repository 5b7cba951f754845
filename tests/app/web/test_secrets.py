"""Secrets are planted everywhere they can be, everything is used once, and then they are looked for where they must not be.

The device makes no backups and gives no state away, so there is no such place to look in: a feature of that kind belongs here.
"""

from __future__ import annotations

import json
import os
import socket
import ssl
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import dropwhile
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from app.auth import totp
from app.auth.card import Card
from app.chance import Chance
from tests.app.firstrun.bench import Device
from tests.app.web.test_door import CALLS, ENTRANCES, NEEDS, SOCKETS, path_of
from tests.app.web.test_tls import CA, LEAF, key_pem, pem
from tests.appliance import ROOT, Appliance
from tests.client import Answer, Client, trusting
from tests.patience import tries

PASSWORD, CHANGED, SCRIPTED, WRONG = (
    "planted-passwort-1",
    "planted-passwort-2",
    "planted-passwort-3",
    "planted-wrong-guess",
)
WIFI, CARD_WIFI = "planted-wlan-page", "planted-wlan-card"
PASTED = "planted by pasting"
TYPED = ["KeyP", "KeyL", "KeyA", "KeyN", "KeyT"]
CUSTOMISATION = f"""
[user]
name = "ann"
password = "{PASSWORD}"
[[wifi]]
ssid = "workshop"
password = "{CARD_WIFI}"
"""
KEEPS = {
    "key": "tls/owner.pem", "authority's key": "authority/key.pem", "one-time": "access/accounts.json",
    "card's Wi-Fi": "firstrun/record.json network/card-*.nmconnection",
}  # fmt: skip
"""Which files below the state are for whom."""


class Ear(Client):
    """Remembers every answer; a new cookie is its owner's to know."""

    def __init__(self, url: str, source: str = "127.0.0.1") -> None:
        super().__init__(url, source)
        self.heard: list[bytes] = []

    def _exchange(self, *request: object) -> Answer:
        answer = super()._exchange(*request)  # type: ignore[arg-type]
        lines = [f"{name}: {value}" for name, value in answer.headers.items() if name != "Set-Cookie"]
        self.heard.append("\n".join(lines).encode() + answer.body)
        return answer

    def listen(self, path: str, *events: tuple[str, dict[str, object]]) -> None:
        """Open a socket, say that, and remember what is said until a ping is answered, or one frame has come."""
        opened = self.socket(path)
        for event_type, event in events:
            opened.send(json.dumps({"event_type": event_type, "event": event}))
        while True:
            came = opened.recv()
            self.heard.append(came if isinstance(came, bytes) else came.encode())
            if not events or b'"pong"' in self.heard[-1]:
                break
        opened.close()


@contextmanager
def panel(appliance: Appliance) -> Iterator[list[bytes]]:
    """The panel's service, and what the status socket says meanwhile."""
    heard: list[bytes] = []
    connection = socket.socket(socket.AF_UNIX)
    connection.connect(str(appliance.panel / "status.sock"))
    listening = threading.Thread(target=lambda: heard.extend(connection.makefile("rb")))
    listening.start()
    folder = appliance.folder
    command = [sys.executable, "-m", "epaper", "--socket", str(appliance.panel / "status.sock"), "--runtime",
               str(appliance.panel), "--state", str(folder), "--simulate", str(folder / "glass.png")]  # fmt: skip
    with (folder / "panel's log").open("w") as log:
        process = subprocess.Popen(command, stderr=log, env={**os.environ, "PYTHONPATH": str(ROOT)}, cwd=folder)
    try:
        patience = tries("page on the panel")
        while not (appliance.panel / "panel.json").exists():
            next(patience)
            time.sleep(0.05)  # the glass has no event
        yield heard
    finally:
        process.terminate()
        process.wait()
        appliance.kill()
        listening.join()
        connection.close()
    assert heard


def owned(appliance: Appliance, way: str) -> tuple[Ear, dict[str, str]]:
    """Somebody owns the device, by the code on its panel or by the file on its card; and what was secret about that."""
    if way == "card":
        device = Device(appliance.folder)
        device.put(CUSTOMISATION)
        device.start()
        assert Card(device.boot, device.state, Chance()).import_account(device.runtime / "account.json") == "ann"
        appliance.start()
        owner = Ear(appliance.url)
        assert owner.login("ann", PASSWORD).status == 200
        return owner, {"card's Wi-Fi": CARD_WIFI}
    appliance.start()
    owner = Ear(appliance.url)
    code = json.loads((appliance.folder / "state" / "access" / "claim.json").read_text())[0]["code"]
    assert owner.enter("/api/auth/claim", code=code, user="ann", passwd=PASSWORD).status == 200
    return owner, {"claim": code}


def everything(owner: Ear, stranger: Ear, secrets: dict[str, str]) -> None:
    """Every route, with secrets wherever one has its place, as text and as what is none there; logging out comes last."""
    text = {
        "passwd": WRONG, "new": PASSWORD, "passphrase": WIFI, "secret": secrets["link"], "code": secrets["recovery"],
        "key": secrets["private"], "chain": secrets["private"],
    }  # fmt: skip
    other = {
        "user": "nobody",
        "role": "viewer",
        "ssid": "73686f70",
        "name": "no name",
        "label": "l",
        "scopes": ["view"],
    }
    bodies = [
        json.dumps({**other, **text}),
        json.dumps({**other, **{name: [value] for name, value in text.items()}}),
        PASSWORD,
    ]
    for rule, method in [call for call in CALLS if call[0] != "/api/auth/logout"]:
        query = "" if rule == "/api/hid/print" else f"?passwd={PASSWORD}&token={secrets['token']}"
        for body in [PASTED] if rule == "/api/hid/print" else bodies:
            answer = owner.request(method, path_of(rule) + query, None if method == "GET" else body)
            assert answer.status != 500, (rule, method)
    for rule, method in ENTRANCES:
        for body in bodies:
            assert (
                stranger.request(method, path_of(rule) + f"?passwd={PASSWORD}", body).status < 500
            )  # the link is a good one
    for path in (f"/api/nothing?passwd={PASSWORD}", f"/ui/nothing?passwd={PASSWORD}", f"/nothing?passwd={PASSWORD}"):
        stranger.request("GET", path)
        owner.request("GET", path)
        owner.request("GET", path, headers={"Host": "evil.example"})
    for path in SOCKETS:
        assert stranger.request("GET", path, headers={"Authorization": f"Bearer {WRONG}"}).status == 403
        owner.listen(path, *([("ping", {})] if path == "/api/ws" else []))


def nonsense(url: str) -> list[bytes]:
    """What is answered to requests that are none, with a secret in each part."""
    host = urlsplit(url)
    answers = []
    for request in (
        f"GET /{PASSWORD}", f"{PASSWORD} / HTTP/1.1\r\nHost: x", f"GET / HTTP/{PASSWORD}", f"GET / HTTP/1.1\r\n{PASSWORD}",
        f"GET / HTTP/1.1\r\nHost: x\r\nCookie: a={PASSWORD}\0", f"GET / HTTP/1.1\r\nHost: x\r\nContent-Length: {PASSWORD}",
        f"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n{PASSWORD}",
        f"GET / HTTP/1.1\r\nHost: {PASSWORD} x", f"GET / HTTP/1.1\r\nHost: x\r\nX-KVMD-Passwd: {PASSWORD * 1000}",
    ):  # fmt: skip
        with socket.create_connection((host.hostname, host.port)) as plain, trusting().wrap_socket(plain) as tls:
            tls.sendall(request.encode() + b"\r\n\r\n")
            try:
                answers.append(tls.recv(1 << 16))
            except (ssl.SSLEOFError, ConnectionError):
                answers.append(b"")  # hung up
    return answers


@pytest.mark.parametrize("way", ["claim", "card"])
def test_secrets_stay_where_they_belong(tmp_path: Path, way: str) -> None:
    appliance = Appliance(tmp_path, "--unclaimed")
    owner, secrets = owned(appliance, way)
    with panel(appliance) as said:
        assert owner.send("POST", "/api/auth/password", passwd=PASSWORD, new=CHANGED).status == 200
        assert owner.send("POST", "/api/accounts", user="bob", passwd=SCRIPTED, role="viewer").status == 200
        token = owner.send("POST", "/api/auth/tokens", name="t", scopes=["view"]).result["token"]
        link = owner.send("POST", "/api/auth/links", label="l", hours=1).result["url"].partition("=")[2]
        secret = owner.send("POST", "/api/auth/totp", passwd=CHANGED).result["secret"]
        shown = totp.code(secret, int(time.time()) // 30)
        recovery = owner.send("PUT", "/api/auth/totp", passwd=CHANGED, secret=secret, code=shown).result["recovery"]
        private = key_pem(LEAF[1])
        assert owner.send("PUT", "/api/tls/certificate", chain=pem(LEAF[0], CA[0]), key=private).status == 200
        assert owner.send("PUT", "/api/tls/certificate", chain=private, key=private).status == 400
        session = (owner.cookie or "").partition("=")[2]
        del owner.heard[:]  # what was shown once was meant to be

        bob = Ear(appliance.url, "127.0.0.51")
        headers = {"X-KVMD-User": "bob", "X-KVMD-Passwd": SCRIPTED}
        assert bob.request("GET", "/api/info", headers=headers).status == 200
        assert bob.login("ann", WRONG).status == 403
        guest = Ear(appliance.url)
        assert guest.enter("/api/auth/link", secret=link).status == 200
        owner.listen("/api/ws", *(("key", {"key": key, "state": state}) for key in TYPED for state in (True, False)), ("ping", {}))  # fmt: skip
        stranger = Ear(appliance.url, "127.0.0.52")
        everything(owner, stranger, {"link": link, "recovery": recovery[0], "private": private, "token": token})
        broken = nonsense(appliance.url)
        assert owner.request("POST", "/api/auth/logout").status == 200
        for each in (owner, bob, guest, stranger):
            each.close()

    secrets |= {
        "first password": PASSWORD, "password": CHANGED, "a script's": SCRIPTED, "a wrong guess": WRONG, "Wi-Fi": WIFI,
        "token": token, "link": link, "session": session, "recovery": recovery[0], "key": private.split("\n")[2],
        "authority's key": (tmp_path / "state" / "authority" / "key.pem").read_text().split("\n")[2],
        "one-time": secret, "pasted": PASTED,
    }  # fmt: skip
    answers = [*broken, *(answer for each in (owner, bob, guest, stranger) for answer in each.heard)]
    for name, planted in secrets.items():
        assert len(planted) > 8, name
        keeps = [path for each in KEEPS.get(name, "").split() for path in (tmp_path / "state").glob(each)]
        for path in tmp_path.rglob("*"):  # state, run time, both logs, what the panel's service left, and the card
            if path.is_file() and path not in keeps:
                assert planted.encode() not in path.read_bytes(), (name, path)
        for answer in answers:
            assert planted.encode() not in answer, (name, answer)
        for line in dropwhile(lambda line: b"#claim=" in line, said):  # the panel shows that until it is used
            assert planted.encode() not in line, (name, line)
    audit = (tmp_path / "state" / "audit.log").read_text()
    assert '"typed"' in audit
    assert '"control taken"' in audit
    assert not any(key in audit for key in TYPED)
    assert "planted" not in audit


def test_files_with_secrets_are_their_owners(tmp_path: Path) -> None:
    appliance = Appliance(tmp_path, "--unclaimed")
    appliance.start()
    owner = Client(appliance.url)
    code = json.loads((tmp_path / "state" / "access" / "claim.json").read_text())[0]["code"]
    assert owner.enter("/api/auth/claim", code=code, user="ann", passwd=PASSWORD).status == 200
    owner.send("POST", "/api/auth/tokens", name="t", scopes=["view"])
    owner.send("POST", "/api/auth/links", label="l", hours=1)
    owner.close()
    appliance.kill()
    state = tmp_path / "state"
    names = {path.relative_to(state).as_posix() for path in state.rglob("*") if path.is_file()}
    assert names == {
        "access/accounts.json", "access/claim.json", "access/tokens.json", "access/links.json", "audit.log",
        "authority/key.pem", "tls/authority.pem", "tls/leaf.pem",
    }  # fmt: skip
    for name in names - {"tls/authority.pem"}:
        assert stat.S_IMODE((state / name).stat().st_mode) == 0o600, name


def test_until_it_is_claimed_nothing_answers_but_the_claim_and_the_page(tmp_path: Path) -> None:
    appliance = Appliance(tmp_path, "--unclaimed")
    appliance.start()
    stranger = Client(appliance.url)
    for path in [*map(path_of, {*NEEDS, "/api/auth/login", "/api/auth/link"}), "/api/nothing"]:
        for headers in ({}, {"X-KVMD-User": "admin", "X-KVMD-Passwd": "admin"}, {"Cookie": "auth_token=x"}):
            for method in ("GET", "POST"):
                answer = stranger.request(method, path, "user=admin&passwd=admin", headers)
                assert (answer.status, answer.result["error"]) == (401, "Unclaimed"), path
    assert stranger.request("GET", "/").status == 200
    assert stranger.request("GET", "/ui/main.js").status == 200
    stranger.close()
    appliance.kill()
