"""Passwords: made, hashed and checked with scrypt at 16 MiB."""

from __future__ import annotations

import hashlib
import hmac
from pathlib import Path

from app.auth import crypt3
from app.auth.errors import NotAcceptable
from app.chance import Chance

ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"
"""Without characters that are mistaken for one another on a small panel: 31 of them, 4.95 bits each."""
LEAST = 10
"""Characters of a password."""
MOST = 256

_WORST = Path(__file__).with_name("worst.txt")
"""The worst of the long ones: heads of public lists of leaked passwords, and what people call such a device."""


def generate(chance: Chance) -> str:
    """A fresh random password of 59 bits, in three groups to be read from the panel."""
    return "-".join(chance.text(ALPHABET, 4) for _ in range(3))


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


def digest(password: str, chance: Chance) -> str:
    """Hash with a fresh salt. Takes 16 MiB and, on the board, a good part of a second."""
    salt = chance.draw(16)
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
