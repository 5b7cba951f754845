"""One-time codes. Source: RFC 6238 (TOTP), RFC 4226 5.3 (truncation), and the otpauth URI that every app reads."""

from __future__ import annotations

import base64
import hashlib
import hmac
from urllib.parse import quote

from app.chance import Chance

PERIOD = 30
"""Seconds that a code is shown."""
DIGITS = 6
SKEW = 1
"""Periods that the two clocks may be apart."""
RECOVERY_CODES = 8
_BASE32 = "abcdefghijklmnopqrstuvwxyz234567"
"""RFC 4648, 6, in small letters: 5 bits each."""


def new_secret(chance: Chance) -> str:
    """160 random bits in base32, as an app takes them."""
    return base64.b32encode(chance.draw(20)).decode()


def is_secret(text: str) -> bool:
    """Whether it is one of `new_secret`."""
    try:
        return len(base64.b32decode(text)) == 20
    except ValueError:
        return False


def is_code(text: str) -> bool:
    """Whether it looks like one."""
    return len(text) == DIGITS and text.isascii() and text.isdigit()


def code(secret: str, step: int) -> str:
    """The code of one period since the epoch."""
    mac = hmac.digest(base64.b32decode(secret), step.to_bytes(8, "big"), "sha1")
    at = mac[-1] & 15
    return f"{(int.from_bytes(mac[at : at + 4], 'big') & 0x7FFFFFFF) % 10**DIGITS:0{DIGITS}}"


def step_of(secret: str, shown: str, now: float) -> int | None:
    """The period whose code was shown, None when it is not one of about now. `now` is in seconds since the epoch."""
    current = int(now) // PERIOD
    for step in range(max(0, current - SKEW), current + SKEW + 1):
        if hmac.compare_digest(code(secret, step).encode(), shown.encode("utf-8", "surrogatepass")):
            return step
    return None


def uri(secret: str, user: str, host: str) -> str:
    """What the QR code of the enrolment says."""
    return f"otpauth://totp/{quote(host)}:{quote(user)}?secret={secret}&issuer={quote(host)}"


def new_recovery_codes(chance: Chance) -> list[str]:
    """Codes for the day the phone is lost; each of 50 bits works once."""
    return [chance.text(_BASE32, 10) for _ in range(RECOVERY_CODES)]


def recovery_hash(shown: str) -> str:
    """What is kept of a recovery code; however it was typed."""
    plain = shown.strip().lower().replace("-", "").replace(" ", "")
    return hashlib.sha256(plain.encode("utf-8", "surrogatepass")).hexdigest()
