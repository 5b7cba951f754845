"""Serves the status, claim included, to the panel: one JSON line at connect and one after every change."""

from __future__ import annotations

import asyncio
import logging
import socket
from pathlib import Path

from app import status_line
from app.bus import Bus

_log = logging.getLogger(__name__)


class StatusSocket:
    """A Unix socket that only the panel's group may open (mode 0660)."""

    def __init__(self, path: Path, bus: Bus) -> None:
        self._path = path
        self._bus = bus
        self._server: asyncio.Server | None = None
        self._panels: dict[asyncio.StreamWriter, asyncio.Task[None]] = {}

    async def start(self) -> None:
        """Listen; a socket left behind by an earlier run is replaced."""
        self._path.unlink(missing_ok=True)
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        listener.setblocking(False)
        listener.bind(str(self._path))
        self._path.chmod(0o660)
        self._server = await asyncio.start_unix_server(self._accept, sock=listener)

    async def stop(self) -> None:
        """Hang up on everybody."""
        if self._server is not None:
            self._server.close()
        for writer in self._panels:
            writer.close()
        await asyncio.gather(*self._panels.values())
        self._path.unlink(missing_ok=True)

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._panels[writer] = asyncio.ensure_future(self._serve(reader, writer))

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        tell = asyncio.ensure_future(self._tell(writer))
        try:
            while await reader.read(1024):
                pass  # panels say nothing: the loop ends when they are gone
        except ConnectionError:
            pass
        finally:
            tell.cancel()
            (error,) = await asyncio.gather(tell, return_exceptions=True)
            if not isinstance(error, ConnectionError | asyncio.CancelledError):
                _log.error("a panel's connection failed, and is closed", exc_info=error)
            writer.close()
            del self._panels[writer]

    async def _tell(self, writer: asyncio.StreamWriter) -> None:
        try:
            async for device in self._bus.changes():
                writer.write(status_line.to_json(device) + b"\n")
                await writer.drain()
        finally:
            writer.close()  # whatever ended this: who is not told any more has to notice
