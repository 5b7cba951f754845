"""Everybody's accounts, as an administrator changes them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.appliance import PASSWORD, USER
from tests.client import Client

ANN = "battery staple"


@pytest.fixture
def ann(client: Client) -> Iterator[Client]:
    """A viewer, logged in."""
    client.send("DELETE", "/api/accounts/ann")  # what a test left that was ended
    assert client.send("POST", "/api/accounts", user="ann", passwd=ANN, role="viewer").status == 200
    ann = Client(client.origin)
    assert ann.login("ann", ANN).status == 200
    yield ann
    ann.close()
    client.send("DELETE", "/api/accounts/ann")


def role(client: Client, name: str) -> str:
    """As the list has it."""
    return {each["user"]: each["role"] for each in client.request("GET", "/api/accounts").result}[name]  # type: ignore[no-any-return]


@pytest.mark.parametrize(
    "change", [{"role": "admin", "passwd": "short"}, {"role": "admin", "totp": True}, {"passwd": "a good new one", "role": "king"}, {}]
)  # fmt: skip
def test_a_change_that_cannot_be_is_not_made_in_part(client: Client, ann: Client, change: dict[str, object]) -> None:
    before = client.request("GET", "/api/audit").result[0]
    assert client.send("PUT", "/api/accounts/ann", **change).status == 400
    assert role(client, "ann") == "viewer"
    assert client.login("ann", ANN).status == 200
    assert client.login(USER, PASSWORD).status == 200
    assert [each["event"] for each in client.request("GET", "/api/audit").result[:3]] == [
        "login",
        "login",
        before["event"],
    ]


def test_a_change_is_made_whole_and_noted_once(client: Client, ann: Client) -> None:
    answer = client.send("PUT", "/api/accounts/ann", role="operator", passwd="a good new one", totp=False)
    assert answer.result == {"user": "ann", "role": "operator", "totp": False}
    noted = client.request("GET", "/api/audit").result[0]
    assert (noted["event"], noted["of"], noted["what"]) == ("account changed", "ann", ["passwd", "role", "totp"])
    assert ann.request("GET", "/api/auth/check").status == 403
    assert ann.login("ann", "a good new one").status == 200


@pytest.mark.parametrize("change", [{"passwd": "a good new one"}, {"totp": False}, {"role": "viewer", "totp": False}])
def test_an_administrators_own_secrets_take_the_password_in_force(client: Client, change: dict[str, object]) -> None:
    """A browser left open is not enough: the own ones are changed elsewhere, by who says the password again."""
    answer = client.send("PUT", f"/api/accounts/{USER}", **change)
    assert (answer.status, answer.result["error"]) == (403, "NotAllowed")
    assert "/api/auth/password" in answer.result["error_msg"]
    assert role(client, USER) == "admin"
    assert client.login(USER, PASSWORD).status == 200


@pytest.mark.parametrize("code", [None, 123456, "", "12345", "1234567", "12345x", "\uff11" * 6, "\ud800", "9" * 5000])
def test_what_is_no_code_is_told_from_a_wrong_one(client: Client, code: object) -> None:
    answer = client.send("PUT", "/api/auth/totp", passwd=PASSWORD, secret="A" * 32, code=code)
    assert (answer.status, answer.result["error"]) == (400, "BadRequest")
    assert answer.result["error_msg"].startswith(
        "code has value " if isinstance(code, str) else "secret or code is missing"
    )
    assert len(answer.result["error_msg"]) < 200
    wrong = client.send("PUT", "/api/auth/totp", passwd=PASSWORD, secret="A" * 32, code=" 000000 ")
    assert (wrong.status, wrong.result["error"]) == (403, "WrongCredentials")
