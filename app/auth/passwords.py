"""Passwords: made, hashed and checked with scrypt at 16 MiB, one at a time."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import os
import secrets
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from app.auth import crypt3
from app.auth.errors import NotAcceptable

_Result = TypeVar("_Result")

ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"
"""Without characters that are mistaken for one another on a small panel: 31 of them, 4.95 bits each."""
LEAST = 10
"""Characters of a password."""
MOST = 256

_WORST = Path(__file__).with_name("worst.txt")
"""The worst of the long ones: heads of public lists of leaked passwords, and what people call such a device."""


def generate() -> str:
    """A fresh random password of 59 bits, in three groups to be read from the panel."""
    return "-".join("".join(secrets.choice(ALPHABET) for _ in range(4)) for _ in range(3))


def acceptable(password: object, user: str) -> str:
    """A new password from outside. Raises NotAcceptable in words; they never contain it."""
    if not isinstance(password, str) or not LEAST <= len(password) <= MOST:
        raise NotAcceptable(f"a password has {LEAST} to {MOST} characters")
    if not password.isprintable():
        raise NotAcceptable("a password has characters that can be typed: no line ends or other control characters")
    plain = password.lower()
    if (
        plain in _WORST.read_text().split()
        or len(set(plain)) < 4
        or (user and plain.strip("0123456789!.") == user.lower())
    ):
        raise NotAcceptable("this password is among the first that are tried: choose another")
    return password


def digest(password: str) -> str:
    """Hash with a fresh salt. Takes 16 MiB and, on the board, a good part of a second."""
    salt = os.urandom(16)
    return f"scrypt:{salt.hex()}:{_scrypt(password, salt).hex()}"


def matches(password: str, stored: str) -> bool:
    """Whether it is the password; takes as long as `digest`, right or wrong. A crypt(3) hash is checked by libcrypt."""
    method, _, rest = stored.partition(":")
    if method != "scrypt":
        return crypt3.matches(password, stored)
    salt, _, expected = rest.partition(":")
    return hmac.compare_digest(_scrypt(password, bytes.fromhex(salt)), bytes.fromhex(expected))


def is_hash(stored: str) -> bool:
    """Whether `matches` can check against it."""
    try:
        method, salt, expected = stored.split(":")
        return method == "scrypt" and len(bytes.fromhex(salt)) >= 8 and len(bytes.fromhex(expected)) == 64
    except ValueError:
        return crypt3.is_hash(stored)


def is_old(stored: str) -> bool:
    """Whether it should be hashed anew at the next chance: it came from elsewhere."""
    return not stored.startswith("scrypt:")


def _scrypt(password: str, salt: bytes) -> bytes:
    # An odd character from outside must not be an error of ours: surrogates are hashed as they came.
    secret = password.encode("utf-8", "surrogatepass")
    return hashlib.scrypt(secret, salt=salt, n=1 << 14, r=8, p=1, maxmem=1 << 25)


class Hasher:
    """Does the slow part on one thread of low priority: one password at a time, and the video never starves."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, "passwords", _step_back)
        self._nobody = f"scrypt:{'00' * 16}:{'00' * 64}"

    async def matches(self, password: str, stored: str | None) -> bool:
        """`matches`; without a hash, which is an unknown user, it takes as long and is False."""
        return await self._run(matches, password, stored or self._nobody) and stored is not None

    async def digest(self, password: str) -> str:
        """`digest`."""
        return await self._run(digest, password)

    def close(self) -> None:
        """End the thread when it is idle."""
        self._thread.shutdown(wait=False, cancel_futures=True)

    async def _run(self, function: Callable[..., _Result], *arguments: object) -> _Result:
        return await asyncio.get_running_loop().run_in_executor(self._thread, function, *arguments)


def _step_back() -> None:
    """A thread has a nice value of its own on Linux (setpriority(2), C library/kernel differences)."""
    os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), 10)
