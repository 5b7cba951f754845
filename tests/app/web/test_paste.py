"""Text pasted from outside: what arrives, who may, what ends it, and where it must not be found."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import pytest

from tests.app.web.test_sockets import Stream
from tests.appliance import PASSWORD, USER, Appliance
from tests.client import Answer, Client, Control
from tests.patience import tries

LONG = "the quick brown fox jumps over the lazy dog " * 50
SLOWLY = "/api/hid/print?delay=0.02"


@pytest.fixture
def sender(appliance: Appliance) -> Iterator[Client]:
    """The same account in another place: a script beside the page."""
    sender = Client(appliance.url)
    assert sender.login(USER, PASSWORD).status == 200
    yield sender
    sender.close()


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor() as pool:
        yield pool


def begun(pool: ThreadPoolExecutor, sender: Client, control: Control) -> Future[Answer]:
    """A paste that is under way."""
    answer = pool.submit(sender.request, "POST", SLOWLY, LONG)
    typing(control)
    return answer


def typing(control: Control) -> None:
    """Return when one is under way."""
    for _ in tries("text that is being typed"):
        if control.await_event("state")["paste"]["client"] is not None:
            return


def ended(control: Control) -> dict[str, object]:
    """What is said of it in the end."""
    patience = tries("end of the text")
    while True:
        next(patience)
        paste: dict[str, object] = control.await_event("state")["paste"]
        if paste["client"] is None:
            return paste


def test_text_arrives(client: Client) -> None:
    stream = Stream(client)
    before = stream.shown()
    assert client.request("POST", "/api/hid/print", "Hello, World!").result == {"typed": 13}
    assert stream.until(typed=before.typed + 13).text.endswith("Hello, World!")
    assert client.request("POST", "/api/hid/print?limit=3&keymap=en-us&slow=1", "abcdef").result == {"typed": 3}
    assert stream.until(typed=before.typed + 16).text.endswith("Hello, World!abc")


def test_what_cannot_be_typed_is_named_and_nothing_is_typed(client: Client) -> None:
    stream = Stream(client)
    before = stream.shown()
    answer = client.request("POST", "/api/hid/print", "naïve ☃")
    assert answer.status == 400
    assert answer.result["error"] == "Untypable"
    assert answer.result["untypable"] == {"ï": 1, "☃": 1}
    assert client.request("POST", "/api/hid/print?skip=yes", "naïve ☃").result == {"typed": 5}
    assert stream.until(typed=before.typed + 5).text.endswith("nave ")


@pytest.mark.parametrize(
    ("path", "text", "words"),
    [
        ("?keymap=xx", "a", "keymap has value 'xx', expected a layout such as 'us' or 'de(neo)'"),
        ("?delay=6", "a", "delay has value '6', expected seconds from 0 to 5"),
        ("?delay=nan", "a", "delay has value 'nan', expected seconds from 0 to 5"),
        ("?slow=2", "a", "slow has value '2', expected a number from 0 to 1"),
        ("?limit=-1", "a", "limit has value '-1', expected a number from 0 to 999999999"),
        ("", "a" * 65537, "the text has 65537 characters, expected at most 65536"),
    ],
)
def test_a_bad_request_is_refused_in_words(client: Client, path: str, text: str, words: str) -> None:
    answer = client.request("POST", f"/api/hid/print{path}", text)
    assert answer.status == 400
    assert words in answer.result["error_msg"]


def test_a_body_that_is_not_utf_8_is_refused(client: Client) -> None:
    answer = client.request("POST", "/api/hid/print", b"\xe9t\xe9")
    assert answer.status == 400
    assert "the body is not UTF-8: invalid continuation byte at byte 0" in answer.result["error_msg"]


def test_layouts_are_listed_as_pikvm_does(client: Client) -> None:
    keymaps = client.request("GET", "/api/hid/keymaps").result["keymaps"]
    assert keymaps["default"] == "us"
    assert {"us", "de", "de(neo)", "br", "jp"} <= set(keymaps["available"])
    assert keymaps["titles"]["de(neo)"] == "German (Neo 2)"
    characters = client.request("GET", "/api/hid/keymaps/de(neo)").result["characters"]
    assert {"ß", "λ", "→", "\n"} <= set(characters)
    assert client.request("GET", "/api/hid/keymaps/xx").status == 400


def test_the_text_is_in_no_log_and_its_length_is(appliance: Appliance, client: Client) -> None:
    planted = "planted-secret-9"
    for path, text in (("", planted), ("?skip=1", planted), ("", planted + "☃"), ("?keymap=xx", planted)):
        client.request("POST", f"/api/hid/print{path}", text)
    audit = client.request("GET", "/api/audit")
    noted = [entry for entry in audit.result if entry["event"] == "pasted"][:2]
    assert [entry["characters"] for entry in noted] == [len(planted)] * 2
    assert noted[0]["user"] == USER
    for place in (appliance.log(), audit.body.decode(), client.request("GET", "/api/info").body.decode()):
        assert "planted-secret" not in place


def test_it_runs_under_the_control_that_its_sender_has_and_keys_wait(
    client: Client, sender: Client, pool: ThreadPoolExecutor
) -> None:
    control = Control(client)
    number = control.await_event("hello")["client"]
    control.send("control", action="take")
    answer = begun(pool, sender, control)
    control.send("key", key="KeyX", state=True)
    assert control.await_event("refused") == {
        "what": "key",
        "reason": "a text is being pasted; wait for its end, or stop it",
    }
    control.send("release")
    state = control.await_event("state")
    assert state["paste"]["client"] == state["control"]["client"] == number
    second = client.request("POST", "/api/hid/print", "b")
    assert (second.status, second.result["error"]) == (409, "Pasting")
    assert client.request("DELETE", "/api/hid/print").result == {"stopped": True}
    assert client.request("DELETE", "/api/hid/print").result == {"stopped": False}
    stopped = answer.result()
    assert (stopped.status, stopped.result["error"]) == (409, "Stopped")
    assert stopped.result["total"] == len(LONG)
    assert 0 < stopped.result["typed"] < len(LONG)
    assert "stopped by admin" in stopped.result["error_msg"]
    assert ended(control)["typed"] == stopped.result["typed"]
    control.send("control", action="give")


def test_who_has_no_page_gets_control_for_its_length(client: Client, sender: Client, pool: ThreadPoolExecutor) -> None:
    control = Control(client)
    number = control.await_event("hello")["client"]
    answer = begun(pool, sender, control)
    state = control.await_event("state")
    assert state["control"] == {"holder": USER, "client": state["paste"]["client"]}
    assert state["control"]["client"] != number
    control.send("control", action="take")
    assert ended(control)["reason"] == "control went to somebody else"
    assert answer.result().status == 409
    control.send("key", key="KeyY", state=True)
    control.send("release")
    control.send("ping")
    assert control.await_event("pong") == {}
    control.send("control", action="give")
    control.await_state(control={"holder": None, "client": None})


def test_somebody_elses_control_is_respected(client: Client, appliance: Appliance) -> None:
    assert client.send("POST", "/api/accounts", user="pat", passwd="battery staple", role="operator").status == 200
    pat = Client(appliance.url, "127.0.0.61")
    assert pat.login("pat", "battery staple").status == 200
    control = Control(client)
    control.send("control", action="take")
    control.send("ping")
    control.await_event("pong")
    answer = pat.request("POST", "/api/hid/print", "a")
    assert (answer.status, answer.result["error"]) == (409, "Refused")
    control.send("control", action="give")
    pat.close()
    assert client.send("DELETE", "/api/accounts/pat").status == 200


def test_a_reset_ends_it(client: Client, sender: Client, pool: ThreadPoolExecutor) -> None:
    control = Control(client)
    answer = begun(pool, sender, control)
    assert client.request("POST", "/api/hid/reset").result == {}
    assert ended(control)["reason"] == "reset by admin"
    assert answer.result().status == 409
    assert client.request("GET", "/api/hid/inactivity").result["inactivity"] in range(60)
    assert client.request("GET", "/api/audit").result[1]["event"] == "input reset"


def test_it_ends_with_the_connection_of_its_sender(client: Client, sender: Client) -> None:
    control = Control(client)
    sender.begin("POST", SLOWLY, LONG)
    typing(control)
    sender.hang_up()
    assert ended(control)["reason"] == "whoever sent it is gone"
    control.await_state(control={"holder": None, "client": None})


def test_it_ends_with_the_session_of_its_sender(client: Client, sender: Client, pool: ThreadPoolExecutor) -> None:
    control = Control(client)
    elsewhere = Client(sender.origin)
    elsewhere.cookie = sender.cookie
    answer = begun(pool, sender, control)
    assert elsewhere.request("POST", "/api/auth/logout").status == 200
    assert ended(control)["reason"] == "whoever sent it is gone"
    assert answer.result().status == 409
    elsewhere.close()
