"""Passwords: made, hashed and checked with scrypt at 16 MiB."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import os
import secrets
from dataclasses import dataclass

_ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"
"""Without characters that are mistaken for one another on a small panel: 31 of them, 4.95 bits each."""


def generate() -> str:
    """A fresh random password of 59 bits, in three groups to be read from the panel."""
    return "-".join("".join(secrets.choice(_ALPHABET) for _ in range(4)) for _ in range(3))


@dataclass(frozen=True, slots=True)
class Hash:
    """A stored password."""

    salt: bytes
    digest: bytes


def digest(password: str) -> Hash:
    """Hash with a fresh salt. Takes 16 MiB and, on the board, a good part of a second."""
    salt = os.urandom(16)
    return Hash(salt, _scrypt(password, salt))


def matches(password: str, stored: Hash) -> bool:
    """Whether it is the password; takes as long as `digest`, right or wrong."""
    return hmac.compare_digest(_scrypt(password, stored.salt), stored.digest)


def _scrypt(password: str, salt: bytes) -> bytes:
    return hashlib.scrypt(password.encode(), salt=salt, n=1 << 14, r=8, p=1, maxmem=1 << 25)


class Accounts:
    """Who may log in. Passwords are checked one at a time on another thread, so that the video never starves."""

    def __init__(self, accounts: dict[str, Hash]) -> None:
        self._accounts = accounts
        self._nobody = digest(generate())
        self._turn = asyncio.Semaphore(1)

    async def check(self, user: str, password: str) -> bool:
        """Whether user and password belong together; an unknown user takes as long as a known one."""
        stored = self._accounts.get(user, self._nobody)
        async with self._turn:
            right = await asyncio.get_running_loop().run_in_executor(None, matches, password, stored)
        return right and user in self._accounts
