"""Whether credentials are right: password, one-time code, recovery code. The limiter and the audit log learn how it went."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from functools import partial

from app.auth import passwords, totp
from app.auth.accounts import Account, Accounts
from app.auth.audit import Audit
from app.auth.errors import CodeNeeded, NotThere, TimeUnknown, TooManyTries, WrongCredentials
from app.auth.hasher import Hasher
from app.auth.limiter import Limiter
from app.auth.visitor import Visitor
from app.writer import Writer

_WRONG = "user name, password or code is wrong"
_QUEUE = 8
"""Passwords waiting for their turn; who comes when there are more is told to come back."""
_QUEUE_KNOWN = 8
"""Further ones, of who came from there before: strangers do not take their turns."""
_NAME = 64
"""Characters of a user's name that are remembered; no account has a longer one."""


class Verifier:
    """Made once.

    Args:
        writer: makes changes to accounts.
        clock: seconds since the epoch, None while the device does not know.
    """

    def __init__(
        self,
        *,
        accounts: Accounts,
        limiter: Limiter,
        hasher: Hasher,
        audit: Audit,
        writer: Writer,
        clock: Callable[[], float | None],
    ) -> None:
        self._accounts = accounts
        self._limiter = limiter
        self._hasher = hasher
        self._audit = audit
        self._writer = writer
        self._clock = clock
        self._waiting = 0
        self._used: dict[str, tuple[str, int]] = {}

    async def attempt(self, user: str, visitor: Visitor) -> None:
        """A try begins, and counts as failed until it has `succeeded`. Raises TooManyTries."""
        held = self._limiter.attempt(user[:_NAME], visitor.address)
        if held:
            await asyncio.sleep(held)

    def succeeded(self, user: str, visitor: Visitor) -> None:
        """The try was right."""
        self._limiter.succeeded(user[:_NAME], visitor.address)

    async def check(self, user: str, password: str, code: str, visitor: Visitor, *, interactive: bool) -> Account:
        """The account whose credentials these are.

        Args:
            code: a one-time or recovery code; empty when it was appended to the password, or is not used.
            interactive: whether a person sends them, once: then a one-time code works once, even while it is shown.

        Raises:
            WrongCredentials, CodeNeeded, TimeUnknown, TooManyTries.
        """
        await self.attempt(user, visitor)
        account = self._accounts.get(user)
        right, password, code = await self._told_apart(account, password, code, user, visitor)
        if account is not None and right and account.totp:
            await self._second_factor(account, code, visitor, interactive=interactive)
        if account is not None and right and passwords.is_old(account.password):
            account = await self._rehashed(account, password)
        if account is None or not right or not await self._in_force(account, password, visitor):
            self._audit.record("login refused", user[:_NAME], visitor.address)
            raise WrongCredentials(_WRONG)
        if interactive and account.totp:
            await self._remember(account)
        self.succeeded(user, visitor)
        return self._accounts.required(user)

    async def confirm(self, user: str, password: str, visitor: Visitor) -> Account:
        """The password alone, asked for again before something weighty. Raises WrongCredentials, TooManyTries."""
        await self.attempt(user, visitor)
        account = self._accounts.get(user)
        right = await self._matches(password, account, user, visitor)
        if account is None or not right or not self._accounts.holds(account):
            self._audit.record("confirmation refused", user, visitor.address)
            raise WrongCredentials("the password is wrong")
        self.succeeded(user, visitor)
        return account

    def check_code(self, account: Account, code: str) -> None:
        """A one-time code, not used before. Raises WrongCredentials, TimeUnknown."""
        if not self._fresh_code(account, code, interactive=True):
            raise WrongCredentials("the code is wrong, or was used before: wait for the next one")

    async def _told_apart(
        self, account: Account | None, password: str, code: str, user: str, visitor: Visitor
    ) -> tuple[bool, str, str]:
        """Whether the password is right, and what of the text it is, and what of it the code.

        Digits at the end may be a code. Who has none is looked up both ways all the same: the time that a wrong password takes would tell
        which accounts have codes, and which there are.
        """
        coded = account is not None and bool(account.totp)
        whole, parted = (password, code), ("", "") if code else _split(password)
        ways = [whole] if not parted[1] else [parted, whole] if coded else [whole, parted]
        for way in ways:
            if await self._matches(way[0], account, user, visitor) and (coded or way is whole):
                return True, *way
        return False, *whole

    async def _second_factor(self, account: Account, code: str, visitor: Visitor, *, interactive: bool) -> None:
        """That the password was right and the code is not is noted: its owner wants to know. Raises as `check` does."""
        refused = partial(self._audit.record, "login refused", account.name, visitor.address)
        if not code:
            refused(code="missing")
            raise CodeNeeded("this account asks for a one-time code as well")
        try:
            right = await self._recovered(account, code) or self._fresh_code(account, code, interactive=interactive)
        except TimeUnknown:
            refused(code="not checked")
            raise
        if not right:
            refused(code="wrong")
            raise WrongCredentials(_WRONG)

    async def _rehashed(self, account: Account, password: str) -> Account:
        """With its imported hash replaced by one of ours; as it was where somebody changed it meanwhile, or the card does not take it."""
        hashed = await self._hasher.digest(password)
        try:
            return await self._writer.durably(self._accounts.revise, account, password=hashed)
        except (WrongCredentials, NotThere, OSError):
            return account

    async def _in_force(self, account: Account, password: str, visitor: Visitor) -> bool:
        """Whether what was right when the account was looked at still is: it may have changed with every hash and every write."""
        while not self._accounts.holds(account):
            now = self._accounts.get(account.name)
            if now is None or now.totp != account.totp or not await self._matches(password, now, now.name, visitor):
                return False
            account = now
        return True

    async def _matches(self, password: str, account: Account | None, user: str, visitor: Visitor) -> bool:
        known = account is not None and self._limiter.knows(user, visitor.address)
        if self._waiting >= (_QUEUE + _QUEUE_KNOWN if known else _QUEUE):
            self._limiter.withdraw(user[:_NAME], visitor.address)
            raise TooManyTries(2)
        self._waiting += 1
        try:
            return await self._hasher.matches(password, account.password if account is not None else None)
        finally:
            self._waiting -= 1

    def _fresh_code(self, account: Account, code: str, *, interactive: bool) -> bool:
        """Whether it is a code of now. A person's must be newer than the last one used; a script's is the same for a while."""
        now = self._clock()
        if now is None:
            raise TimeUnknown("the device does not know the time, which one-time codes need: use a recovery code")
        step = totp.step_of(account.totp, code.strip(), now)
        if step is None or not interactive:
            return step is not None
        secret, last = self._used.get(account.name, (account.totp, account.used))
        # One of long after now is of a clock that was wrong: it does not lock out until then.
        if secret == account.totp and step <= last <= step + 2 * totp.SKEW:
            return False
        self._used[account.name] = (account.totp, step)
        return True

    async def _remember(self, account: Account) -> None:
        """The code that was used last outlasts a restart. A card that takes nothing keeps nobody out."""
        secret, step = self._used.get(account.name, ("", account.used))
        if secret == account.totp and step != account.used:
            with suppress(OSError, NotThere, WrongCredentials):
                await self._writer.durably(self._accounts.revise, account, used=step)

    async def _recovered(self, account: Account, code: str) -> bool:
        """Whether it is one of the recovery codes; then that one is gone."""
        hashed = totp.recovery_hash(code)
        # Most codes are not, and none of those is worth the card's time.
        if hashed not in account.recovery or not await self._writer.durably(self._accounts.spend, account.name, hashed):
            return False
        self._audit.record("recovery code used", account.name, left=len(self._accounts.required(account.name).recovery))
        return True


def _split(password: str) -> tuple[str, str]:
    """A password with the code's digits appended, as PiKVM's clients send it."""
    digits = password[-totp.DIGITS :]
    if len(digits) == totp.DIGITS and digits.isdecimal():
        return password[: -totp.DIGITS], digits
    return password, ""
