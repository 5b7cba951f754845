"""Randomness: the one place that asks the kernel for any. Whoever needs some is given this, as the time is.

Keys and serial numbers of certificates are the exception: the library that makes them draws for itself.
"""

from __future__ import annotations

import base64
import os
from collections.abc import Callable

_VALUES = 256
"""Of a byte."""


class Chance:
    """What cannot be guessed.

    Args:
        draw: gives as many random bytes as it is asked for; the kernel's are good for secrets from the start on (getrandom(2)).
    """

    def __init__(self, draw: Callable[[int], bytes] = os.urandom) -> None:
        self.draw = draw

    def token(self, count: int) -> str:
        """So many random bytes as text that fits into a URL: base64url without padding. Source: RFC 4648, 5."""
        return base64.urlsafe_b64encode(self.draw(count)).decode().rstrip("=")

    def text(self, alphabet: str, length: int) -> str:
        """So many characters of an alphabet of 256 at most, each as likely as any other."""
        # A byte beyond the last whole multiple would favour the alphabet's beginning: it is drawn again.
        fair = _VALUES - _VALUES % len(alphabet)
        chosen = ""
        while len(chosen) < length:
            drawn = self.draw(length - len(chosen))
            chosen += "".join(alphabet[byte % len(alphabet)] for byte in drawn if byte < fair)
        return chosen
