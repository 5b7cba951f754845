"""Whatever changes something is in the audit log, and in the words that this table has."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.app.web.people import SECRET
from tests.app.web.test_door import CALLS, path_of
from tests.app.web.test_tls import CA, LEAF, key_pem, pem
from tests.appliance import PASSWORD, USER, Appliance
from tests.client import Client

NOTED: list[tuple[str, str, object, str]] = [
    ("POST", "/api/auth/password", {"passwd": PASSWORD, "new": PASSWORD}, "password changed"),
    ("POST", "/api/accounts", {"user": "aud", "passwd": SECRET, "role": "viewer"}, "account made"),
    ("PUT", "/api/accounts/([^/]+)=aud", {"role": "operator"}, "account changed"),
    ("DELETE", "/api/accounts/([^/]+)=aud", {}, "account removed"),
    ("POST", "/api/auth/tokens", {"name": "aud", "scopes": ["view"]}, "token issued"),
    ("DELETE", "/api/auth/tokens/([0-9a-f]+)", {}, "token revoked"),
    ("POST", "/api/auth/links", {"label": "aud", "hours": 1}, "link issued"),
    ("DELETE", "/api/auth/links/([0-9a-f]+)", {}, "link revoked"),
    ("DELETE", "/api/auth/sessions/([0-9a-f]+)", {}, "session ended"),
    ("PUT", "/api/tls/certificate", {"chain": pem(LEAF[0], CA[0]), "key": key_pem(LEAF[1])}, "certificate uploaded"),
    ("DELETE", "/api/tls/certificate", {}, "certificate removed"),
    ("POST", "/api/panel?show=fingerprint", {}, "panel asked"),
    ("POST", "/api/hid/reset", {}, "input reset"),
    ("POST", "/api/hid/set_params?jiggler=1", {}, "jiggler turned"),
    ("POST", "/api/hid/set_params?jiggler=0", {}, "jiggler turned"),
    ("POST", "/api/hid/events/send_key?key=KeyA", {}, "typed"),
    ("POST", "/api/hid/shortcuts", {"name": "aud", "keys": ["KeyA"]}, "shortcut kept"),
    ("DELETE", "/api/hid/shortcuts/([^/]+)=aud", {}, "shortcut removed"),
    ("POST", "/api/hid/print", "x", "pasted"),
    ("POST", "/api/streamer/set_params?h264_bitrate=0", {}, "bitrate chosen"),
    ("PUT", "/api/streamer/edid", {"preset": "1080p30"}, "display changed"),
    ("DELETE", "/api/streamer/edid", {}, "display changed"),
    ("POST", "/api/streamer/replug", {}, "display replugged"),
    ("POST", "/api/usb/profile", {"extras": []}, "usb profile asked"),
]
"""Method, rule with what stands for its group, body, and the newest entry afterwards."""
ELSEWHERE = {
    ("POST", "/api/auth/logout"): "ends what the person has begun, and changes nothing else",
    ("POST", "/api/auth/totp"): "nothing is in force yet",
    ("PUT", "/api/auth/totp"): "test_secrets: it needs a code",
    ("DELETE", "/api/auth/totp"): "the same",
    ("DELETE", "/api/hid/print"): "test_paste: it needs a text under way",
    **{
        ("POST", f"/api/hid/events/{each}"): "as send_key: once a minute"
        for each in ("send_shortcut", "send_mouse_button", "send_mouse_move", "send_mouse_relative", "send_mouse_wheel")
    },
    ("POST", "/api/network/scan"): "only listens; and, as the others, needs NetworkManager: tests/qemu",
    **{("POST", f"/api/network/{each}"): "tests/qemu" for each in ("join", "address", "name")},
    ("PUT", "/api/network/trial"): "tests/qemu",
    ("DELETE", "/api/network/trial"): "tests/qemu",
}
"""What adds no entry here, and why."""


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Appliance]:
    running = Appliance(tmp_path_factory.mktemp("audit"))
    running.start()
    yield running
    running.kill()


def rule_of(call: str) -> str:
    return call.partition(")=")[0] + ")" if ")=" in call else call.partition("?")[0]


def test_every_change_is_in_the_table() -> None:
    unsafe = {(method, rule) for rule, method in CALLS if method != "GET"}
    assert {(method, rule_of(call)) for method, call, _, _ in NOTED} | ELSEWHERE.keys() == unsafe


def test_every_change_is_noted(own: Appliance) -> None:
    client, other = Client(own.url), Client(own.url)
    assert client.login(USER, PASSWORD).status == 200
    for method, call, body, event in NOTED:
        if call.endswith("([0-9a-f]+)"):
            listed = call.removesuffix("/([0-9a-f]+)")
            if listed.endswith("sessions"):
                assert other.login(USER, PASSWORD).status == 200
            ids = [each["id"] for each in client.request("GET", listed).result if not each.get("current")]
            path = f"{listed}/{ids[0]}"
        else:
            path = path_of(call).replace("nobody=", "")
        answer = client.request(method, path, body) if isinstance(body, str) else client.send(method, path, **body)  # type: ignore[arg-type]
        assert answer.status == 200, (method, path, answer.body)
        newest = client.request("GET", "/api/audit").result[0]
        assert (newest["event"], newest["user"], newest["address"]) == (event, USER, "127.0.0.1"), (method, path)
    client.close()
    other.close()
