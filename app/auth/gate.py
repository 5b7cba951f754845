"""Who comes in: turns what somebody shows into a grant, or into an error that says what is wrong with it."""

from __future__ import annotations

from collections.abc import Callable

from app.auth import passwords
from app.auth.accounts import Account, Accounts
from app.auth.audit import Audit
from app.auth.claim import ClaimCode
from app.auth.errors import WrongCredentials
from app.auth.hasher import Hasher
from app.auth.links import Link, Links
from app.auth.roles import Grant, Role
from app.auth.sessions import Session, Sessions
from app.auth.standing import Standing
from app.auth.tokens import Tokens
from app.auth.verified import Verified
from app.auth.verifier import Verifier
from app.auth.visitor import Visitor
from app.writer import Writer

_CLAIM, _LINK = ".claim", ".link"
"""What the limiter counts tries for that name no user; no account can be called so."""


class Gate:
    """Made once.

    Args:
        writer: makes changes to accounts, tokens and links.
        clock: seconds since the epoch, None while the device does not know.
    """

    def __init__(
        self,
        *,
        accounts: Accounts,
        sessions: Sessions,
        tokens: Tokens,
        links: Links,
        claim: ClaimCode,
        verifier: Verifier,
        verified: Verified,
        hasher: Hasher,
        audit: Audit,
        writer: Writer,
        clock: Callable[[], float | None],
    ) -> None:
        self.accounts = accounts
        self.sessions = sessions
        self.tokens = tokens
        self.links = links
        self.hasher = hasher
        self.verifier = verifier
        self.audit = audit
        self.standing = Standing()
        self._writer = writer
        self._claim = claim
        self._verified = verified
        self._clock = clock

    def close(self) -> None:
        """End the thread that hashes, when it is idle."""
        self.hasher.close()

    def now(self) -> float | None:
        """Seconds since the epoch; None while the device does not know."""
        return self._clock()

    @property
    def claimed(self) -> bool:
        """Whether somebody owns the device."""
        return len(self.accounts) > 0

    @property
    def claim_code(self) -> str:
        """What the panel shows until somebody owns the device; empty from then on."""
        return "" if self.claimed else self._claim.shown

    async def claim(self, code: str, user: object, password: object, visitor: Visitor) -> str:
        """The first administrator, for the code on the panel: a session's token.

        Raises:
            WrongCredentials, TooManyTries, NotAcceptable: and the code is still good.
            OSError: the card does not take it.
        """
        if self.claimed:
            raise WrongCredentials("the device has an owner: log in")
        await self.verifier.attempt(_CLAIM, visitor)
        if not self._claim.matches(code):
            self.audit.record("claim refused", address=visitor.address)
            raise WrongCredentials("this is not the code on the panel")
        self.verifier.succeeded(_CLAIM, visitor)
        name = user if isinstance(user, str) else ""
        hashed = await self.hasher.digest(passwords.acceptable(password, name))
        account = await self._writer.durably(self._first, user, hashed)
        self.audit.record("claimed", account.name, visitor.address)
        return self.sessions.open(account.name, visitor.address, visitor.agent)

    def _first(self, user: object, hashed: str) -> Account:
        """The administrator that ends the claim code. Raises WrongCredentials when somebody else was faster."""
        if self.claimed:
            raise WrongCredentials("the device has an owner: log in")
        account = self.accounts.create(user, "admin", hashed)
        self._claim.use()
        return account

    async def login(self, user: str, password: str, code: str, visitor: Visitor) -> str:
        """An interactive login: a session's token. A one-time code works once, even while it is shown.

        Args:
            code: a one-time or recovery code; empty when it was appended to the password, or is not used.

        Raises:
            WrongCredentials, CodeNeeded, TimeUnknown, TooManyTries.
        """
        account = await self.verifier.check(user, password, code, visitor, interactive=True)
        self.audit.record("login", account.name, visitor.address)
        return self.sessions.open(account.name, visitor.address, visitor.agent)

    async def password(self, user: str, password: str, visitor: Visitor) -> Grant:
        """Credentials that come with every request. Raises WrongCredentials, CodeNeeded, TimeUnknown, TooManyTries."""
        account = self.accounts.get(user)
        if account is None or not self._verified.holds(account, password):
            account = await self.verifier.check(user, password, "", visitor, interactive=False)
            self._verified.add(account, password)
        return Grant(account.name, account.role, "password")

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
        await self.verifier.attempt(_LINK, visitor)
        link = self._given(self.links.find(secret))
        if link is None:
            unsure = "" if self._clock() is not None else ", or the device does not know yet what time it is"
            raise WrongCredentials(f"this link has expired or was revoked{unsure}: ask for a new one")
        self.verifier.succeeded(_LINK, visitor)
        self.audit.record("link opened", link.user, visitor.address, link=link.label)
        return self.sessions.open(link.user, visitor.address, visitor.agent, link.id)

    def dismiss(self, user: str, but: str = "") -> None:
        """End everything that runs on a user's password: sessions but the one named, and every connection.

        Args:
            user: whose.
            but: the session or token that asks for it, as in `Grant.source`. A password that comes with every request is spared in no case:
                it may be the old one, in somebody else's hands.
        """
        self._verified.forget()
        but = "" if but == "password" else but
        self.sessions.end(lambda session: session.user == user and not session.link and f"session:{session.id}" != but)
        self.standing.end(lambda grant: grant.user == user and not grant.link and (not but or grant.source != but))

    async def revoke(self, source: str) -> None:
        """End one session, token or link, named as in `Grant.source` (`link:ID` for a link), and what stands on it. Raises OSError."""
        kind, _, name = source.partition(":")
        if kind == "session":
            self.sessions.end(lambda session: session.id == name)
        elif kind == "token":
            await self._writer.durably(self.tokens.revoke, lambda token: token.id == name)
        else:
            await self._writer.durably(self.links.revoke, lambda link: link.id == name)
            self.sessions.end(lambda session: session.link == name)
        self.standing.end(lambda grant: source in {grant.source, f"link:{grant.link}"})

    async def add(self, name: object, role: Role, hashed: str) -> Account:
        """A new account, which inherits nothing. Raises what `Accounts.create` does."""
        return await self._writer.durably(self._add, name, role, hashed)

    def _add(self, name: object, role: Role, hashed: str) -> Account:
        if isinstance(name, str) and self.accounts.get(name) is None:
            # One of that name may have gone, and the plug been pulled before all that it gave had gone too.
            self._disown(name)
        return self.accounts.create(name, role, hashed)

    async def remove(self, user: str) -> None:
        """An account goes, and everything that it gave: sessions, tokens, links. Raises what `Accounts.remove` does."""
        await self._writer.durably(self._forget, user)
        self.sessions.end(lambda session: session.user == user)
        self._verified.forget()
        self.standing.end(lambda grant: grant.user == user)

    def _forget(self, user: str) -> None:
        self.accounts.remove(user)
        self._disown(user)

    def _disown(self, user: str) -> None:
        self.tokens.revoke(lambda token: token.user == user)
        self.links.revoke(lambda link: link.user == user)

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
            return self._given(self.links.opens(grant.link)) is not None
        if kind == "token" and all(token.id != name for token in self.tokens.all()):
            return False
        account = self.accounts.get(grant.user)
        return account is not None and account.role == grant.role

    def _given(self, link: Link | None) -> Link | None:
        """The link while who gave it still may give links."""
        account = self.accounts.get(link.user) if link is not None else None
        return link if account is not None and account.role != "viewer" else None

    def _session_grant(self, session: Session) -> Grant | None:
        source = f"session:{session.id}"
        if session.link:
            link = self._given(self.links.opens(session.link))
            if link is None:
                return None
            return Grant(f"guest ({link.label})", "viewer", source, frozenset(["view"]), link.id)
        account = self.accounts.get(session.user)
        return Grant(account.name, account.role, source) if account is not None else None
