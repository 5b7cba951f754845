"""Verifies crypt(3) hashes, as Raspberry Pi Imager writes them, through the system's libcrypt.

Python 3.13 has no `crypt` module any more. Source: crypt(3), crypt(5) of libxcrypt.
"""

from __future__ import annotations

import hmac

_PREFIXES = ("$y$", "$gy$", "$7$", "$2b$", "$2y$", "$2a$", "$6$", "$5$")
"""Methods that libxcrypt calls strong; DES and MD5 are not accepted."""


def is_hash(text: str) -> bool:
    """Whether it looks like a hash that `matches` can check."""
    return text.startswith(_PREFIXES)


def matches(password: str, stored: str) -> bool:
    """Whether it is the password. Not for two threads at once: libcrypt answers in a buffer of its own."""
    if not is_hash(stored) or "\0" in password:
        return False
    import ctypes  # few accounts come with such a hash

    crypt = ctypes.CDLL("libcrypt.so.1").crypt
    crypt.argtypes = [ctypes.c_char_p, ctypes.c_char_p]
    crypt.restype = ctypes.c_char_p
    # An odd character from outside must not be an error of ours: surrogates are hashed as they came.
    computed = crypt(password.encode("utf-8", "surrogatepass"), stored.encode())
    return computed is not None and hmac.compare_digest(computed, stored.encode())
