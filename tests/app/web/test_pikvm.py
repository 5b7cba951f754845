"""pikvm-lib, as it is, in a process of its own: what PiKVM's clients send is understood."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from app.auth import totp
from tests.appliance import PASSWORD, USER, Appliance
from tests.client import Client

SCRIPT = """
import json, sys, warnings
warnings.simplefilter("ignore")
from pikvm_lib import PiKVM
host, user, password, secret = sys.argv[1:]
kvm = PiKVM(hostname=host, username=user, password=password, secret=secret or None)
print(json.dumps({"auth": kvm.isauth(), "info": kvm.get_system_info()}))
"""


def use(appliance: Appliance, user: str, password: str, secret: str = "") -> dict[str, object]:
    """What the library sees: it reads /api/info, opens /api/ws, and asks whether it is logged in."""
    host = urlsplit(appliance.url).netloc
    run = subprocess.run(
        [sys.executable, "-c", SCRIPT, host, user, password, secret],
        cwd=appliance.folder,  # the library writes a log where it runs
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert run.returncode == 0, run.stderr[-2000:]
    return json.loads(run.stdout)  # type: ignore[no-any-return]


@pytest.fixture
def enrolled(client: Client) -> Iterator[str]:
    """The secret of a user `totti` with one-time codes, enrolled as the page does it."""
    client.send("DELETE", "/api/accounts/totti")  # what a test left that was ended
    assert client.send("POST", "/api/accounts", user="totti", passwd="battery staple", role="operator").status == 200
    own = Client(client.origin)
    assert own.login("totti", "battery staple").status == 200
    secret = own.send("POST", "/api/auth/totp", passwd="battery staple").result["secret"]
    code = totp.code(secret, int(time.time()) // 30)
    answer = own.send("PUT", "/api/auth/totp", passwd="battery staple", secret=secret, code=code)
    assert answer.status == 200, answer.body
    assert len(answer.result["recovery"]) == 8
    own.close()
    yield secret
    assert client.send("DELETE", "/api/accounts/totti").status == 200


def test_with_a_password(appliance: Appliance) -> None:
    seen = use(appliance, USER, PASSWORD)
    assert seen["auth"] is True
    assert seen["info"]["user"] == USER  # type: ignore[index]


def test_with_the_digits_appended(appliance: Appliance, enrolled: str) -> None:
    seen = use(appliance, "totti", "battery staple", enrolled)
    assert seen["auth"] is True
    assert seen["info"]["role"] == "operator"  # type: ignore[index]


def test_the_password_alone_is_not_enough_then(appliance: Appliance, enrolled: str) -> None:
    stranger = Client(appliance.url, "127.0.0.31")
    headers = {"X-KVMD-User": "totti", "X-KVMD-Passwd": "battery staple"}
    answer = stranger.request("GET", "/api/info", headers=headers)
    assert (answer.status, answer.result["error"]) == (403, "CodeNeeded")
    stranger.close()
