"""What a request asks for behind its question mark, read with PiKVM's eyes and refused in words."""

from __future__ import annotations

from tornado.web import RequestHandler

from app.web import errors

_DIGITS = 9


def whole(text: str) -> int | None:
    """The number that decimal digits stand for; None for anything else, and for more of them than any number here has."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _DIGITS else None


def number(handler: RequestHandler, name: str, otherwise: int, least: int, most: int) -> int:
    """A whole number. As with PiKVM, yes and no are 1, true, yes and 0, false, no. Raises BadRequest."""
    text = handler.get_query_argument(name, str(otherwise)).lower()
    text = {"true": "1", "yes": "1", "false": "0", "no": "0"}.get(text, text) if most == 1 else text
    value = whole(text)
    if value is None or not least <= value <= most:
        raise errors.BadRequest(f"{name} has value {errors.shown(text)}, expected a number from {least} to {most}")
    return value


def seconds(handler: RequestHandler, name: str, otherwise: float, most: float) -> float:
    """A time. Raises BadRequest."""
    text = handler.get_query_argument(name, str(otherwise))
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value <= most:  # which is also untrue of NaN
        raise errors.BadRequest(f"{name} has value {errors.shown(text)}, expected seconds from 0 to {most:g}")
    return value
