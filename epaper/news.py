"""What the panel hears of the daemon: a status, or a silence of some kind."""

from __future__ import annotations

import enum

from app.status import Device


class Silence(enum.Enum):
    """Why there is no status."""

    STARTING = "starting"
    LATE = "late"
    """Not there, for longer than a start may take."""
    GONE = "gone"
    """Was there, and is expected back."""
    MUTE = "mute"
    """Somebody accepts, and does not say a word."""
    GARBLED = "garbled"


News = Device | Silence
