"""Why a card cannot be written, or was written in vain."""

from __future__ import annotations


class FlashError(Exception):
    """What went wrong, in words for the person at the terminal."""


class BadImage(FlashError):
    """The image cannot be used: found before the card is touched, or while it is unpacked."""


class NotThisDisk(FlashError):
    """The disk is refused; nothing was written."""


class CardFailed(FlashError):
    """The card does not take what it is given, or does not give it back."""
