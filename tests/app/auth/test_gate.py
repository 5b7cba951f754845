"""Who comes in, and what ends it: on a fake clock."""

from __future__ import annotations

import asyncio
import errno
import os
import threading

import pytest

from app.auth.errors import (
    LastAdministrator,
    NotAcceptable,
    NotAllowed,
    NotThere,
    TooManyTries,
    WrongCredentials,
)
from app.auth.gate import _CLAIM, _LINK
from app.auth.passwords import ALPHABET
from app.auth.roles import Grant
from app.auth.sessions import ABSOLUTE
from tests.app.auth.bench import AWAY, HOME, NOW, Bench, quick

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
    assert len(set(ALPHABET)) ** 10 > 2**40
    assert not set(code) & set("01OIL")


# Logging in


async def test_a_login_is_a_session_and_noted(bench: Bench) -> None:
    bench.add("ann")
    token = await bench.gate.login("ann", GOOD, "", HOME)
    assert bench.gate.session(token) == Grant("ann", "operator", f"session:{only(bench)}")
    with pytest.raises(WrongCredentials):
        await bench.gate.login("ann", "wrong", "", HOME)
    assert len(bench.gate.sessions.all()) == 1
    assert bench.audited() == ["login", "login refused"]


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
    bench.do(bench.accounts.update, "ann", password="scrypt:00:00")
    with pytest.raises(WrongCredentials):
        await bench.gate.password("ann", GOOD, HOME)


# What ends a grant


class Closed:
    def __init__(self, bench: Bench, grant: Grant) -> None:
        self.count = 0
        bench.gate.standing.add(grant, self.close)

    def close(self) -> None:
        self.count += 1


async def test_what_is_being_hashed_when_the_password_changes_is_refused(bench: Bench) -> None:
    """Both ways in, and the confirmation, are held back in the hasher meanwhile."""
    bench.add("ann")
    matches, go = bench.hasher.matches, asyncio.Event()

    async def slow(password: str, stored: str | None) -> bool:
        right = await matches(password, stored)
        await go.wait()
        return right

    bench.hasher.matches = slow  # type: ignore[method-assign]
    ways = [
        bench.gate.login("ann", GOOD, "", HOME),
        bench.gate.password("ann", GOOD, HOME),
        bench.verifier.confirm("ann", GOOD, HOME),
    ]
    coming = [asyncio.ensure_future(way) for way in ways]
    while bench.hasher.looks < len(ways):
        await asyncio.sleep(0)
    await bench.writer.durably(bench.accounts.update, "ann", password=quick("battery staple"))
    bench.gate.dismiss("ann")
    go.set()
    ends = await asyncio.gather(*coming, return_exceptions=True)
    assert [type(end) for end in ends] == [WrongCredentials] * len(ways)
    assert bench.gate.sessions.all() == []
    with pytest.raises(WrongCredentials):
        await bench.gate.password("ann", GOOD, HOME)


async def test_a_change_by_an_old_password_is_refused(bench: Bench) -> None:
    """Somebody who knows it has a change under way when the owner's is made."""
    bench.add("ann")
    account = await bench.verifier.confirm("ann", GOOD, AWAY)
    await bench.writer.durably(bench.accounts.revise, account, password=quick("battery staple"))
    with pytest.raises(WrongCredentials, match="changed meanwhile"):
        await bench.writer.durably(bench.accounts.revise, account, password=quick("my own now"))
    await bench.gate.login("ann", "battery staple", "", HOME)


@pytest.mark.parametrize("by", ["", "password", "token:1"])
async def test_a_socket_on_the_old_password_ends_whoever_changes_it(bench: Bench, by: str) -> None:
    bench.add("ann")
    closed = Closed(bench, await bench.gate.password("ann", GOOD, AWAY))
    bench.gate.dismiss("ann", but=by)
    assert closed.count == 1


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
        bench.do(bench.accounts.update, "ann", role="viewer")
    elif how == "removed":
        bench.do(bench.accounts.remove, "ann")
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
    bench.do(bench.accounts.update, "ann", role="viewer")
    assert bench.gate.session(token).role == "viewer"


@pytest.mark.parametrize("years", [-20, 20])
async def test_a_session_does_not_see_the_clock_being_set(bench: Bench, years: int) -> None:
    bench.add("ann")
    token = await bench.gate.login("ann", GOOD, "", HOME)
    _, secret = bench.do(bench.gate.tokens.issue, "ann", "x", frozenset(["power"]), bench.gate.now())
    bench.set = years * 365 * 86400.0
    bench.gate.review()
    assert bench.gate.session(token).user == bench.gate.token(secret).user == "ann"


# Tokens


def test_a_token_made_without_a_date_has_none(bench: Bench) -> None:
    bench.add("ann")
    bench.mark.unlink()
    bench.do(bench.gate.tokens.issue, "ann", "first", frozenset(["power"]), bench.gate.now())
    bench.mark.touch()
    bench.do(bench.gate.tokens.issue, "ann", "second", frozenset(["power"]), bench.gate.now())
    bench.again()
    assert [(each.name, each.made) for each in bench.gate.tokens.all()] == [("first", None), ("second", NOW)]


async def test_a_token_is_shown_once_and_kept_as_a_hash(bench: Bench) -> None:
    bench.add("ann")
    token, secret = bench.do(bench.gate.tokens.issue, "ann", "Home Assistant", frozenset(["power"]), NOW)
    assert secret not in (bench.folder / "tokens.json").read_text()
    assert (bench.folder / "tokens.json").stat().st_mode & 0o777 == 0o600
    bench.again()
    grant = bench.gate.token(secret)
    assert grant == Grant("ann", "operator", f"token:{token.id}", frozenset(["power"]))
    closed = Closed(bench, grant)
    await bench.gate.revoke(f"token:{token.id}")
    assert closed.count == 1
    for gone in (secret, "", "inkvm_", "\ud800"):
        with pytest.raises(WrongCredentials):
            bench.gate.token(gone)


async def test_a_token_is_no_more_than_its_owner(bench: Bench) -> None:
    bench.add("root", "admin")
    bench.add("ann", "viewer")
    _, secret = bench.do(bench.gate.tokens.issue, "ann", "all", frozenset(["admin"]), NOW)
    assert not bench.gate.token(secret).may("operator", "hid")
    await bench.gate.remove("ann")
    with pytest.raises(WrongCredentials):
        bench.gate.token(secret)
    assert bench.gate.tokens.all() == []


async def test_an_account_inherits_nothing_from_one_of_its_name_whose_removal_was_cut_off(bench: Bench) -> None:
    bench.add("root", "admin")
    bench.add("ann")
    _, secret = bench.do(bench.gate.tokens.issue, "ann", "all", frozenset(["view"]), NOW)
    bench.do(bench.gate.links.issue, "ann", "friends", 2)
    bench.do(bench.accounts.remove, "ann")
    with pytest.raises(WrongCredentials):
        bench.gate.token(secret)
    await bench.gate.add("ann", "viewer", "scrypt:00:00")
    with pytest.raises(WrongCredentials):
        bench.gate.token(secret)
    assert bench.gate.links.all() == []


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
    link, secret = bench.do(bench.gate.links.issue, "ann", "the plumber", 2)
    assert secret not in (bench.folder / "links.json").read_text()
    grant = bench.gate.session(await bench.gate.link(secret, AWAY))
    assert (grant.user, grant.role, grant.link) == ("guest (the plumber)", "viewer", link.id)
    assert grant.may("viewer", "view")
    assert not grant.may("operator", "hid")
    assert not grant.may("viewer", "admin")


async def test_a_link_forgives_no_wrong_password_whatever_the_account_is_called(bench: Bench) -> None:
    bench.add("link")
    _, secret = bench.do(bench.gate.links.issue, "link", "the plumber", 2)
    for _ in range(5):
        await bench.gate.link(secret, AWAY)
        with pytest.raises(WrongCredentials):
            await bench.gate.login("link", "wrong", "", AWAY)
    await bench.gate.link(secret, AWAY)
    with pytest.raises(TooManyTries):
        await bench.gate.login("link", GOOD, "", AWAY)


@pytest.mark.parametrize("name", [_CLAIM, _LINK])
def test_what_tries_are_counted_for_beside_accounts_is_no_name_of_one(bench: Bench, name: str) -> None:
    with pytest.raises(NotAcceptable):
        bench.do(bench.accounts.create, name, "viewer", quick(GOOD))


@pytest.mark.parametrize("how", ["expired", "revoked", "its giver demoted"])
async def test_a_link_ends_with_everything_on_it(bench: Bench, how: str) -> None:
    bench.add("ann")
    link, secret = bench.do(bench.gate.links.issue, "ann", "the plumber", 2)
    token = await bench.gate.link(secret, AWAY)
    closed = Closed(bench, bench.gate.session(token))
    if how == "revoked":
        await bench.gate.revoke(f"link:{link.id}")
    elif how == "its giver demoted":
        bench.add("root", "admin")
        bench.do(bench.accounts.update, "ann", role="viewer")
        bench.gate.changed("ann")
        bench.gate.review()
    else:
        bench.time += 7200
        bench.gate.review()
    assert closed.count == 1
    with pytest.raises(WrongCredentials):
        bench.gate.session(token)
    with pytest.raises(WrongCredentials):
        await bench.gate.link(secret, AWAY)


@pytest.mark.parametrize("known", [True, False])
@pytest.mark.parametrize("years", [-20, -0.01, 0.01, 20])
async def test_a_link_is_good_for_its_hours_however_the_clock_is_set(bench: Bench, known: bool, years: float) -> None:
    bench.add("ann")
    if not known:
        bench.mark.unlink()
    link, secret = bench.do(bench.gate.links.issue, "ann", "the plumber", 2)
    token = await bench.gate.link(secret, AWAY)
    bench.time += 3600
    bench.set = years * 365 * 86400
    bench.mark.touch()
    bench.gate.review()
    assert bench.gate.session(token).link == link.id
    assert bench.gate.links.left(link) == 3600
    assert await bench.gate.link(secret, AWAY)
    bench.time += 3601
    with pytest.raises(WrongCredentials):
        await bench.gate.link(secret, AWAY)
    with pytest.raises(WrongCredentials):
        bench.gate.session(token)


async def test_after_a_start_a_link_waits_for_the_date(bench: Bench) -> None:
    """The device was off for a month; its clock goes on where it stopped, until the network sets it."""
    bench.add("ann")
    link, secret = bench.do(bench.gate.links.issue, "ann", "the plumber", 720)
    short, _ = bench.do(bench.gate.links.issue, "ann", "the joiner", 2)
    bench.time, bench.set = 5.0, 60.0
    bench.mark.unlink()
    bench.again()
    with pytest.raises(WrongCredentials, match="does not know yet what time it is"):
        await bench.gate.link(secret, AWAY)
    other, _ = bench.do(bench.gate.links.issue, "ann", "the painter", 2)
    assert [each.id for each in bench.gate.links.all()] == [link.id, short.id, other.id], (
        "nobody knows that they are over"
    )
    assert [bench.gate.links.left(each) for each in bench.gate.links.all()] == [None, None, 7200]
    bench.set = 29 * 86400.0
    bench.mark.touch()
    assert bench.gate.session(await bench.gate.link(secret, AWAY)).link == link.id
    assert [each.id for each in bench.gate.links.all()] == [link.id, other.id]


async def test_a_link_made_without_a_date_ends_with_the_start(bench: Bench) -> None:
    bench.add("ann")
    bench.mark.unlink()
    link, secret = bench.do(bench.gate.links.issue, "ann", "the plumber", 2)
    assert (link.made, link.until) == (None, None)
    bench.again()
    bench.mark.touch()
    assert bench.gate.links.all() == []
    with pytest.raises(WrongCredentials):
        await bench.gate.link(secret, AWAY)


@pytest.mark.parametrize(
    ("label", "hours"),
    [("", 1), ("x", 0), ("x", 721), ("x", True), ("x", "1"), (None, 1), ("x", float("nan")), ("x", 10**400)],
)
def test_a_bad_link_is_explained(bench: Bench, label: object, hours: object) -> None:
    with pytest.raises(NotAcceptable):
        bench.do(bench.gate.links.issue, "ann", label, hours)


# What is kept


async def test_changes_that_come_at_once_are_all_kept_in_their_order(bench: Bench) -> None:
    bench.add("root", "admin")
    bench.add("ann")
    gate = bench.gate
    names = [f"token {number}" for number in range(20)]
    scopes = frozenset(["view"])
    changes = [bench.writer.durably(gate.tokens.issue, "ann", name, scopes, NOW) for name in names]
    changes += [
        bench.writer.durably(gate.accounts.update, "ann", totp="A"),
        bench.writer.durably(gate.accounts.update, "ann", recovery=("B",)),
        bench.writer.durably(gate.accounts.update, "ann", role="viewer"),
    ]
    await asyncio.gather(*changes)
    bench.again()
    assert [token.name for token in bench.gate.tokens.all()] == names
    ann = bench.accounts.required("ann")
    assert (ann.totp, ann.recovery, ann.role) == ("A", ("B",), "viewer")


async def test_it_is_on_the_card_when_it_is_said_and_not_before(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """A card that takes its time: the loop goes on, the change is not true before the card has it, nor said."""
    bench.add("ann")
    reached, slow = threading.Event(), threading.Event()
    fsync = os.fsync

    def waits(descriptor: int) -> None:
        reached.set()
        assert slow.wait(30)
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", waits)
    scopes = frozenset(["view"])
    issuing = asyncio.ensure_future(bench.writer.durably(bench.gate.tokens.issue, "ann", "x", scopes, NOW))
    await asyncio.to_thread(reached.wait, 30)
    assert not issuing.done()
    assert bench.gate.tokens.all() == []
    assert not (bench.folder / "tokens.json").exists()
    slow.set()
    token, _secret = await issuing
    assert token.id in (bench.folder / "tokens.json").read_text()


async def test_what_the_card_does_not_take_is_not_true(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    bench.add("ann")
    before = (bench.folder / "accounts.json").read_bytes()

    def broken(_descriptor: int) -> None:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(os, "fsync", broken)
    with pytest.raises(OSError, match="Input/output error"):
        await bench.writer.durably(bench.gate.accounts.update, "ann", totp="A")
    assert bench.accounts.required("ann").totp == ""
    assert (bench.folder / "accounts.json").read_bytes() == before


async def test_only_the_first_of_two_who_claim_at_once_owns_the_device(bench: Bench) -> None:
    code = bench.gate.claim_code
    claims = [bench.gate.claim(code, name, GOOD, HOME) for name in ("ann", "bob")]
    won = await asyncio.gather(*claims, return_exceptions=True)
    assert sorted(type(each).__name__ for each in won) == ["WrongCredentials", "str"]
    assert [account.name for account in bench.accounts.all()] == ["ann"]


# Accounts


async def test_the_last_administrator_stays(bench: Bench) -> None:
    bench.add("root", "admin")
    bench.add("ann")
    for act in (
        lambda: bench.do(bench.accounts.remove, "root"),
        lambda: bench.do(bench.accounts.update, "root", role="viewer"),
    ):
        with pytest.raises(LastAdministrator):
            act()
    bench.do(bench.accounts.update, "ann", role="admin")
    await bench.gate.remove("root")
    with pytest.raises(NotThere):
        await bench.gate.remove("root")


def test_names_are_plain_and_used_once(bench: Bench) -> None:
    bench.add("ann")
    for name in ("ann", "", "a b", "../x", "-x", "x" * 33, "é", "a\n", None, 7):
        with pytest.raises(NotAcceptable):
            bench.do(bench.accounts.create, name, "viewer", "scrypt:00:00")


def test_an_account_is_not_printed_with_its_secrets(bench: Bench) -> None:
    bench.add("ann")
    assert repr(bench.accounts.required("ann")) == "Account('ann', 'operator')"
    assert (bench.folder / "accounts.json").stat().st_mode & 0o777 == 0o600
