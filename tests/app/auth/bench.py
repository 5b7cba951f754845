"""The front door on a fake clock, with a hasher that costs nothing: what is tested here is who gets in."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from app.auth.accounts import Accounts
from app.auth.audit import Audit
from app.auth.claim import ClaimCode
from app.auth.gate import Gate
from app.auth.hasher import Hasher
from app.auth.limiter import Limiter
from app.auth.links import Links
from app.auth.sessions import Sessions
from app.auth.store import Store
from app.auth.tokens import Tokens
from app.auth.verified import Verified
from app.auth.verifier import Verifier
from app.auth.visitor import Visitor
from app.chance import Chance
from app.clock import Clock
from app.writer import Writer

HOME = Visitor("192.168.1.10", "Firefox")
AWAY = Visitor("192.168.1.66", "curl")
NOW = 1_800_000_000.0


T = TypeVar("T")


class QuickHasher(Hasher):
    """Counts, and keeps what it has seen instead of computing it."""

    def __init__(self) -> None:
        super().__init__(Chance())
        self.looks = 0

    async def matches(self, password: str, stored: str | None) -> bool:
        self.looks += 1
        if stored is not None and not stored.startswith("scrypt:"):
            return await super().matches(password, stored)
        return stored is not None and stored.rpartition(":")[2] == quick(password).rpartition(":")[2]

    async def digest(self, password: str) -> str:
        return quick(password)


def quick(password: str, salt: str = "00") -> str:
    """Looks like a hash of the password."""
    return f"scrypt:{salt * 16}:{password.encode().hex():0<128}"


class Bench:
    """Everything the gate is made of, on a folder; `again` is a restart."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.time = 0.0
        """Seconds since the machine's start; time passes by adding to it."""
        self.set = 0.0
        """Seconds that the clock was set forward since then, or back."""
        self.mark = folder / "synchronised"
        self.mark.touch()
        self.again()

    def again(self) -> None:
        """Read the files anew, as after a power cut that waited for the audit log."""
        if hasattr(self, "gate"):
            self.audit.entries().result()
        folder = self.folder
        self.day = Clock(self.mark, self.wall, self.clock)
        self.hasher = QuickHasher()
        self.writer = Writer()
        self.claim = ClaimCode(Store(folder / "claim.json"), Chance())
        self.accounts = Accounts(Store(folder / "accounts.json"), {})
        if not len(self.accounts):
            self.writer.submit(self.claim.show).result()
        self.audit = Audit(folder / "audit.log", self.day.true, self.clock, self.writer)
        self.verifier = Verifier(
            accounts=self.accounts,
            limiter=Limiter(self.clock),
            hasher=self.hasher,
            audit=self.audit,
            writer=self.writer,
            clock=self.day.true,
        )
        self.gate = Gate(
            accounts=self.accounts,
            sessions=Sessions(self.clock, Chance()),
            tokens=Tokens(Store(folder / "tokens.json"), Chance()),
            links=Links(Store(folder / "links.json"), self.day, Chance()),
            claim=self.claim,
            writer=self.writer,
            verifier=self.verifier,
            verified=Verified(self.clock, Chance()),
            hasher=self.hasher,
            audit=self.audit,
            clock=self.day.true,
        )

    def clock(self) -> float:
        return self.time

    def wall(self) -> float:
        return NOW + self.time + self.set

    def add(self, name: str, role: str = "operator", password: str = "correct horse") -> None:
        self.do(self.accounts.create, name, role, quick(password))

    def do(self, change: Callable[..., T], *arguments: Any, **named: Any) -> T:
        """A change, made where all of them are: on the writer's thread."""
        return self.writer.submit(change, *arguments, **named).result()

    def audited(self) -> list[str]:
        """The events so far, the oldest first."""
        return [entry["event"] for entry in reversed(self.audit.entries().result())]
