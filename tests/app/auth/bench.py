"""The front door on a fake clock, with a hasher that costs nothing: what is tested here is who gets in."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from app.auth.accounts import Accounts
from app.auth.audit import Audit
from app.auth.claim import ClaimCode
from app.auth.gate import Gate, Visitor
from app.auth.limiter import Limiter
from app.auth.links import Links
from app.auth.passwords import Hasher
from app.auth.sessions import Sessions
from app.auth.store import Store
from app.auth.tokens import Tokens
from app.auth.verified import Verified

HOME = Visitor("192.168.1.10", "Firefox")
AWAY = Visitor("192.168.1.66", "curl")
NOW = 1_800_000_000.0


class QuickHasher(Hasher):
    """Counts, and keeps what it has seen instead of computing it."""

    def __init__(self) -> None:
        super().__init__()
        self.looks = 0

    async def matches(self, password: str, stored: str | None) -> bool:
        self.looks += 1
        if stored is not None and not stored.startswith("scrypt:"):
            return await super().matches(password, stored)
        return stored == quick(password)

    async def digest(self, password: str) -> str:
        return quick(password)


def quick(password: str) -> str:
    """Looks like a hash of the password."""
    return f"scrypt:{'00' * 16}:{password.encode().hex():0<128}"


class Bench:
    """Everything the gate is made of, on a folder; `again` is a restart."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.time = 0.0
        self.again()

    def again(self) -> None:
        """Read the files anew, as after a power cut that waited for the audit log."""
        if hasattr(self, "gate"):
            self.gate.audit.entries().result()
        folder = self.folder
        self.hasher = QuickHasher()
        self.writer = ThreadPoolExecutor(1)
        self.claim = ClaimCode(Store(folder / "claim.json"))
        self.accounts = Accounts(Store(folder / "accounts.json"), {})
        self.gate = Gate(
            accounts=self.accounts,
            sessions=Sessions(self.clock),
            tokens=Tokens(Store(folder / "tokens.json")),
            links=Links(Store(folder / "links.json"), self.wall),
            claim=self.claim,
            limiter=Limiter(self.clock),
            verified=Verified(self.clock),
            hasher=self.hasher,
            audit=Audit(folder / "audit.log", self.wall, self.clock, self.writer),
            clock=self.wall,
        )

    def clock(self) -> float:
        return self.time

    def wall(self) -> float:
        return NOW + self.time

    def add(self, name: str, role: str = "operator", password: str = "correct horse") -> None:
        self.accounts.create(name, role, quick(password))  # type: ignore[arg-type]

    def audited(self) -> list[str]:
        """The events so far, the oldest first."""
        return [entry["event"] for entry in reversed(self.gate.audit.entries().result())]
