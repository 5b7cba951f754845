"""A daemon for the panel's tests: the status socket, and nothing behind it."""

from __future__ import annotations

import asyncio
from pathlib import Path
from types import TracebackType
from typing import Self

from app.status import Device
from app.status_line import to_json


class StatusDaemon:
    """Listens while the block lasts, greets whoever connects, and takes its connections along when it dies."""

    def __init__(self, path: Path, *greeting: Device | bytes, hang_up: bool = False) -> None:
        self.connected = asyncio.Event()
        self._path = path
        self._greeting = greeting
        self._hang_up = hang_up
        self._writers: list[asyncio.StreamWriter] = []

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_unix_server(self._serve, self._path)
        return self

    async def __aexit__(
        self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None
    ) -> None:
        self._server.close()
        self._path.unlink(missing_ok=True)  # Python 3.13 removes it itself
        for writer in self._writers:
            writer.close()

    def say(self, *news: Device | bytes) -> None:
        """To everybody connected."""
        for writer in self._writers:
            writer.writelines(line if isinstance(line, bytes) else to_json(line) + b"\n" for line in news)

    async def _serve(self, _: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.append(writer)
        self.connected.set()
        writer.writelines(line if isinstance(line, bytes) else to_json(line) + b"\n" for line in self._greeting)
        if self._hang_up:
            writer.close()
