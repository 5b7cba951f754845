"""Whatever is kept by a request: the event loop does not wait for the card."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from app.auth import totp
from tests.app.web.test_tls import CA, certificate, key_pem, pem
from tests.app.web.waiting import SAID
from tests.appliance import Appliance
from tests.client import Client

GOOD, BETTER = "nine Grey herons", "ten White storks"


@pytest.fixture
def waiting(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Appliance]:
    running = Appliance(tmp_path_factory.mktemp("waiting"), "--unclaimed", module="tests.app.web.waiting")
    running.start()
    yield running
    running.kill()


def done(client: Client, method: str, path: str, **body: object) -> dict[str, object]:
    """The result of what has to work."""
    answer = client.request(method, path, json.dumps(body) if body else None)
    assert answer.status == 200, (method, path, answer.body)
    result: dict[str, object] = answer.result
    return result


def kept(running: Appliance, name: str) -> str:
    return (running.folder / "state" / name).read_text()


def test_everything_that_is_kept_is_kept_elsewhere_and_before_it_is_said(waiting: Appliance) -> None:
    client = Client(waiting.url)
    (code,) = json.loads(kept(waiting, "access/claim.json"))
    assert client.enter("/api/auth/claim", code=code["code"], user="ann", passwd=GOOD).status == 200
    assert '"ann"' in kept(waiting, "access/accounts.json")

    done(client, "POST", "/api/accounts", user="bob", passwd=GOOD, role="viewer")
    assert '"bob"' in kept(waiting, "access/accounts.json")
    done(client, "PUT", "/api/accounts/bob", role="operator", passwd=BETTER, totp=False)
    assert '"operator"' in kept(waiting, "access/accounts.json")
    done(client, "DELETE", "/api/accounts/bob")
    assert '"bob"' not in kept(waiting, "access/accounts.json")

    before = kept(waiting, "access/accounts.json")
    done(client, "POST", "/api/auth/password", passwd=GOOD, new=BETTER)
    assert kept(waiting, "access/accounts.json") != before
    secret = str(done(client, "POST", "/api/auth/totp", passwd=BETTER)["secret"])
    shown = totp.code(secret, int(time.time()) // 30)
    recovery = done(client, "PUT", "/api/auth/totp", passwd=BETTER, secret=secret, code=shown)["recovery"]
    assert secret in kept(waiting, "access/accounts.json")
    other = Client(waiting.url)
    assert isinstance(recovery, list)
    assert other.login("ann", BETTER, recovery[0]).status == 200
    assert totp.recovery_hash(recovery[0]) not in kept(waiting, "access/accounts.json")
    done(other, "DELETE", "/api/auth/totp", passwd=BETTER)
    done(other, "POST", "/api/auth/logout")
    other.close()

    token = done(client, "POST", "/api/auth/tokens", name="x", scopes=["view"])["id"]
    assert str(token) in kept(waiting, "access/tokens.json")
    done(client, "DELETE", f"/api/auth/tokens/{token}")
    assert str(token) not in kept(waiting, "access/tokens.json")
    link = done(client, "POST", "/api/auth/links", label="x", hours=2)["id"]
    assert str(link) in kept(waiting, "access/links.json")
    done(client, "DELETE", f"/api/auth/links/{link}")
    assert str(link) not in kept(waiting, "access/links.json")

    leaf, key = certificate("kvm.example.org", CA)
    own = done(client, "PUT", "/api/tls/certificate", chain=pem(leaf), key=key_pem(key))
    assert own["own"] is True
    assert done(client, "DELETE", "/api/tls/certificate")["own"] is False

    done(client, "POST", "/api/hid/shortcuts", name="x", keys=["KeyA"])
    done(client, "DELETE", "/api/hid/shortcuts/x")
    done(client, "PUT", "/api/streamer/edid", preset="1080p30")
    done(client, "DELETE", "/api/streamer/edid")
    client.request("GET", "/api/audit")
    client.close()
    assert SAID not in waiting.log()


def test_what_comes_at_once_is_all_kept(waiting: Appliance) -> None:
    (code,) = json.loads(kept(waiting, "access/claim.json"))
    clients = [Client(waiting.url) for _ in range(6)]
    assert clients[0].enter("/api/auth/claim", code=code["code"], user="ann", passwd=GOOD).status == 200
    for client in clients:
        client.cookie = clients[0].cookie

    def put(number: int) -> list[int]:
        body = [json.dumps({"name": f"{number}.{count}", "keys": ["KeyA"]}) for count in range(5)]
        return [clients[number].request("POST", "/api/hid/shortcuts", each).status for each in body]

    with ThreadPoolExecutor(len(clients)) as pool:
        assert list(pool.map(put, range(len(clients)))) == [[200] * 5] * len(clients)
    assert len(json.loads(kept(waiting, "shortcuts.json"))) == 30
    for client in clients:
        client.close()
