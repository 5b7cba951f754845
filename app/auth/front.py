"""Puts the front door together from the files below the state folder's `access/`: removing that folder resets access."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from app.auth.accounts import Account, Accounts
from app.auth.audit import Audit
from app.auth.claim import ClaimCode
from app.auth.gate import Gate
from app.auth.limiter import Limiter
from app.auth.links import Links
from app.auth.passwords import Hasher
from app.auth.sessions import Sessions
from app.auth.store import Store
from app.auth.tokens import Tokens
from app.auth.verified import Verified

FOLDER = "access"
HOSTS = "hosts.txt"


def open_gate(
    state: Path, presets: Mapping[str, Account], clock: Callable[[], float], built: float
) -> tuple[Gate, Callable[[], None]]:
    """The gate, and what frees it.

    Args:
        state: the state folder.
        presets: accounts that come from outside at every start.
        clock: seconds since the epoch, as far as the device knows.
        built: when the software was built: a clock before that is wrong.

    Raises:
        BadState: a file cannot be used.
    """
    folder = state / FOLDER
    writer = ThreadPoolExecutor(1, "audit")
    hasher = Hasher()

    def known() -> float | None:
        now = clock()
        return now if now >= built else None

    gate = Gate(
        accounts=Accounts(Store(folder / "accounts.json"), presets),
        sessions=Sessions(time.monotonic),
        tokens=Tokens(Store(folder / "tokens.json")),
        links=Links(Store(folder / "links.json"), clock),
        claim=ClaimCode(Store(folder / "claim.json")),
        limiter=Limiter(time.monotonic),
        verified=Verified(time.monotonic),
        hasher=hasher,
        audit=Audit(state / "audit.log", known, lambda: time.clock_gettime(time.CLOCK_BOOTTIME), writer),
        clock=clock,
    )

    def close() -> None:
        hasher.close()
        writer.shutdown()

    return gate, close


def extra_hosts(state: Path) -> list[str]:
    """Names that came from the card's first partition, one per line; nothing where there is no such file."""
    try:
        lines = (state / HOSTS).read_text("utf-8", "replace").splitlines()
    except OSError:
        return []
    return [line.strip() for line in lines[:32] if line.strip() and not line.startswith("#")]
