"""Secrets are planted everywhere they can be, everything is used once, and then they are looked for where they must not be."""

from __future__ import annotations

import json
import stat
import time
from pathlib import Path

from app.auth import totp
from tests.app.web.test_door import NEEDS, path_of
from tests.app.web.test_tls import CA, LEAF, key_pem, pem
from tests.appliance import Appliance
from tests.client import Client, Control

PASSWORD, CHANGED, SCRIPTED, WRONG = (
    "planted-passwort-1",
    "planted-passwort-2",
    "planted-passwort-3",
    "planted-wrong-guess",
)
TYPED = ["KeyP", "KeyL", "KeyA", "KeyN", "KeyT"]


def test_secrets_stay_where_they_belong(tmp_path: Path) -> None:
    appliance = Appliance(tmp_path, "--unclaimed")
    appliance.start()
    answers: list[bytes] = []
    owner = Client(appliance.url)
    real_exchange = owner._exchange
    owner._exchange = lambda *a: answers.append((answer := real_exchange(*a)).body) or answer  # type: ignore[method-assign, func-returns-value]
    code = json.loads((tmp_path / "state" / "access" / "claim.json").read_text())[0]["code"]
    assert owner.enter("/api/auth/claim", code=code, user="ann", passwd=PASSWORD).status == 200
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
    del answers[:]  # what was shown once was meant to be

    bob = Client(appliance.url, "127.0.0.51")
    headers = {"X-KVMD-User": "bob", "X-KVMD-Passwd": SCRIPTED}
    assert bob.request("GET", "/api/info", headers=headers).status == 200
    assert bob.request("GET", f"/api/nothing?passwd={PASSWORD}", headers=headers).status == 404
    assert bob.login("ann", WRONG).status == 403
    assert bob.enter("/api/auth/link", secret=link).status == 200
    control = Control(owner)
    control.tap(*TYPED)
    control.send("ping")
    control.await_event("pong")
    for path in ("/api/info", "/api/audit", "/api/accounts", "/api/auth/sessions", "/api/auth/tokens", "/api/auth/links",
                 "/api/auth/totp", "/api/tls/certificate", "/api/tls/authority", "/api/auth/check", "/api/nothing"):  # fmt: skip
        owner.request("GET", path)
    for method, path in (("PUT", "/api/accounts/bob"), ("POST", "/api/accounts"), ("POST", "/api/auth/password")):
        owner.send(method, path, user="bob", passwd=SCRIPTED, new=PASSWORD, role="x", bogus=CHANGED)
    session = owner.cookie.partition("=")[2] if owner.cookie else ""
    owner.close()
    bob.close()
    appliance.kill()

    secrets = {
        "first password": PASSWORD, "password": CHANGED, "a script's": SCRIPTED, "a wrong guess": WRONG, "claim": code,
        "token": token, "link": link, "session": session, "recovery": recovery[0], "key": private.split("\n")[2],
        "authority's key": (tmp_path / "state" / "authority" / "key.pem").read_text().split("\n")[2],
    }  # fmt: skip
    keeps = {"key": "tls/owner.pem", "authority's key": "authority/key.pem", "one-time": "access/accounts.json"}
    state = tmp_path / "state"
    for name, planted in {**secrets, "one-time": secret}.items():
        assert len(planted) > 8, name
        for path in state.rglob("*"):
            if path.is_file() and keeps.get(name) != path.relative_to(state).as_posix():
                assert planted.encode() not in path.read_bytes(), (name, path)
        assert planted not in (tmp_path / "log").read_text(), name
        for answer in answers:
            assert planted.encode() not in answer, (name, answer)
    audit = (state / "audit.log").read_text()
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
