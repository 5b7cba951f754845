"""The kernel's errors become a part's own, where they happen."""

from __future__ import annotations

from collections.abc import Callable
from types import TracebackType


class Reported:
    """Raises what `translate` makes of an OSError that ends its `with` block.

    A generator as context manager would be shorter, but its frame and the error hold each other, and with them whatever the callers hold,
    an encoder's memory for one, until the collector comes by.
    """

    __slots__ = ("_translate",)

    def __init__(self, translate: Callable[[OSError], Exception]) -> None:
        self._translate = translate

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, error: BaseException | None, trace: TracebackType | None) -> None:
        if isinstance(error, OSError):
            raise self._translate(error) from error
