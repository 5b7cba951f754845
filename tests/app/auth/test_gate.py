"""Who comes in, and what ends it: on a fake clock."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.auth import totp
from app.auth.errors import (
    CodeNeeded,
    LastAdministrator,
    NotAcceptable,
    NotAllowed,
    NotThere,
    TooManyTries,
    WrongCredentials,
)
from app.auth.roles import Grant
from app.auth.sessions import ABSOLUTE
from tests.app.auth.bench import AWAY, HOME, NOW, Bench
from tests.app.auth.test_passwords import KNOWN

GOOD = "correct horse"


def only(bench: Bench) -> str:
    """The one session's id."""
    (session,) = bench.gate.sessions.all()
    return session.id


# The claim


async def test_the_code_makes_the_first_administrator_once(bench: Bench) -> None:
    code = bench.gate.claim_code
    assert not bench.gate.claimed
    token = await bench.gate.claim(code.lower().replace("-", " "), "ann", GOOD, HOME)
    assert bench.gate.session(token) == Grant("ann", "admin", f"session:{only(bench)}")
    assert (bench.gate.claimed, bench.gate.claim_code) == (True, "")
    with pytest.raises(WrongCredentials, match="has an owner"):
        await bench.gate.claim(code, "eve", GOOD, AWAY)
    bench.again()
    assert bench.gate.claimed
    assert not bench.claim.matches(code)
    assert bench.audited() == ["claimed"]


async def test_the_code_survives_a_restart_and_a_poor_password(bench: Bench) -> None:
    code = bench.gate.claim_code
    bench.again()
    assert bench.gate.claim_code == code
    for user, password in [("ann", "short"), ("", GOOD), ("a/b", GOOD), (None, GOOD), ("ann", None)]:
        with pytest.raises(NotAcceptable):
            await bench.gate.claim(code, user, password, HOME)
    await bench.gate.claim(code, "ann", GOOD, HOME)


async def test_wrong_codes_are_limited_and_change_nothing(bench: Bench) -> None:
    code = bench.gate.claim_code
    outcomes = []
    for _ in range(1000):
        with pytest.raises((WrongCredentials, TooManyTries)) as caught:
            await bench.gate.claim("AAAAA-AAAAA", "eve", GOOD, AWAY)
        outcomes.append(caught.type)
    assert outcomes.count(WrongCredentials) == 5
    await bench.gate.claim(code, "ann", GOOD, HOME)


def test_a_code_has_more_than_40_bits_of_an_unambiguous_alphabet(bench: Bench) -> None:
    code = bench.gate.claim_code.replace("-", "")
    assert len(code) == 10
    assert 31**10 > 2**40
    assert not set(code) & set("01OIL")


# Logging in


async def test_user_and_password_belong_together(bench: Bench) -> None:
    bench.add("ann")
    bench.add("bob", password="battery staple")
    assert bench.gate.session(await bench.gate.login("ann", GOOD, "", HOME)).user == "ann"
    for number, (user, password) in enumerate(
        [("ann", "battery staple"), ("eve", GOOD), ("", ""), ("ANN", GOOD), ("ann", "")]
    ):
        with pytest.raises(WrongCredentials):
            await bench.gate.login(user, password, "", replace(AWAY, address=f"10.0.0.{number}"))


async def test_an_unknown_user_costs_the_same_work(bench: Bench) -> None:
    bench.add("ann")
    for user in ("ann", "eve"):
        before = bench.hasher.looks
        with pytest.raises(WrongCredentials):
            await bench.gate.login(user, "wrong", "", HOME)
        assert bench.hasher.looks == before + 1


async def test_the_thousandth_wrong_password_is_not_hashed_and_the_owner_gets_in(bench: Bench) -> None:
    bench.add("ann")
    await bench.gate.login("ann", GOOD, "", HOME)
    bench.hasher.looks = 0
    for _ in range(1000):
        with pytest.raises((WrongCredentials, TooManyTries)):
            await bench.gate.login("ann", "wrong", "", AWAY)
    assert bench.hasher.looks == 5
    await bench.gate.login("ann", GOOD, "", HOME)
    assert bench.audited() == ["login", *["login refused"] * 5, "login"]


async def test_an_imported_hash_is_replaced_at_the_first_login(bench: Bench) -> None:
    bench.accounts.create("pi", "admin", KNOWN)
    await bench.gate.login("pi", "Hello world!", "", HOME)
    assert bench.accounts.required("pi").password.startswith("scrypt:")
    await bench.gate.login("pi", "Hello world!", "", HOME)


# One-time codes


def enrolled(bench: Bench, recovery: tuple[str, ...] = ()) -> str:
    bench.add("ann")
    secret = totp.new_secret()
    hashes = tuple(totp.recovery_hash(each) for each in recovery)
    bench.accounts.put(replace(bench.accounts.required("ann"), totp=secret, recovery=hashes))
    return secret


def code(bench: Bench, secret: str) -> str:
    return totp.code(secret, int(bench.wall()) // 30)


@pytest.mark.parametrize("appended", [True, False])
async def test_a_code_is_asked_for_and_works_once(bench: Bench, appended: bool) -> None:
    secret = enrolled(bench)
    with pytest.raises(CodeNeeded):
        await bench.gate.login("ann", GOOD, "", HOME)
    shown = code(bench, secret)
    sent = (GOOD + shown, "") if appended else (GOOD, shown)
    await bench.gate.login("ann", *sent, HOME)
    with pytest.raises(WrongCredentials):
        await bench.gate.login("ann", *sent, HOME)
    bench.time += 30
    await bench.gate.login("ann", GOOD, code(bench, secret), HOME)


async def test_a_wrong_code_is_no_way_in_and_counts(bench: Bench) -> None:
    enrolled(bench)
    for _ in range(5):
        with pytest.raises(WrongCredentials):
            await bench.gate.login("ann", GOOD, "000000", AWAY)
    with pytest.raises(TooManyTries):
        await bench.gate.login("ann", GOOD, "000000", AWAY)


async def test_the_password_may_end_in_digits(bench: Bench) -> None:
    bench.add("ann", password="horse 123456")
    secret = totp.new_secret()
    bench.accounts.put(replace(bench.accounts.required("ann"), totp=secret))
    with pytest.raises(CodeNeeded):
        await bench.gate.login("ann", "horse 123456", "", HOME)
    await bench.gate.login("ann", "horse 123456" + code(bench, secret), "", HOME)


async def test_a_script_sends_the_same_code_for_a_while(bench: Bench) -> None:
    secret = enrolled(bench)
    sent = GOOD + code(bench, secret)
    for _ in range(3):
        assert (await bench.gate.password("ann", sent, HOME)).role == "operator"
        bench.time += 20
    bench.time += 120
    with pytest.raises(WrongCredentials):
        await bench.gate.password("ann", sent, HOME)


async def test_a_recovery_code_works_once_and_is_gone_after_a_restart(bench: Bench) -> None:
    enrolled(bench, ("abcdefghij", "klmnopqrst"))
    await bench.gate.login("ann", GOOD, "ABCDE-FGHIJ", HOME)
    bench.again()
    with pytest.raises(WrongCredentials):
        await bench.gate.login("ann", GOOD, "abcdefghij", HOME)
    await bench.gate.login("ann", GOOD, "klmnopqrst", HOME)


# Credentials with every request


async def test_they_are_taken_at_their_word_for_a_minute(bench: Bench) -> None:
    bench.add("ann")
    for _ in range(4):
        await bench.gate.password("ann", GOOD, HOME)
        bench.time += 25
    assert bench.hasher.looks == 2
    with pytest.raises(WrongCredentials):
        await bench.gate.password("ann", "wrong", HOME)


async def test_a_new_password_ends_that_at_once(bench: Bench) -> None:
    bench.add("ann")
    await bench.gate.password("ann", GOOD, HOME)
    bench.accounts.put(replace(bench.accounts.required("ann"), password="scrypt:00:00"))
    with pytest.raises(WrongCredentials):
        await bench.gate.password("ann", GOOD, HOME)


# What ends a grant


class Closed:
    def __init__(self, bench: Bench, grant: Grant) -> None:
        self.count = 0
        bench.gate.standing.add(grant, self.close)

    def close(self) -> None:
        self.count += 1


async def test_a_new_password_ends_the_other_sessions_and_their_sockets(bench: Bench) -> None:
    bench.add("ann")
    bench.add("bob")
    mine, other = [await bench.gate.login("ann", GOOD, "", HOME) for _ in range(2)]
    bobs = await bench.gate.login("bob", GOOD, "", HOME)
    grants = [bench.gate.session(token) for token in (mine, other, bobs)]
    closed = [Closed(bench, grant) for grant in (*grants, await bench.gate.password("ann", GOOD, HOME))]
    bench.gate.dismiss("ann", but=grants[0].source)
    assert [each.count for each in closed] == [0, 1, 0, 1]
    assert bench.gate.session(mine) == grants[0]
    with pytest.raises(WrongCredentials):
        bench.gate.session(other)


@pytest.mark.parametrize("how", ["role", "removed", "revoked", "expired"])
async def test_sockets_end_at_the_next_look(bench: Bench, how: str) -> None:
    bench.add("root", "admin")
    bench.add("ann")
    grant = bench.gate.session(await bench.gate.login("ann", GOOD, "", HOME))
    closed = Closed(bench, grant)
    bench.gate.review()
    assert closed.count == 0
    if how == "role":
        bench.accounts.set_role("ann", "viewer")
    elif how == "removed":
        bench.accounts.remove("ann")
    elif how == "revoked":
        bench.gate.sessions.end(lambda session: True)
    else:
        while bench.time <= ABSOLUTE:
            bench.gate.review()
            bench.time += 3600
    bench.gate.review()
    bench.gate.review()
    assert closed.count == 1


async def test_a_role_is_looked_up_with_every_request(bench: Bench) -> None:
    bench.add("root", "admin")
    bench.add("ann", "admin")
    token = await bench.gate.login("ann", GOOD, "", HOME)
    bench.accounts.set_role("ann", "viewer")
    assert bench.gate.session(token).role == "viewer"


# Tokens


def test_a_token_is_shown_once_and_kept_as_a_hash(bench: Bench) -> None:
    bench.add("ann")
    token, secret = bench.gate.tokens.issue("ann", "Home Assistant", frozenset(["power"]), NOW)
    assert secret not in (bench.folder / "tokens.json").read_text()
    assert (bench.folder / "tokens.json").stat().st_mode & 0o777 == 0o600
    bench.again()
    grant = bench.gate.token(secret)
    assert grant == Grant("ann", "operator", f"token:{token.id}", frozenset(["power"]))
    closed = Closed(bench, grant)
    bench.gate.revoke(f"token:{token.id}")
    assert closed.count == 1
    for gone in (secret, "", "inkvm_", "\ud800"):
        with pytest.raises(WrongCredentials):
            bench.gate.token(gone)


def test_a_token_is_no_more_than_its_owner(bench: Bench) -> None:
    bench.add("root", "admin")
    bench.add("ann", "viewer")
    _, secret = bench.gate.tokens.issue("ann", "all", frozenset(["admin"]), NOW)
    assert not bench.gate.token(secret).may("operator", "hid")
    bench.gate.remove("ann")
    with pytest.raises(WrongCredentials):
        bench.gate.token(secret)
    assert bench.gate.tokens.all() == []


def test_scopes_are_kept_apart() -> None:
    power = Grant("ann", "admin", "token:1", frozenset(["power"]))
    assert power.may("operator", "power")
    assert not any(
        power.may(role, scope) for role, scope in [("viewer", "view"), ("operator", "hid"), ("admin", "admin")]
    )  # type: ignore[arg-type]
    with pytest.raises(NotAllowed, match="this needs the scope hid; the token has power"):
        power.require("operator", "hid")
    with pytest.raises(NotAllowed, match="this needs the role admin; ann has the role viewer"):
        Grant("ann", "viewer", "password").require("admin", "admin")
    everything = Grant("ann", "admin", "token:1", frozenset(["admin"]))
    assert everything.may("operator", "hid")


# View links


async def test_a_link_shows_and_does_nothing_else(bench: Bench) -> None:
    bench.add("ann")
    link, secret = bench.gate.links.issue("ann", "the plumber", 2)
    assert secret not in (bench.folder / "links.json").read_text()
    grant = bench.gate.session(await bench.gate.link(secret, AWAY))
    assert (grant.user, grant.role, grant.link) == ("guest (the plumber)", "viewer", link.id)
    assert grant.may("viewer", "view")
    assert not grant.may("operator", "hid")
    assert not grant.may("viewer", "admin")


@pytest.mark.parametrize("how", ["expired", "revoked", "clock went back"])
async def test_a_link_ends_with_everything_on_it(bench: Bench, how: str) -> None:
    bench.add("ann")
    link, secret = bench.gate.links.issue("ann", "the plumber", 2)
    token = await bench.gate.link(secret, AWAY)
    closed = Closed(bench, bench.gate.session(token))
    if how == "revoked":
        bench.gate.revoke(f"link:{link.id}")
    else:
        bench.time += 7200 if how == "expired" else -1
        bench.gate.review()
    assert closed.count == 1
    with pytest.raises(WrongCredentials):
        bench.gate.session(token)
    with pytest.raises(WrongCredentials):
        await bench.gate.link(secret, AWAY)


@pytest.mark.parametrize(
    ("label", "hours"), [("", 1), ("x", 0), ("x", 721), ("x", True), ("x", "1"), (None, 1), ("x", float("nan"))]
)
def test_a_bad_link_is_explained(bench: Bench, label: object, hours: object) -> None:
    with pytest.raises(NotAcceptable):
        bench.gate.links.issue("ann", label, hours)


# Accounts


def test_the_last_administrator_stays(bench: Bench) -> None:
    bench.add("root", "admin")
    bench.add("ann")
    for act in (lambda: bench.accounts.remove("root"), lambda: bench.accounts.set_role("root", "viewer")):
        with pytest.raises(LastAdministrator):
            act()
    bench.accounts.set_role("ann", "admin")
    bench.gate.remove("root")
    with pytest.raises(NotThere):
        bench.gate.remove("root")


def test_names_are_plain_and_used_once(bench: Bench) -> None:
    bench.add("ann")
    for name in ("ann", "", "a b", "../x", "-x", "x" * 33, "é", "a\n", None, 7):
        with pytest.raises(NotAcceptable):
            bench.accounts.create(name, "viewer", "scrypt:00:00")


def test_an_account_is_not_printed_with_its_secrets(bench: Bench) -> None:
    bench.add("ann")
    assert repr(bench.accounts.required("ann")) == "Account('ann', 'operator')"
    assert (bench.folder / "accounts.json").stat().st_mode & 0o777 == 0o600
