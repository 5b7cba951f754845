"""Whether credentials are right: on a fake clock, with a hasher that costs nothing."""

from __future__ import annotations

import asyncio
import errno
import os
from dataclasses import replace
from unittest.mock import Mock

import pytest

from app.auth import totp
from app.auth.accounts import Account
from app.auth.errors import CodeNeeded, TimeUnknown, TooManyTries, WrongCredentials
from app.auth.store import Store
from app.auth.visitor import Visitor
from app.chance import Chance
from tests.app.auth.bench import AWAY, HOME, Bench, quick
from tests.app.auth.test_passwords import KNOWN

GOOD = "correct horse"


async def login(bench: Bench, user: str, password: str, code: str, visitor: Visitor) -> Account:
    """As a person does it."""
    return await bench.verifier.check(user, password, code, visitor, interactive=True)


async def script(bench: Bench, user: str, password: str, visitor: Visitor) -> Account:
    """As a program does it, with every request."""
    return await bench.verifier.check(user, password, "", visitor, interactive=False)


# Passwords


async def test_user_and_password_belong_together(bench: Bench) -> None:
    bench.add("ann")
    bench.add("bob", password="battery staple")
    assert (await login(bench, "ann", GOOD, "", HOME)).name == "ann"
    for number, (user, password) in enumerate(
        [("ann", "battery staple"), ("eve", GOOD), ("", ""), ("ANN", GOOD), ("ann", "")]
    ):
        with pytest.raises(WrongCredentials):
            await login(bench, user, password, "", replace(AWAY, address=f"10.0.0.{number}"))


async def test_an_unknown_user_costs_the_same_work(bench: Bench) -> None:
    bench.add("ann")
    for user in ("ann", "eve"):
        before = bench.hasher.looks
        with pytest.raises(WrongCredentials):
            await login(bench, user, "wrong", "", HOME)
        assert bench.hasher.looks == before + 1


async def test_the_thousandth_wrong_password_is_not_hashed_and_the_owner_gets_in(bench: Bench) -> None:
    bench.add("ann")
    await login(bench, "ann", GOOD, "", HOME)
    bench.hasher.looks = 0
    for _ in range(1000):
        with pytest.raises((WrongCredentials, TooManyTries)):
            await login(bench, "ann", "wrong", "", AWAY)
    assert bench.hasher.looks == 5
    await login(bench, "ann", GOOD, "", HOME)
    assert bench.audited() == ["login refused"] * 5


async def test_strangers_who_wait_for_their_turn_do_not_take_the_owners(bench: Bench) -> None:
    """And a stranger who is told to come back did nothing wrong: the next try counts like the first."""
    bench.add("ann")
    await login(bench, "ann", GOOD, "", HOME)
    matches, go = bench.hasher.matches, asyncio.Event()

    async def slow(password: str, stored: str | None) -> bool:
        await go.wait()
        return await matches(password, stored)

    bench.hasher.matches = slow  # type: ignore[method-assign]
    new = replace(HOME, address="192.168.1.11")
    strangers = [replace(AWAY, address=f"10.0.0.{number}") for number in range(20)]
    crowd = [asyncio.ensure_future(login(bench, each.address, "guess", "", each)) for each in strangers]
    while sum(each.done() for each in crowd) < 12:
        await asyncio.sleep(0)
    for _ in range(20):
        with pytest.raises(TooManyTries, match="wait 2 s"):
            await login(bench, "ann", GOOD, "", new)
    owner = asyncio.ensure_future(login(bench, "ann", GOOD, "", HOME))
    go.set()
    assert await owner
    await asyncio.gather(*crowd, return_exceptions=True)
    assert await login(bench, "ann", GOOD, "", new)


async def test_an_imported_hash_is_replaced_at_the_first_login(bench: Bench) -> None:
    bench.do(bench.accounts.create, "pi", "admin", KNOWN)
    await login(bench, "pi", "Hello world!", "", HOME)
    assert bench.accounts.required("pi").password.startswith("scrypt:")
    await login(bench, "pi", "Hello world!", "", HOME)


async def test_an_imported_hash_is_replaced_by_one_of_the_password_and_not_of_the_code_behind_it(bench: Bench) -> None:
    bench.do(bench.accounts.create, "pi", "admin", KNOWN)
    secret = totp.new_secret(Chance())
    bench.do(bench.accounts.update, "pi", totp=secret)
    await login(bench, "pi", "Hello world!" + code(bench, secret), "", HOME)
    assert bench.accounts.required("pi").password == quick("Hello world!")


async def test_two_who_come_with_an_imported_hash_at_once_are_both_let_in(bench: Bench) -> None:
    bench.do(bench.accounts.create, "pi", "admin", KNOWN)
    logins = [login(bench, "pi", "Hello world!", "", HOME) for _ in range(2)]
    assert [each.name for each in await asyncio.gather(*logins)] == ["pi", "pi"]


async def test_a_card_that_takes_nothing_refuses_no_password(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    bench.do(bench.accounts.create, "pi", "admin", KNOWN)

    def full(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    assert bench.gate.session(await bench.gate.login("pi", "Hello world!", "", HOME)).user == "pi"
    bench.again()
    assert bench.accounts.required("pi").password == KNOWN


# One-time codes


def enrolled(bench: Bench, recovery: tuple[str, ...] = ()) -> str:
    bench.add("ann")
    secret = totp.new_secret(Chance())
    hashes = tuple(totp.recovery_hash(each) for each in recovery)
    bench.do(bench.accounts.update, "ann", totp=secret, recovery=hashes)
    return secret


def code(bench: Bench, secret: str) -> str:
    return totp.code(secret, int(bench.wall()) // 30)


@pytest.mark.parametrize("appended", [True, False])
async def test_a_code_is_asked_for_and_works_once(bench: Bench, appended: bool) -> None:
    secret = enrolled(bench)
    with pytest.raises(CodeNeeded):
        await login(bench, "ann", GOOD, "", HOME)
    shown = code(bench, secret)
    sent = (GOOD + shown, "") if appended else (GOOD, shown)
    await login(bench, "ann", *sent, HOME)
    with pytest.raises(WrongCredentials):
        await login(bench, "ann", *sent, HOME)
    bench.time += 30
    await login(bench, "ann", GOOD, code(bench, secret), HOME)


async def test_a_wrong_code_is_no_way_in_and_counts(bench: Bench) -> None:
    enrolled(bench)
    for _ in range(5):
        with pytest.raises(WrongCredentials):
            await login(bench, "ann", GOOD, "000000", AWAY)
    with pytest.raises(TooManyTries):
        await login(bench, "ann", GOOD, "000000", AWAY)


async def test_a_right_password_with_a_code_that_is_not_is_noted(bench: Bench) -> None:
    secret = enrolled(bench)
    with pytest.raises(CodeNeeded):
        await login(bench, "ann", GOOD, "", AWAY)
    with pytest.raises(WrongCredentials):
        await login(bench, "ann", GOOD, "000000", AWAY)
    with pytest.raises(WrongCredentials):
        await login(bench, "ann", "wrong", code(bench, secret), AWAY)
    bench.mark.unlink()
    with pytest.raises(TimeUnknown):
        await script(bench, "ann", GOOD + code(bench, secret), AWAY)
    entries = bench.audit.entries().result()[::-1]
    assert [(each["event"], each["user"], each["address"]) for each in entries] == [
        ("login refused", "ann", AWAY.address)
    ] * 4
    assert [each.get("code") for each in entries] == ["missing", "wrong", None, "not checked"]


async def test_the_password_may_end_in_digits(bench: Bench) -> None:
    bench.add("ann", password="horse 123456")
    secret = totp.new_secret(Chance())
    bench.do(bench.accounts.update, "ann", totp=secret)
    with pytest.raises(CodeNeeded):
        await login(bench, "ann", "horse 123456", "", HOME)
    await login(bench, "ann", "horse 123456" + code(bench, secret), "", HOME)


@pytest.mark.parametrize(
    ("guess", "sent"), [("wrong", ""), ("wrong", "123456"), ("wrong123456", ""), ("wrong123456", "1")]
)
async def test_no_account_is_told_from_another_by_the_looks_that_a_guess_takes(
    bench: Bench, guess: str, sent: str
) -> None:
    """With codes, without them, and one that is not there."""
    enrolled(bench)
    bench.add("bob")
    looks = []
    for user in ("ann", "bob", "eve"):
        before = bench.hasher.looks
        with pytest.raises(WrongCredentials):
            await login(bench, user, guess, sent, HOME)
        looks.append(bench.hasher.looks - before)
    assert len(set(looks)) == 1, looks


async def test_digits_behind_the_password_are_nothing_to_an_account_without_codes(bench: Bench) -> None:
    bench.add("ann")
    bench.add("bob", password="horse 123456")
    with pytest.raises(WrongCredentials):
        await login(bench, "ann", GOOD + "123456", "", HOME)
    before = bench.hasher.looks
    await login(bench, "bob", "horse 123456", "", HOME)
    assert bench.hasher.looks == before + 1


async def test_a_script_sends_the_same_code_for_a_while(bench: Bench) -> None:
    secret = enrolled(bench)
    sent = GOOD + code(bench, secret)
    for _ in range(3):
        assert (await script(bench, "ann", sent, HOME)).role == "operator"
        bench.time += 20
    bench.time += 120
    with pytest.raises(WrongCredentials):
        await script(bench, "ann", sent, HOME)


async def test_a_code_that_was_used_is_refused_after_a_restart_too(bench: Bench) -> None:
    secret = enrolled(bench)
    sent = code(bench, secret)
    await login(bench, "ann", GOOD, sent, HOME)
    bench.again()
    with pytest.raises(WrongCredentials):
        await login(bench, "ann", GOOD, sent, HOME)
    bench.time += 30
    await login(bench, "ann", GOOD, code(bench, secret), HOME)


async def test_a_card_that_takes_nothing_refuses_no_code(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    secret = enrolled(bench)
    monkeypatch.setattr(Store, "save", Mock(side_effect=OSError("read-only")))
    sent = code(bench, secret)
    await login(bench, "ann", GOOD, sent, HOME)
    with pytest.raises(WrongCredentials):
        await login(bench, "ann", GOOD, sent, HOME)


async def test_a_recovery_code_works_once_and_is_gone_after_a_restart(bench: Bench) -> None:
    enrolled(bench, ("abcdefghij", "klmnopqrst"))
    await login(bench, "ann", GOOD, "ABCDE-FGHIJ", HOME)
    bench.again()
    with pytest.raises(WrongCredentials):
        await login(bench, "ann", GOOD, "abcdefghij", HOME)
    await login(bench, "ann", GOOD, "klmnopqrst", HOME)


async def test_without_the_time_no_code_is_taken_and_a_recovery_code_is(bench: Bench) -> None:
    secret = enrolled(bench, ("abcdefghij",))
    bench.mark.unlink()
    for shown in (code(bench, secret), "000000"):
        with pytest.raises(TimeUnknown, match="use a recovery code"):
            await login(bench, "ann", GOOD, shown, HOME)
    with pytest.raises(WrongCredentials):
        await login(bench, "ann", "wrong", code(bench, secret), HOME)
    with pytest.raises(TimeUnknown):
        bench.verifier.check_code(bench.accounts.required("ann"), code(bench, secret))
    await login(bench, "ann", GOOD, "abcdefghij", HOME)
    bench.mark.touch()
    await login(bench, "ann", GOOD, code(bench, secret), HOME)


async def test_a_clock_that_was_years_ahead_locks_nobody_out(bench: Bench) -> None:
    secret = enrolled(bench)
    bench.set = 10 * 365 * 86400.0
    await login(bench, "ann", GOOD, code(bench, secret), HOME)
    bench.set = 0.0
    shown = code(bench, secret)
    await login(bench, "ann", GOOD, shown, HOME)
    with pytest.raises(WrongCredentials):
        await login(bench, "ann", GOOD, shown, HOME)


async def test_a_recovery_code_opens_for_one_of_two_who_come_at_once(bench: Bench) -> None:
    enrolled(bench, ("abcdefghij", "klmnopqrst"))
    logins = [login(bench, "ann", GOOD, "abcdefghij", HOME) for _ in range(4)]
    opened = await asyncio.gather(*logins, return_exceptions=True)
    assert sorted(type(each).__name__ for each in opened) == ["Account"] + ["WrongCredentials"] * 3
    assert len(bench.accounts.required("ann").recovery) == 1


# What changes meanwhile


@pytest.mark.parametrize("change", ["codes", "removed", "same"])
async def test_what_is_being_hashed_counts_for_the_account_as_it_is_then(bench: Bench, change: str) -> None:
    """A new hash of the same password, as after an import, is none of its owner's business."""
    bench.add("root", "admin")
    bench.add("ann")
    matches = bench.hasher.matches

    async def changing(password: str, stored: str | None) -> bool:
        bench.hasher.matches = matches  # type: ignore[method-assign]
        right = await matches(password, stored)
        if change == "removed":
            await bench.gate.remove("ann")
        else:
            changed = {"totp": totp.new_secret(Chance())} if change == "codes" else {"password": quick(GOOD, "11")}
            await bench.writer.durably(bench.accounts.update, "ann", **changed)
        return right

    bench.hasher.matches = changing  # type: ignore[method-assign]
    if change == "same":
        await login(bench, "ann", GOOD, "", HOME)
    else:
        with pytest.raises(WrongCredentials):
            await login(bench, "ann", GOOD, "", HOME)
