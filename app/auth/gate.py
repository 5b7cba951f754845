"""Who comes in: turns what somebody shows into a grant, or into an error that says what is wrong with it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace

from app.auth import passwords, totp
from app.auth.accounts import Account, Accounts
from app.auth.audit import Audit
from app.auth.claim import ClaimCode
from app.auth.errors import CodeNeeded, TooManyTries, WrongCredentials
from app.auth.limiter import Limiter
from app.auth.links import Links
from app.auth.passwords import Hasher
from app.auth.roles import Grant
from app.auth.sessions import Session, Sessions
from app.auth.standing import Standing
from app.auth.tokens import Tokens
from app.auth.verified import Verified

_WRONG = "user name, password or code is wrong"
_CLAIM = "claim"
_QUEUE = 8
"""Passwords waiting for their turn; who comes when there are more is told to come back."""


@dataclass(frozen=True, slots=True)
class Visitor:
    """Where a request comes from."""

    address: str
    agent: str = ""


class Gate:
    """Made once. `clock` is in seconds since the epoch."""

    def __init__(
        self,
        *,
        accounts: Accounts,
        sessions: Sessions,
        tokens: Tokens,
        links: Links,
        claim: ClaimCode,
        limiter: Limiter,
        verified: Verified,
        hasher: Hasher,
        audit: Audit,
        clock: Callable[[], float],
    ) -> None:
        self.accounts = accounts
        self.sessions = sessions
        self.tokens = tokens
        self.links = links
        self.hasher = hasher
        self.audit = audit
        self.standing = Standing()
        self._claim = claim
        self._limiter = limiter
        self._verified = verified
        self._clock = clock
        self._waiting = 0
        self._used: dict[str, tuple[str, int]] = {}

    def now(self) -> float:
        """Seconds since the epoch, as far as the device knows."""
        return self._clock()

    @property
    def claimed(self) -> bool:
        """Whether somebody owns the device."""
        return len(self.accounts) > 0

    @property
    def claim_code(self) -> str:
        """What the panel shows until somebody owns the device; empty from then on. Raises OSError."""
        return "" if self.claimed else self._claim.show()

    async def claim(self, code: str, user: object, password: object, visitor: Visitor) -> str:
        """The first administrator, for the code on the panel: a session's token.

        Raises:
            WrongCredentials, TooManyTries, NotAcceptable: and the code is still good.
            OSError: the card does not take it.
        """
        if self.claimed:
            raise WrongCredentials("the device has an owner: log in")
        await self._slow_down(_CLAIM, visitor)
        if not self._claim.matches(code):
            self.audit.record("claim refused", address=visitor.address)
            raise WrongCredentials("this is not the code on the panel")
        self._limiter.succeeded(_CLAIM, visitor.address)
        name = user if isinstance(user, str) else ""
        hashed = await self.hasher.digest(passwords.acceptable(password, name))
        if self.claimed:
            raise WrongCredentials("the device has an owner: log in")
        account = self.accounts.create(user, "admin", hashed)
        self._claim.use()
        self.audit.record("claimed", account.name, visitor.address)
        return self.sessions.open(account.name, visitor.address, visitor.agent)

    async def login(self, user: str, password: str, code: str, visitor: Visitor) -> str:
        """An interactive login: a session's token. A one-time code works once, even while it is shown.

        Args:
            code: a one-time or recovery code; empty when it was appended to the password, or is not used.

        Raises:
            WrongCredentials, CodeNeeded, TooManyTries.
        """
        account = await self._checked(user, password, code, visitor, interactive=True)
        self.audit.record("login", account.name, visitor.address)
        return self.sessions.open(account.name, visitor.address, visitor.agent)

    async def password(self, user: str, password: str, visitor: Visitor) -> Grant:
        """Credentials that come with every request. Raises WrongCredentials, CodeNeeded, TooManyTries."""
        account = self.accounts.get(user)
        if account is None or not self._verified.holds(account, password):
            account = await self._checked(user, password, "", visitor, interactive=False)
            self._verified.add(account, password)
        return Grant(account.name, account.role, "password")

    async def confirm(self, user: str, password: str, visitor: Visitor) -> Account:
        """The password alone, asked for again before something weighty. Raises WrongCredentials, TooManyTries."""
        await self._slow_down(user, visitor)
        account = self.accounts.get(user)
        if not await self._matches(password, account) or account is None:
            self.audit.record("confirmation refused", user, visitor.address)
            raise WrongCredentials("the password is wrong")
        self._limiter.succeeded(user, visitor.address)
        return account

    def session(self, token: str) -> Grant:
        """The cookie. Raises WrongCredentials."""
        session = self.sessions.find(token)
        grant = self._session_grant(session) if session is not None else None
        if grant is None:
            raise WrongCredentials("the session is unknown or has ended: log in again")
        return grant

    def token(self, secret: str) -> Grant:
        """A bearer token. Raises WrongCredentials."""
        token = self.tokens.find(secret)
        account = self.accounts.get(token.user) if token is not None else None
        if token is None or account is None:
            raise WrongCredentials("the token is unknown or revoked")
        return Grant(account.name, account.role, f"token:{token.id}", frozenset(token.scopes))

    async def link(self, secret: str, visitor: Visitor) -> str:
        """A view link's secret: a viewer's session. Raises WrongCredentials, TooManyTries."""
        await self._slow_down("link", visitor)
        link = self.links.find(secret)
        if link is None:
            raise WrongCredentials("this link has expired or was revoked: ask for a new one")
        self._limiter.succeeded("link", visitor.address)
        self.audit.record("link opened", link.user, visitor.address, link=link.label)
        return self.sessions.open(link.user, visitor.address, visitor.agent, link.id)

    def dismiss(self, user: str, but: str = "") -> None:
        """End everything that runs on a user's password: sessions but the one named, and every connection."""
        self._verified.forget()
        self.sessions.end(lambda session: session.user == user and not session.link and f"session:{session.id}" != but)
        self.standing.end(lambda grant: grant.user == user and not grant.link and (not but or grant.source != but))

    def revoke(self, source: str) -> None:
        """End one session, token or link, named as in `Grant.source` (`link:ID` for a link), and what stands on it."""
        kind, _, name = source.partition(":")
        if kind == "session":
            self.sessions.end(lambda session: session.id == name)
        elif kind == "token":
            self.tokens.revoke(lambda token: token.id == name)
        else:
            self.links.revoke(lambda link: link.id == name)
            self.sessions.end(lambda session: session.link == name)
        self.standing.end(lambda grant: source in {grant.source, f"link:{grant.link}"})

    def remove(self, user: str) -> None:
        """An account goes, and everything that it gave: sessions, tokens, links. Raises what `Accounts.remove` does."""
        self.accounts.remove(user)
        self.tokens.revoke(lambda token: token.user == user)
        self.links.revoke(lambda link: link.user == user)
        self.sessions.end(lambda session: session.user == user)
        self._verified.forget()
        self.standing.end(lambda grant: grant.user == user)

    def changed(self, user: str) -> None:
        """A user's role is another one: open connections must come back with it."""
        self._verified.forget()
        self.standing.end(lambda grant: grant.user == user and not grant.link)

    def review(self) -> None:
        """Close what stands on something that is no more, however that came. To be called every second."""
        self.standing.end(lambda grant: not self.stands(grant))

    def knows(self, grant: Grant) -> bool:
        """Whether the session behind a grant is still there, though it may mean something else by now."""
        kind, _, name = grant.source.partition(":")
        return kind == "session" and self.sessions.use(name)

    def stands(self, grant: Grant) -> bool:
        """Whether what the grant was given for is still there, and as it was."""
        kind, _, name = grant.source.partition(":")
        if kind == "session" and not self.sessions.use(name):
            return False
        if grant.link:
            return any(link.id == grant.link for link in self.links.all())
        if kind == "token" and all(token.id != name for token in self.tokens.all()):
            return False
        account = self.accounts.get(grant.user)
        return account is not None and account.role == grant.role

    def check_code(self, account: Account, code: str) -> None:
        """A one-time code, not used before. Raises WrongCredentials, NotAcceptable."""
        if not self._fresh_code(account, code, interactive=True):
            raise WrongCredentials("the code is wrong, or was used before: wait for the next one")

    def _session_grant(self, session: Session) -> Grant | None:
        source = f"session:{session.id}"
        if session.link:
            link = next((link for link in self.links.all() if link.id == session.link), None)
            if link is None:
                return None
            return Grant(f"guest ({link.label})", "viewer", source, frozenset(["view"]), link.id)
        account = self.accounts.get(session.user)
        return Grant(account.name, account.role, source) if account is not None else None

    async def _slow_down(self, user: str, visitor: Visitor) -> None:
        held = self._limiter.attempt(user[:64], visitor.address)
        if held:
            await asyncio.sleep(held)

    async def _checked(self, user: str, password: str, code: str, visitor: Visitor, *, interactive: bool) -> Account:
        """The account whose credentials these are; the limiter and the audit log learn how it went."""
        await self._slow_down(user, visitor)
        account = self.accounts.get(user)
        head, digits = _split(password) if account is not None and account.totp and not code else ("", "")
        right = bool(digits) and await self._matches(head, account)
        if right:
            code = digits
        else:
            right = await self._matches(password, account)
        if account is not None and right and account.totp:
            if not code:
                raise CodeNeeded("this account asks for a one-time code as well")
            right = self._fresh_code(account, code, interactive=interactive) or self._recovered(account, code)
        if account is None or not right:
            self.audit.record("login refused", user[:64], visitor.address)
            raise WrongCredentials(_WRONG)
        self._limiter.succeeded(user[:64], visitor.address)
        account = self.accounts.required(user)  # a recovery code may just have gone
        if passwords.is_old(account.password):
            account = self.accounts.put(replace(account, password=await self.hasher.digest(password)))
        return account

    async def _matches(self, password: str, account: Account | None) -> bool:
        if self._waiting >= _QUEUE:
            raise TooManyTries(2)
        self._waiting += 1
        try:
            return await self.hasher.matches(password, account.password if account is not None else None)
        finally:
            self._waiting -= 1

    def _fresh_code(self, account: Account, code: str, *, interactive: bool) -> bool:
        """Whether it is a code of now. A person's must be newer than the last one used; a script's is the same for a while."""
        step = totp.step_of(account.totp, code.strip(), self._clock())
        if step is None or not interactive:
            return step is not None
        secret, last = self._used.get(account.name, ("", -1))
        if secret == account.totp and step <= last:
            return False
        self._used[account.name] = (account.totp, step)
        return True

    def _recovered(self, account: Account, code: str) -> bool:
        """Whether it is one of the recovery codes; then that one is gone."""
        hashed = totp.recovery_hash(code)
        if hashed not in account.recovery:
            return False
        self.accounts.put(replace(account, recovery=tuple(each for each in account.recovery if each != hashed)))
        self.audit.record("recovery code used", account.name, left=len(account.recovery) - 1)
        return True


def _split(password: str) -> tuple[str, str]:
    """A password with the code's digits appended, as PiKVM's clients send it."""
    digits = password[-totp.DIGITS :]
    if len(digits) == totp.DIGITS and digits.isdecimal():
        return password[: -totp.DIGITS], digits
    return password, ""
