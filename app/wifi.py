"""What all parts have to agree on about a Wi-Fi network: its name, what it asks for, and which network is which."""

from __future__ import annotations

import re
import uuid
from typing import Final

ACCEPTED: Final = "8 to 63 bytes without control characters, or 64 hexadecimal digits"
"""What `is_secret` accepts, in words."""
_KEY: Final = re.compile(r"[0-9A-Fa-f]{64}")


def identity(ssid: bytes) -> str:
    """NetworkManager's name for the connection: the same however the network came to be known, so that it is changed and not doubled."""
    return str(uuid.uuid5(uuid.NAMESPACE_OID, ssid.hex()))


def is_name(ssid: bytes) -> bool:
    """An SSID: IEEE 802.11 lets it have any 32 bytes, and one without any is nobody's name."""
    return 1 <= len(ssid) <= 32


def is_key(text: str) -> bool:
    """The 64 hexadecimal digits of WPA's 256-bit key."""
    return _KEY.fullmatch(text) is not None


def is_secret(text: str) -> bool:
    """A passphrase or a key, as far as the device can use one.

    IEEE 802.11 (J.4.1) has 8 to 63 ASCII characters in mind. What makes a key of them counts bytes, here and in access
    points, so that other letters do as well. NetworkManager looks at the length alone (nm_utils_wpa_psk_valid), and
    wpa_supplicant then refuses control characters (wpa_config_parse_psk), which nobody would be told.
    """
    try:
        letters = text.encode()
    except UnicodeEncodeError:  # half a surrogate pair, which JSON lets through
        return False
    printable = all(byte >= 32 and byte != 127 for byte in letters)
    return is_key(text) or (8 <= len(letters) <= 63 and printable)


def shown(ssid: bytes) -> str:
    """Its name as it may be shown: any bytes are one, control characters and broken UTF-8 included."""
    text = ssid.decode("utf-8", "backslashreplace")
    return "".join(letter if letter.isprintable() else letter.encode("unicode_escape").decode() for letter in text)
