"""PiKVM's HTTP events, by what the target gets of them; and the shortcuts."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from tests.app.web.test_sockets import Stream
from tests.appliance import PASSWORD, USER, Appliance
from tests.client import Client, Control
from tests.patience import tries


def test_a_script_types_points_and_scrolls(client: Client) -> None:
    stream = Stream(client)
    before = stream.shown()
    for path in (
        "send_key?key=KeyH",
        "send_shortcut?keys=ShiftLeft,KeyI",
        "send_key?key=KeyX&state=1&finish=1",
        "send_mouse_move?to_x=-32768&to_y=32767",
        "send_mouse_relative?delta_x=100&delta_y=-19",
        "send_mouse_button?button=left",
        "send_mouse_wheel?delta_x=0&delta_y=-1",
    ):
        assert client.request("POST", f"/api/hid/events/{path}").result == {}, path
    shown = stream.until(typed=before.typed + 3, pointer=(100, 700), buttons=0)
    assert shown.text.endswith("hIx")
    control = Control(client)
    assert control.await_event("state")["control"]["client"] is None, "control ended with the answer"
    assert client.request("GET", "/api/hid/inactivity").result["inactivity"] in range(60)


def test_what_a_request_holds_ends_with_its_answer(client: Client) -> None:
    stream = Stream(client)
    client.request("POST", "/api/hid/events/send_mouse_button?button=right&state=1")
    stream.until(buttons=0)
    control = Control(client)
    control.send("mouse_button", button="right", state=True)
    stream.until(buttons=2)
    client.request("POST", "/api/hid/events/send_mouse_button?button=left&state=1")
    stream.until(buttons=3)
    assert client.request("POST", "/api/hid/reset").result == {}
    stream.until(buttons=0)


def test_while_somebody_else_has_control_a_script_is_refused(client: Client, appliance: Appliance) -> None:
    client.send("POST", "/api/accounts", user="olga", passwd="battery staple", role="operator")
    other = Client(appliance.url)
    assert other.login("olga", "battery staple").status == 200
    control = Control(client)
    number = control.await_event("hello")["client"]
    control.send("control", action="take")
    control.await_state(control={"holder": "admin", "client": number})
    answer = other.request("POST", "/api/hid/events/send_key?key=KeyA")
    assert (answer.status, answer.result["error"]) == (409, "Refused")
    other.close()
    client.send("DELETE", "/api/accounts/olga")


@pytest.fixture(scope="module")
def fated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Appliance]:
    """One whose cable the tests pull."""
    running = Appliance(tmp_path_factory.mktemp("fated"), module="tests.browser.overheard")
    running.start()
    yield running
    running.kill()


def befall(appliance: Appliance, fate: str) -> None:
    """Return when it has happened."""
    draft = appliance.folder / "draft"
    draft.write_text(fate)
    draft.rename(appliance.folder / "fate")
    for _ in tries(fate):
        if not (appliance.folder / "fate").exists():
            return
        time.sleep(0.01)


@pytest.mark.parametrize(
    ("fate", "words"), [("host unplug", "has not set up its USB devices"), ("host suspend", "the target is asleep")]
)
@pytest.mark.parametrize(
    "path", ["send_key?key=KeyA", "send_shortcut?keys=ControlLeft,AltLeft,Delete", "send_mouse_move?to_x=0&to_y=0"]
)
def test_what_could_not_be_delivered_is_not_called_done(fated: Appliance, fate: str, words: str, path: str) -> None:
    script = Client(fated.url)
    script.login(USER, PASSWORD)
    befall(fated, fate)
    answer = script.request("POST", f"/api/hid/events/{path}")
    assert (answer.status, answer.result["error"]) == (503, "Unavailable")
    assert words in answer.result["error_msg"]
    befall(fated, "host plug")
    for _ in tries("target that takes input"):
        if script.request("POST", f"/api/hid/events/{path}").status == 200:
            break
    script.close()


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("send_key", "key has value None, expected a string"),
        ("send_key?key=Kea", "key has value 'Kea', expected a KeyboardEvent.code"),
        ("send_key?key=KeyA&state=maybe", "state has value 'maybe', expected true or false"),
        ("send_shortcut?keys=", "key has value ''"),
        ("send_shortcut", "keys has value None"),
        ("send_mouse_button?button=fire", "expected one of left"),
        ("send_mouse_move?to_x=1", "to has value {'x': 1, 'y': None}, expected x and y as whole numbers"),
        ("send_mouse_wheel?delta_x=0&delta_y=200", "from -127 to 127"),
    ],
)
def test_a_bad_request_is_explained(client: Client, path: str, words: str) -> None:
    answer = client.request("POST", f"/api/hid/events/{path}")
    assert answer.status == 400
    assert words in answer.result["error_msg"]


def test_the_state_is_in_pikvms_form_and_the_jiggler_is_off(client: Client) -> None:
    state = client.request("GET", "/api/hid").result
    assert state["keyboard"]["leds"] == {"caps": False, "num": False, "scroll": False}
    assert (state["online"], state["mouse"]["absolute"]) == (True, True)
    assert state["jiggler"] == {"enabled": True, "active": False, "interval": 60}
    assert client.request("POST", "/api/hid/set_params?jiggler=1").result == {}
    assert client.request("GET", "/api/hid").result["jiggler"]["active"] is True
    assert client.request("POST", "/api/hid/set_params").status == 200
    assert client.request("GET", "/api/hid").result["jiggler"]["active"] is True
    client.request("POST", "/api/hid/set_params?jiggler=false")
    assert client.request("GET", "/api/hid").result["jiggler"]["active"] is False
    noted = client.request("GET", "/api/audit").result[:2]
    assert [(entry["event"], entry["active"]) for entry in noted] == [
        ("jiggler turned", False), ("jiggler turned", True)
    ]  # fmt: skip
    assert client.request("POST", "/api/hid/set_params?jiggler=2").status == 400


def test_shortcuts_are_kept_and_forgotten(client: Client) -> None:
    keys = ["ControlLeft", "AltLeft", "F2"]
    assert client.send("POST", "/api/hid/shortcuts", name="Tty 2", keys=keys).result == {}
    assert client.request("GET", "/api/hid/shortcuts").result == [{"name": "Tty 2", "keys": keys}]
    assert client.send("POST", "/api/hid/shortcuts", name="", keys=keys).status == 400
    assert client.request("DELETE", "/api/hid/shortcuts/Tty%202").result == {}
    assert client.request("DELETE", "/api/hid/shortcuts/Tty%202").status == 404
    removed, kept = client.request("GET", "/api/audit").result[:2]
    assert (removed["event"], removed["name"]) == ("shortcut removed", "Tty 2")
    assert (kept["event"], kept["name"]) == ("shortcut kept", "Tty 2")
    assert "F2" not in str(kept), "a shortcut may type a password"
    assert client.send("POST", "/api/hid/shortcuts", name="100%41", keys=keys).result == {}
    assert client.request("DELETE", "/api/hid/shortcuts/100%2541").result == {}
    assert client.request("GET", "/api/hid/shortcuts").result == []
