"""Puts the front door together from the files below the state folder's `access/`: removing that folder resets access."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path

from app.auth.accounts import Account, Accounts
from app.auth.audit import Audit
from app.auth.claim import ClaimCode
from app.auth.gate import Gate
from app.auth.hasher import Hasher
from app.auth.limiter import Limiter
from app.auth.links import Links
from app.auth.sessions import Sessions
from app.auth.store import FOLDER, HOSTS, Store
from app.auth.tokens import Tokens
from app.auth.verified import Verified
from app.auth.verifier import Verifier
from app.chance import Chance
from app.clock import Clock
from app.writer import Writer


def open_gate(state: Path, presets: Mapping[str, Account], clock: Clock, chance: Chance, writer: Writer) -> Gate:
    """The gate.

    Args:
        state: the state folder.
        presets: accounts that come from outside at every start.
        clock: the time of day, where it is known.
        chance: where secrets come from.
        writer: makes changes to what is kept.

    Raises:
        BadState: a file cannot be used.
        OSError: the claim code of a device that nobody owns cannot be kept.
    """
    folder, hasher = state / FOLDER, Hasher(chance)
    accounts = Accounts(Store(folder / "accounts.json"), presets)
    claim = ClaimCode(Store(folder / "claim.json"), chance)
    audit = Audit(state / "audit.log", clock.true, clock.uptime, writer)
    if not len(accounts):
        claim.show()
    verifier = Verifier(
        accounts=accounts,
        limiter=Limiter(time.monotonic),
        hasher=hasher,
        audit=audit,
        writer=writer,
        clock=clock.true,
    )
    return Gate(
        accounts=accounts,
        sessions=Sessions(time.monotonic, chance),
        tokens=Tokens(Store(folder / "tokens.json"), chance),
        links=Links(Store(folder / "links.json"), clock, chance),
        claim=claim,
        verifier=verifier,
        verified=Verified(time.monotonic, chance),
        hasher=hasher,
        writer=writer,
        audit=audit,
        clock=clock.true,
    )


def extra_hosts(state: Path) -> list[str]:
    """Names that came from the card's first partition, one per line; nothing where there is no such file."""
    try:
        lines = (state / HOSTS).read_text("utf-8", "replace").splitlines()
    except OSError:
        return []
    return [line.strip() for line in lines[:32] if line.strip() and not line.startswith("#")]
