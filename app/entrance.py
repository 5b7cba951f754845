"""How one gets in: the certificate, and the accounts."""

from __future__ import annotations

import argparse
import datetime
from pathlib import Path

from app.auth import front, passwords
from app.auth.accounts import Account
from app.auth.certificates import Certificates
from app.auth.errors import BadState
from app.auth.gate import Gate
from app.auth.issuer import Issuer
from app.chance import Chance
from app.clock import Clock
from app.options import USER, Misfit
from app.writer import Writer


def certificates(options: argparse.Namespace, hostname: str, clock: Clock) -> Certificates:
    """The certificate in force, as root's part has made it or as is made here. Raises Misfit."""
    built = datetime.datetime.fromtimestamp(Path(__file__).stat().st_mtime, datetime.UTC)
    try:
        return Certificates(options.state, options.runtime, hostname, Issuer(options.state, built, clock))
    except OSError as error:
        raise Misfit(f"cannot use {error.filename}: {error.strerror}; python3 -m app.auth makes it") from error
    except ValueError as error:
        raise Misfit(f"cannot make a certificate: {error}") from error


def gate(state: Path, password: str | None, clock: Clock, chance: Chance, writer: Writer) -> Gate:
    """The gate, with an administrator of that password if there is one. Raises Misfit."""
    presets = {} if password is None else {USER: Account(USER, "admin", passwords.digest(password, chance))}
    try:
        return front.open_gate(state, presets, clock, chance, writer)
    except (BadState, OSError) as error:
        raise Misfit(str(error)) from error
